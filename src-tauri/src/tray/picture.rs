//! Which picture each system's tray wants.

use mcpproxy_menu::{IconState, Ink, draw};
use tauri::image::Image;

/// The picture of a state.
pub(super) fn of(state: IconState) -> Image<'static> {
    let (ink, size) = wanted();
    let pixels = draw(state, ink, size);
    Image::new_owned(pixels.rgba, pixels.size, pixels.size)
}

/// Black on transparent at twice the height of the menu bar: the system colours it.
#[cfg(target_os = "macos")]
const fn wanted() -> (Ink, u32) {
    (Ink::Template, 36)
}

/// Taskbars are dark unless the person chose a light one; the coloured mark with its light edge is seen on both.
#[cfg(windows)]
const fn wanted() -> (Ink, u32) {
    (Ink::Coloured, 32)
}

/// Panels draw the picture as it is, on a ground of any colour.
#[cfg(not(any(windows, target_os = "macos")))]
const fn wanted() -> (Ink, u32) {
    (Ink::Coloured, 48)
}
