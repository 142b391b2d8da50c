//! The tray's menu as a panel sees it: read and clicked over the session's bus.

use std::collections::HashMap;

use zbus::blocking::{Connection, Proxy, connection::Builder, fdo::DBusProxy};
use zbus::names::BusName;
use zbus::zvariant::{OwnedValue, Structure, Value};

use super::{App, Screen};
use crate::wait::{GENEROUS, until};

/// A row of the menu.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The number by which it is clicked.
    pub id: i32,
    /// What it says; empty for separators.
    pub label: String,
    /// Whether its tick is set, for rows that have one.
    pub ticked: Option<bool>,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// Its rows, for submenus.
    pub rows: Vec<Self>,
}

/// The menu of a running application.
pub struct Menu {
    bus: Connection,
    service: String,
}

/// Whether anybody holds a name on the screen's bus.
pub fn has_owner(screen: &Screen, name: &str) -> bool {
    let bus = connect(screen);
    let name = BusName::try_from(name).expect("a name");
    DBusProxy::new(&bus).and_then(|proxy| Ok(proxy.name_has_owner(name)?)).unwrap_or(false)
}

fn connect(screen: &Screen) -> Connection {
    Builder::address(screen.bus.as_str()).and_then(Builder::build).expect("the session's bus")
}

impl Menu {
    /// Waits until the application's one tray is on the bus. Attempts count in its name.
    pub fn of(screen: &Screen, app: &App) -> Self {
        let beginning = format!("org.kde.StatusNotifierItem-{}-", app.pid());
        let bus = connect(screen);
        let proxy = DBusProxy::new(&bus).expect("the bus itself");
        let service = until("the tray", GENEROUS, || {
            let names = proxy.list_names().map_err(|error| error.to_string())?;
            let mine: Vec<String> =
                names.iter().map(ToString::to_string).filter(|name| name.starts_with(&beginning)).collect();
            match mine.as_slice() {
                [one] => Ok(one.clone()),
                others => Err(format!("{others:?}\n{}", crate::proxy::tail(&app.output(), 5))),
            }
        });
        drop(proxy);
        Self { bus, service }
    }

    fn proxy<'a>(&'a self, path: &'a str, interface: &'a str) -> Proxy<'a> {
        Proxy::new(&self.bus, self.service.as_str(), path, interface).expect("a proxy")
    }

    /// A text property of the item, such as its tooltip.
    pub fn tooltip(&self) -> String {
        let item = self.proxy("/StatusNotifierItem", "org.kde.StatusNotifierItem");
        let value: OwnedValue = item.get_property("ToolTip").expect("a tooltip");
        let tip: Structure<'_> = value.downcast_ref().expect("its parts");
        match tip.fields().get(3) {
            Some(Value::Str(text)) => text.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// The bytes of the icon.
    pub fn icon(&self) -> Vec<u8> {
        let item = self.proxy("/StatusNotifierItem", "org.kde.StatusNotifierItem");
        let pictures: Vec<(i32, i32, Vec<u8>)> = item.get_property("IconPixmap").expect("an icon");
        pictures.into_iter().next().expect("a picture").2
    }

    /// Presses the left button on the icon.
    pub fn press_icon(&self) {
        let item = self.proxy("/StatusNotifierItem", "org.kde.StatusNotifierItem");
        item.call_method("Activate", &(0, 0)).expect("a press");
    }

    /// The revision of the layout: it grows when rows come or go.
    pub fn revision(&self) -> u32 {
        self.layout().expect("a layout").0
    }

    /// All rows.
    pub fn rows(&self) -> Vec<Row> {
        self.layout().expect("a layout").1
    }

    fn layout(&self) -> Result<(u32, Vec<Row>), String> {
        type Root = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let menu = self.proxy("/MenuBar", "com.canonical.dbusmenu");
        let names: Vec<&str> = Vec::new();
        let answer: zbus::Result<(u32, Root)> = menu.call("GetLayout", &(0, -1, names));
        let (revision, root) = answer.map_err(|error| error.to_string())?;
        Ok((revision, root.2.iter().map(|child| row(child)).collect()))
    }

    /// The first row whose text begins so, in the menu or in any submenu.
    pub fn find(&self, beginning: &str) -> Option<Row> {
        find(&self.rows(), beginning)
    }

    /// The row of a path of texts, each the beginning of a row.
    pub fn at(&self, path: &[&str]) -> Result<Row, String> {
        let mut rows = self.layout()?.1;
        let mut found = Row::default();
        for beginning in path {
            let next = rows.iter().find(|row| row.label.starts_with(beginning)).cloned();
            found = next.ok_or_else(|| format!("no {beginning:?} among {:#?}", labels(&rows)))?;
            rows = found.rows.clone();
        }
        Ok(found)
    }

    /// Waits for the row of a path.
    pub fn wait_for(&self, path: &[&str]) -> Row {
        self.wait_until(path, |_| true)
    }

    /// Waits until the row of a path is as wanted.
    pub fn wait_until(&self, path: &[&str], wanted: impl Fn(&Row) -> bool) -> Row {
        until(&format!("the row {path:?}"), GENEROUS, || {
            let row = self.at(path)?;
            if wanted(&row) { Ok(row) } else { Err(format!("{row:?}")) }
        })
    }

    /// Clicks the row of a path as soon as it is there.
    pub fn click(&self, path: &[&str]) {
        let row = self.wait_for(path);
        let menu = self.proxy("/MenuBar", "com.canonical.dbusmenu");
        let clicked = menu.call_method("Event", &(row.id, "clicked", Value::from(0), 0_u32));
        match clicked {
            // Some rows end the program, which then has no time for an answer.
            Err(zbus::Error::MethodError(name, ..)) if name.as_str().ends_with(".NoReply") => {}
            other => drop(other.expect("a click")),
        }
    }
}

/// The texts of rows.
pub fn labels(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| row.label.clone()).collect()
}

fn find(rows: &[Row], beginning: &str) -> Option<Row> {
    rows.iter().find_map(|row| {
        if row.label.starts_with(beginning) { Some(row.clone()) } else { find(&row.rows, beginning) }
    })
}

fn row(value: &Value<'_>) -> Row {
    let value = match value {
        Value::Value(inner) => inner,
        other => other,
    };
    let Value::Structure(parts) = value else { panic!("no row: {value:?}") };
    let [Value::I32(id), Value::Dict(properties), Value::Array(children)] = parts.fields() else {
        panic!("no row: {parts:?}")
    };
    let text = |name: &str| properties.get::<_, String>(&name).ok().flatten().unwrap_or_default();
    let ticked = properties.get::<_, i32>(&"toggle-state").ok().flatten().map(|state| state == 1);
    let enabled = properties.get::<_, bool>(&"enabled").ok().flatten().unwrap_or(true);
    // A single underscore would mark a letter for the keyboard; two stand for one.
    let label = text("label").replace("__", "_");
    Row { id: *id, label, ticked, enabled, rows: children.iter().map(row).collect() }
}
