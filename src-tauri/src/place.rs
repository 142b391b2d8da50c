//! Size and place of the window, kept in the data folder.

use serde::{Deserialize, Serialize};
use std::{fs, path::Path};
use tauri::{AppHandle, LogicalSize, WebviewWindow};

const FILE: &str = "window.json";

/// Where the window stood the last time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// In pixels of the desktop's scale.
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// In pixels of the screen; none where the system decides.
    pub(crate) left_top: Option<(i32, i32)>,
    pub(crate) maximized: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self { width: 960.0, height: 640.0, left_top: None, maximized: false }
    }
}

impl Place {
    /// Reads it; the default when there is none that makes sense.
    pub(crate) fn read(data_dir: &Path) -> Self {
        let text = fs::read_to_string(data_dir.join(FILE)).unwrap_or_default();
        let place: Self = serde_json::from_str(&text).unwrap_or_default();
        let sane = (320.0..20_000.0).contains(&place.width) && (240.0..20_000.0).contains(&place.height);
        if sane { place } else { Self::default() }
    }

    /// Writes it; a window that forgets its place is no reason to fail.
    pub(crate) fn write(self, data_dir: &Path) {
        let written = serde_json::to_string(&self)
            .map_err(std::io::Error::other)
            .and_then(|text| fs::write(data_dir.join(FILE), text));
        if let Err(error) = written {
            tracing::debug!(%error, "the window's place is not kept");
        }
    }

    /// Where a window stands now.
    pub(crate) fn of(window: &WebviewWindow) -> Self {
        let default = Self::default();
        let scale = window.scale_factor().unwrap_or(1.0);
        let maximized = window.is_maximized().unwrap_or(false);
        let size = window.inner_size().map(|size| size.to_logical::<f64>(scale));
        let size = size.unwrap_or(LogicalSize::new(default.width, default.height));
        let left_top = window.outer_position().ok().map(|place| (place.x, place.y));
        // The size before it was maximized is not known here; the default serves.
        let (width, height) =
            if maximized { (default.width, default.height) } else { (size.width, size.height) };
        Self { width, height, left_top, maximized }
    }
}

/// Whether a corner still lies on a screen.
pub(crate) fn is_on_a_screen(app: &AppHandle, (left, top): (i32, i32)) -> bool {
    app.available_monitors().is_ok_and(|screens| {
        screens.iter().any(|screen| {
            let (corner, size) = (screen.position(), screen.size());
            let within = |at: i32, from: i32, length: u32| {
                i64::from(at) >= i64::from(from) && i64::from(at) < i64::from(from) + i64::from(length)
            };
            within(left, corner.x, size.width) && within(top, corner.y, size.height)
        })
    })
}

/// The scale of the main screen.
pub(crate) fn scale_at(app: &AppHandle) -> f64 {
    app.primary_monitor().ok().flatten().map_or(1.0, |screen| screen.scale_factor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_kept_and_nonsense_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Place::read(folder.path()), Place::default());
        let place = Place { width: 800.0, height: 600.0, left_top: Some((-5, 7)), maximized: true };
        place.write(folder.path());
        assert_eq!(Place::read(folder.path()), place);
        Place { width: 1.0, ..place }.write(folder.path());
        assert_eq!(Place::read(folder.path()), Place::default());
    }
}
