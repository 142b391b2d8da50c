//! The seven shapes as distances: negative inside, positive outside, joined by the smaller and the larger one.

use super::outline::{Outline, segment};
use crate::status::IconState;

/// How thick a line of the shield is.
const LINE: f32 = 0.115;
/// Dots of the dotted shield.
const DOTS: u8 = 12;

/// One of the seven shapes.
pub(crate) struct Shape {
    shield: Outline,
    beads: Vec<(f32, f32)>,
    state: IconState,
}

impl Shape {
    pub(crate) fn new(state: IconState) -> Self {
        let shield = Outline::shield();
        let beads = shield.beads(DOTS);
        Self { shield, beads, state }
    }

    /// How far a point of the unit square is from the shape's edge.
    pub(crate) fn distance(&self, x: f32, y: f32) -> f32 {
        let shield = self.shield.distance(x, y);
        match self.state {
            IconState::Healthy => shield,
            IconState::Busy => cut(shield, disc(x, y, (0.5, 0.46), 0.15)),
            IconState::Paused => {
                let bars = bar(x, y, (0.39, 0.46), (0.06, 0.19)).min(bar(x, y, (0.61, 0.46), (0.06, 0.19)));
                cut(shield, bars)
            }
            IconState::NeedsYou => {
                let mark = bar(x, y, (0.5, 0.41), (0.065, 0.16)).min(disc(x, y, (0.5, 0.71), 0.075));
                cut(cut(shield, mark), notch(x, y))
            }
            IconState::EngineDown => {
                let stroke = segment((x, y), (0.08, 0.1), (0.92, 0.9));
                cut(shield, stroke - 0.135).min(stroke - 0.055)
            }
            IconState::Unprotected => cut(cut(shield, shield + LINE), 0.64 - x),
            IconState::Starting => {
                let near = self.beads.iter().map(|bead| disc(x, y, *bead, 0.074));
                near.fold(f32::MAX, f32::min)
            }
        }
    }

    /// The same for what lies behind a sign that is cut out, so that it shows on any panel.
    pub(crate) fn ground(&self, x: f32, y: f32) -> f32 {
        match self.state {
            IconState::Busy | IconState::Paused => self.shield.distance(x, y),
            IconState::NeedsYou => cut(self.shield.distance(x, y), notch(x, y)),
            _ => f32::MAX,
        }
    }
}

/// The corner that is missing where somebody is needed.
fn notch(x: f32, y: f32) -> f32 {
    disc(x, y, (0.94, 0.1), 0.27)
}

/// The first without the second.
fn cut(from: f32, what: f32) -> f32 {
    from.max(-what)
}

fn disc(x: f32, y: f32, centre: (f32, f32), radius: f32) -> f32 {
    (x - centre.0).hypot(y - centre.1) - radius
}

/// A bar around a centre, given by half its width and height.
fn bar(x: f32, y: f32, centre: (f32, f32), half: (f32, f32)) -> f32 {
    let (dx, dy) = ((x - centre.0).abs() - half.0, (y - centre.1).abs() - half.1);
    dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0)
}
