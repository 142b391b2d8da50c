//! The tray: one task owns it, tells it what changed, and waits for ever for a desktop that shows one.

pub(crate) mod content;
mod items;
mod picture;
mod watcher;

use crate::{
    face::{self, Face},
    window,
};
use items::Shown;
use mcpproxy_menu::{Autostart, IconState, Menu};
use std::time::Duration;
use tauri::{
    AppHandle, Wry,
    tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent},
};
use tokio::{
    sync::{oneshot, watch},
    time::sleep,
};

/// Shortest time between two changes: four in a second.
const PACE: Duration = Duration::from_millis(250);
/// How long rows that come and go are gathered, so that an open menu is not rebuilt at every step.
const GATHER: Duration = Duration::from_millis(600);
/// How often texts are renewed that change with time alone.
const RENEW: Duration = Duration::from_secs(15);
/// How long a start waits for a desktop's panel before it shows the window instead.
const PANEL: Duration = Duration::from_secs(10);

/// Everything that the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Content {
    menu: Menu,
    icon: IconState,
    tooltip: String,
}

/// Keeps a tray for the life of the program.
pub(crate) async fn keep(app: AppHandle) {
    let face = face::of(&app);
    let mut changes = content::Changes::new(&face);
    let mut shown = appear(&app, &face, &mut changes).await;
    loop {
        sleep(PACE).await;
        changes.next(RENEW).await;
        let mut content = content(&face, changes.calls()).await;
        if !content.menu.same_shape(&shown.content.menu) {
            sleep(GATHER).await;
            content = self::content(&face, changes.calls()).await;
        }
        match on_main(&app, move |app| shown.turn_into(app, content)).await {
            Some(next) => shown = next,
            None => return,
        }
    }
}

/// What is to be shown now. The system's autostart entry is read anew: it is the truth.
async fn content(face: &Face, calls: usize) -> Content {
    let own = face.clone();
    let autostart =
        tokio::task::spawn_blocking(move || crate::autostart::row(&own)).await.unwrap_or(Autostart::Unknown);
    let input = content::input(face, autostart, calls);
    Content {
        menu: mcpproxy_menu::menu(&input),
        icon: mcpproxy_menu::icon(&input),
        tooltip: mcpproxy_menu::tooltip(&input),
    }
}

/// Tries until there is a tray.
async fn appear(app: &AppHandle, face: &Face, changes: &mut content::Changes) -> Shown {
    let mut rescue = Some(tauri::async_runtime::spawn(without_panel(app.clone(), face.tray.subscribe())));
    loop {
        let content = content(face, 0).await;
        changes.seen();
        let built = on_main(app, move |app| build(app, content)).await;
        match built {
            Some(Ok(shown)) => {
                face.tray.send_replace(Some(true));
                drop(rescue.take());
                tracing::info!("the tray shows the icon");
                return shown;
            }
            Some(Err(error)) => {
                tracing::info!(%error, "no tray here yet");
                face.tray.send_if_modified(|tray| tray.replace(false) != Some(false));
                watcher::panel_appears().await;
            }
            None => std::future::pending().await,
        }
    }
}

/// Without a tray nobody could reach a hidden program: its window is shown.
async fn without_panel(app: AppHandle, mut tray: watch::Receiver<Option<bool>>) {
    let missing = tokio::time::timeout(PANEL, tray.wait_for(|tray| *tray == Some(true))).await.is_err();
    if missing {
        tracing::warn!("{}", mcpproxy_messages::render("desktop_no_tray", &[]));
        window::show(app, "/").await;
    }
}

fn build(app: &AppHandle, content: Content) -> tauri::Result<Shown> {
    let (menu, rows) = items::build(app, &content.menu)?;
    let mut builder = TrayIconBuilder::<Wry>::with_id(mcpproxy_autostart::APP_ID)
        .icon(picture::of(content.icon))
        .menu(&menu)
        .tooltip(&content.tooltip)
        // Where menus open on the left button by habit, they do.
        .show_menu_on_left_click(cfg!(target_os = "macos"))
        .icon_as_template(cfg!(target_os = "macos"))
        .on_menu_event(|app, event| chosen(app, event.id().as_ref()))
        .on_tray_icon_event(clicked);
    if cfg!(target_os = "linux") {
        builder = builder.title("MCPProxy");
    }
    let tray = builder.build(app)?;
    Ok(Shown { content, rows, tray })
}

/// Handlers run on the thread that draws: they only pass on.
fn chosen(app: &AppHandle, id: &str) {
    if face::of(app).clicks.try_send(id.to_owned()).is_err() {
        tracing::warn!(id, "too many rows were chosen at once");
    }
}

fn clicked(tray: &TrayIcon<Wry>, event: TrayIconEvent) {
    let left_up = matches!(
        event,
        TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. }
    );
    if left_up && !cfg!(target_os = "macos") {
        chosen(tray.app_handle(), &mcpproxy_menu::Command::Open.to_string());
    }
}

/// Runs a step on the thread that draws and waits for it, with nothing locked meanwhile; none when the program ends.
async fn on_main<T: Send + 'static>(
    app: &AppHandle,
    step: impl FnOnce(&AppHandle) -> T + Send + 'static,
) -> Option<T> {
    let (tell, told) = oneshot::channel();
    let own = app.clone();
    app.run_on_main_thread(move || {
        let _ = tell.send(step(&own));
    })
    .ok()?;
    told.await.ok()
}
