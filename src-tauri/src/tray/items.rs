//! From one menu to the next: texts and ticks change in place, rows only when there are others.

use super::{Content, picture};
use mcpproxy_menu::{Entry, Item};
use std::collections::HashMap;
use tauri::{
    AppHandle, Wry,
    menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu},
    tray::TrayIcon,
};

/// A row of the system's menu.
pub(super) enum Row {
    Item(MenuItem<Wry>),
    Check(CheckMenuItem<Wry>),
    Submenu(Submenu<Wry>),
}

/// Rows by their ids.
pub(super) type Rows = HashMap<String, Row>;

/// What the system shows now.
pub(super) struct Shown {
    pub(super) content: Content,
    pub(super) rows: Rows,
    pub(super) tray: TrayIcon<Wry>,
}

impl Shown {
    /// Shows something else. On the thread that draws.
    pub(super) fn turn_into(mut self, app: &AppHandle, next: Content) -> Self {
        if let Err(error) = self.change(app, &next) {
            tracing::warn!(%error, "the tray shows an old state");
        }
        self.content = next;
        self
    }

    fn change(&mut self, app: &AppHandle, next: &Content) -> tauri::Result<()> {
        if next.icon != self.content.icon {
            self.tray.set_icon_with_as_template(Some(picture::of(next.icon)), cfg!(target_os = "macos"))?;
        }
        if next.tooltip != self.content.tooltip {
            self.tray.set_tooltip(Some(&next.tooltip))?;
        }
        if next.menu.same_shape(&self.content.menu) {
            return self.retouch(&next.menu.0, &self.content.menu.0);
        }
        let (menu, rows) = build(app, &next.menu)?;
        self.tray.set_menu(Some(menu))?;
        self.rows = rows;
        Ok(())
    }

    /// The same rows with other words. A tick is compared with what the system shows: a click sets it by itself.
    fn retouch(&self, next: &[Entry], before: &[Entry]) -> tauri::Result<()> {
        for pair in next.iter().zip(before) {
            match pair {
                (Entry::Item(next), Entry::Item(before)) => self.retouch_item(next, before)?,
                (Entry::Submenu(next), Entry::Submenu(before)) => {
                    if let Some(Row::Submenu(row)) = self.rows.get(&next.id.to_string())
                        && next.text != before.text
                    {
                        row.set_text(plain(&next.text))?;
                    }
                    self.retouch(&next.entries, &before.entries)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn retouch_item(&self, next: &Item, before: &Item) -> tauri::Result<()> {
        match self.rows.get(&next.id.to_string()) {
            Some(Row::Item(row)) => {
                if next.text != before.text {
                    row.set_text(plain(&next.text))?;
                }
                if next.enabled != before.enabled {
                    row.set_enabled(next.enabled)?;
                }
            }
            Some(Row::Check(row)) => {
                if next.text != before.text {
                    row.set_text(plain(&next.text))?;
                }
                if next.enabled != before.enabled {
                    row.set_enabled(next.enabled)?;
                }
                let wanted = next.checked == Some(true);
                if row.is_checked()? != wanted {
                    row.set_checked(wanted)?;
                }
            }
            Some(Row::Submenu(_)) | None => {}
        }
        Ok(())
    }
}

/// Builds the system's menu. On the thread that draws.
pub(super) fn build(app: &AppHandle, menu: &mcpproxy_menu::Menu) -> tauri::Result<(Menu<Wry>, Rows)> {
    let mut rows = Rows::new();
    let root = Menu::new(app)?;
    for entry in &menu.0 {
        root.append(&*one(app, entry, &mut rows)?)?;
    }
    Ok((root, rows))
}

fn one(app: &AppHandle, entry: &Entry, rows: &mut Rows) -> tauri::Result<Box<dyn IsMenuItem<Wry>>> {
    Ok(match entry {
        Entry::Separator => Box::new(PredefinedMenuItem::separator(app)?),
        Entry::Item(item) => {
            let (id, text) = (item.id.to_string(), plain(&item.text));
            match item.checked {
                Some(checked) => {
                    let row = CheckMenuItem::with_id(app, &id, text, item.enabled, checked, None::<&str>)?;
                    rows.insert(id, Row::Check(row.clone()));
                    Box::new(row)
                }
                None => {
                    let row = MenuItem::with_id(app, &id, text, item.enabled, None::<&str>)?;
                    rows.insert(id, Row::Item(row.clone()));
                    Box::new(row)
                }
            }
        }
        Entry::Submenu(sub) => {
            let id = sub.id.to_string();
            let row = Submenu::with_id(app, &id, plain(&sub.text), true)?;
            for entry in &sub.entries {
                row.append(&*one(app, entry, rows)?)?;
            }
            rows.insert(id, Row::Submenu(row.clone()));
            Box::new(row)
        }
    })
}

/// In menus `&` marks the letter for the keyboard; ours are only letters.
fn plain(text: &str) -> String {
    text.replace('&', "&&")
}
