//! Rendering the drawings, each size from the drawing that is made for it.

use std::path::Path;

use anyhow::{Context, Result};
use resvg::{tiny_skia, usvg};

use super::containers::{self, Picture};
use super::{ICNS_SIZES, ICO_SIZES, PICTURES};

/// Up to this size the drawing on a grid of 16 pixels is the clearer one.
const SMALL: u32 = 32;

/// Every file with its bytes.
pub(super) fn all(sources: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let drawing = |name: &str| -> Result<usvg::Tree> {
        let path = sources.join(name);
        let text = std::fs::read(&path).with_context(|| format!("there is no {}", path.display()))?;
        Ok(usvg::Tree::from_data(&text, &usvg::Options::default())?)
    };
    let (large, small, macos) =
        (drawing("icon.svg")?, drawing("icon-small.svg")?, drawing("icon-macos.svg")?);
    let mark = |size| if size <= SMALL { &small } else { &large };
    let mut files = Vec::new();
    for (name, size) in PICTURES {
        files.push(((*name).to_owned(), render(mark(*size), *size)?.png));
    }
    let pictures = ICO_SIZES.iter().map(|size| render(mark(*size), *size)).collect::<Result<Vec<_>>>()?;
    files.push(("icon.ico".to_owned(), containers::ico(&pictures)));
    let mut pictures = Vec::new();
    for (name, size) in ICNS_SIZES {
        pictures.push((**name, render(&macos, *size)?.png));
    }
    files.push(("icon.icns".to_owned(), containers::icns(&pictures)));
    Ok(files)
}

fn render(drawing: &usvg::Tree, size: u32) -> Result<Picture> {
    let mut canvas = tiny_skia::Pixmap::new(size, size).context("a picture has at least one pixel")?;
    let scale = size as f32 / drawing.size().width();
    resvg::render(drawing, tiny_skia::Transform::from_scale(scale, scale), &mut canvas.as_mut());
    let colours = canvas.pixels().iter().map(|pixel| pixel.demultiply());
    let bgra = colours.flat_map(|pixel| [pixel.blue(), pixel.green(), pixel.red(), pixel.alpha()]).collect();
    Ok(Picture { size, bgra, png: canvas.encode_png()? })
}
