//! The icon's pixels, composed in code: one shield and what a state cuts out of it or lays over it.
//!
//! State is shape, never colour alone. Edges are smooth at each size, since shapes are distances, not bitmaps.

mod outline;
mod shape;

use crate::status::IconState;
use shape::Shape;

/// In what colours the icon is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ink {
    /// Black and transparency: macOS colours it by itself.
    Template,
    /// Dark, for light panels.
    Dark,
    /// Light, for dark panels.
    Light,
    /// Coloured with a thin light edge, for panels of unknown colour.
    Coloured,
}

/// A square picture, four bytes a pixel: red, green, blue, opacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Width and height.
    pub size: u32,
    /// The bytes, row by row.
    pub rgba: Vec<u8>,
}

/// How far the light edge of the coloured icon reaches, as a part of the width.
const EDGE: f32 = 0.05;
/// What the coloured icon is made smaller by, so that its edge has room.
const SHRINK: f32 = 0.92;

/// Draws a state at a size.
pub fn draw(state: IconState, ink: Ink, size: u32) -> Pixels {
    let shape = Shape::new(state);
    let width = size.max(1) as f32;
    let mut rgba = Vec::with_capacity(4 * (size as usize).pow(2));
    for row in 0..size {
        for column in 0..size {
            let at = ((column as f32 + 0.5) / width, (row as f32 + 0.5) / width);
            rgba.extend(pixel(&shape, state, ink, at, width));
        }
    }
    Pixels { size, rgba }
}

fn pixel(shape: &Shape, state: IconState, ink: Ink, (x, y): (f32, f32), width: f32) -> [u8; 4] {
    let solid = match ink {
        Ink::Template => [0, 0, 0],
        Ink::Dark => [0x19, 0x20, 0x26],
        Ink::Light => [0xf4, 0xf6, 0xf8],
        Ink::Coloured => {
            let centred = |value: f32| (value - 0.5) / SHRINK + 0.5;
            let distance = shape.distance(centred(x), centred(y)) * SHRINK;
            let ground = shape.ground(centred(x), centred(y)) * SHRINK;
            let outer = coverage((distance - EDGE).min(ground), width);
            return edged(colour(state), coverage(distance, width), outer);
        }
    };
    let opacity = coverage(shape.distance(x, y), width);
    [solid[0], solid[1], solid[2], byte(opacity)]
}

/// The colour repeats what the shape says: calm, needs a look, still.
const fn colour(state: IconState) -> [u8; 3] {
    match state {
        IconState::Starting | IconState::Busy | IconState::Healthy => [0x0f, 0x68, 0xa2],
        IconState::NeedsYou | IconState::Unprotected => [0xb4, 0x5f, 0x06],
        IconState::EngineDown | IconState::Paused => [0x4f, 0x5a, 0x61],
    }
}

/// A colour over its white edge.
fn edged(solid: [u8; 3], inner: f32, outer: f32) -> [u8; 4] {
    let outer = outer.max(inner);
    if outer <= 0.0 {
        return [0; 4];
    }
    let share = inner / outer;
    let mixed = |value: u8| byte((f32::from(value) * share + 255.0 * (1.0 - share)) / 255.0);
    [mixed(solid[0]), mixed(solid[1]), mixed(solid[2]), byte(outer)]
}

/// How much of a pixel lies inside, from the distance of its centre to the edge.
fn coverage(distance: f32, width: f32) -> f32 {
    (0.5 - distance * width).clamp(0.0, 1.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=255 before")]
fn byte(part: f32) -> u8 {
    (part.clamp(0.0, 1.0) * 255.0).round() as u8
}

#[cfg(test)]
mod tests;
