//! The one window: made when asked, hidden when closed, freed a minute later.
//!
//! No webview exists before somebody wants to see it, and none is kept for nothing: a hidden page still costs memory.

use crate::{
    face::{self, Face},
    place::{Place, is_on_a_screen, scale_at},
};
use std::time::Duration;
use tauri::{
    AppHandle, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
    webview::{Color, NewWindowResponse},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

/// The window's name, which the capability names as well.
pub(crate) const LABEL: &str = "main";
/// How long a page may take to paint before the window is shown as it is.
const PAINT: Duration = Duration::from_millis(500);
/// A page that has painted nothing by then has failed.
const LONGEST_PAINT: Duration = Duration::from_secs(30);
/// The background before the first paint, in light and in dark.
const LIGHT: Color = Color(0xf8, 0xfa, 0xfc, 0xff);
const DARK: Color = Color(0x0f, 0x14, 0x19, 0xff);
const SMALLEST: (f64, f64) = (640.0, 480.0);

/// Shows the window at a place of its pages; `/` leaves an open one where it is.
pub(crate) async fn show(app: AppHandle, route: &str) {
    let face = face::of(&app);
    if face.gate.is_wanted() {
        return;
    }
    face.shown.send_modify(|times| *times += 1);
    let shown = match app.get_webview_window(LABEL) {
        Some(window) => {
            go_to(&window, route);
            reveal(&window)
        }
        None => create(&app, &face, route).await,
    };
    if let Err(error) = shown {
        tracing::error!(%error, "the window cannot be shown");
        crate::dialog::tell(
            &app,
            &mcpproxy_messages::render("desktop_no_window", &[("detail", &error.to_string())]),
        );
    }
}

async fn create(app: &AppHandle, face: &Face, route: &str) -> tauri::Result<()> {
    let begin = Instant::now();
    let place = Place::read(&face.paths.data_dir);
    let mut painted = face.painted.subscribe();
    painted.mark_unchanged();
    let mut builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App(address(route).into()))
        .title("MCPProxy")
        .visible(false)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .inner_size(place.width, place.height)
        .background_color(if is_dark(app) { DARK } else { LIGHT })
        .on_navigation(is_ours)
        .on_new_window(|url, _| {
            tracing::debug!(%url, "a page asked for a window of its own and got none");
            NewWindowResponse::Deny
        })
        .devtools(cfg!(debug_assertions));
    builder = match place.left_top.filter(|corner| is_on_a_screen(app, *corner)) {
        // Places are kept in pixels of the screen, and a window that is built wants those of the desktop's scale.
        Some((left, top)) => {
            let scale = scale_at(app);
            builder.position(f64::from(left) / scale, f64::from(top) / scale)
        }
        None => builder.center(),
    };
    let window = builder.maximized(place.maximized).build()?;
    watch(&window, face.clone());
    tauri::async_runtime::spawn(tell_painted(painted.clone(), begin));
    // A page that does not paint in time is shown as it is.
    let _ = timeout(PAINT, painted.changed()).await;
    reveal(&window)
}

/// Notes how long it took until something could be seen.
async fn tell_painted(mut painted: watch::Receiver<u64>, begin: Instant) {
    if timeout(LONGEST_PAINT, painted.changed()).await.is_ok() {
        let milliseconds = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(milliseconds, "the window is painted");
    }
}

fn reveal(window: &WebviewWindow) -> tauri::Result<()> {
    #[cfg(target_os = "macos")]
    window.app_handle().set_activation_policy(tauri::ActivationPolicy::Regular)?;
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}

/// The page and the place in it: the pages read their place from the part after `#`.
fn address(route: &str) -> String {
    if route == "/" { "index.html".to_owned() } else { format!("index.html#{route}") }
}

fn go_to(window: &WebviewWindow, route: &str) {
    if route == "/" {
        return;
    }
    let Ok(mut url) = window.url() else { return };
    url.set_fragment(Some(route));
    if let Err(error) = window.navigate(url) {
        tracing::warn!(%error, "the window stays where it is");
    }
}

/// Only our own pages, as each system addresses them.
fn is_ours(url: &Url) -> bool {
    let own = url.scheme() == "tauri" && url.host_str() == Some("localhost")
        || url.scheme() == "http" && url.host_str() == Some("tauri.localhost");
    if !own {
        tracing::warn!(%url, "the window wanted to leave and was not let");
    }
    own
}

fn is_dark(app: &AppHandle) -> bool {
    // Without a window the system is asked through any that exists; else light is the lesser flash.
    app.webview_windows().values().next().and_then(|window| window.theme().ok()) == Some(tauri::Theme::Dark)
}

fn watch(window: &WebviewWindow, face: Face) {
    let owned = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            api.prevent_close();
            Place::of(&owned).write(&face.paths.data_dir);
            close(&owned, &face);
        }
    });
}

/// Hides it, and frees it unless it is wanted again meanwhile.
fn close(window: &WebviewWindow, face: &Face) {
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window cannot be hidden");
    }
    #[cfg(target_os = "macos")]
    if let Err(error) = window.app_handle().set_activation_policy(tauri::ActivationPolicy::Accessory) {
        tracing::debug!(%error, "the Dock keeps the icon");
    }
    let mut shown = face.shown.subscribe();
    shown.mark_unchanged();
    let (window, after) = (window.clone(), face.args.free_after);
    tauri::async_runtime::spawn(async move {
        if timeout(after, shown.changed()).await.is_err() {
            tracing::debug!("the hidden window is freed");
            if let Err(error) = window.destroy() {
                tracing::warn!(%error, "the hidden window keeps its memory");
            }
        }
    });
}

/// Remembers where an open window stands, at the end of the program.
pub(crate) fn remember(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        Place::of(&window).write(&face::of(app).paths.data_dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_let_in() {
        let ours = |text: &str| is_ours(&Url::parse(text).unwrap());
        assert!(ours("tauri://localhost/index.html#/servers/a"));
        assert!(ours("http://tauri.localhost/"));
        for foreign in [
            "https://example.com/",
            "http://localhost:8080/",
            "file:///etc/passwd",
            "tauri://evil/",
            "data:text/html,x",
        ] {
            assert!(!ours(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_place_in_the_pages_stands_after_the_sign() {
        assert_eq!(address("/"), "index.html");
        assert_eq!(address("/servers/a%20b"), "index.html#/servers/a%20b");
    }
}
