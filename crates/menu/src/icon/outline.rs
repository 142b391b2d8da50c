//! The shield's outline as a polygon, and distances to it.

/// Points a curve is cut into.
const STEPS: u8 = 12;

/// A closed polygon in a square of side 1, y downwards.
#[derive(Debug, Clone)]
pub(crate) struct Outline(Vec<(f32, f32)>);

impl Outline {
    /// The shield: a low point at the top, straight shoulders, two curves to the tip.
    pub(crate) fn shield() -> Self {
        let mut points = vec![(0.5, 0.03), (0.88, 0.16), (0.88, 0.47)];
        let curve = |from, first, second, to| {
            (1..=STEPS).map(move |step| bezier(from, first, second, to, f32::from(step) / f32::from(STEPS)))
        };
        points.extend(curve((0.88, 0.47), (0.88, 0.73), (0.71, 0.89), (0.5, 0.97)));
        points.extend(curve((0.5, 0.97), (0.29, 0.89), (0.12, 0.73), (0.12, 0.47)));
        points.push((0.12, 0.16));
        Self(points)
    }

    /// How far a point is from the edge: negative inside.
    pub(crate) fn distance(&self, x: f32, y: f32) -> f32 {
        let mut nearest = f32::MAX;
        let mut inside = false;
        for (start, end) in self.edges() {
            nearest = nearest.min(segment((x, y), start, end));
            let crosses = (start.1 > y) != (end.1 > y);
            if crosses && x < (end.0 - start.0) * (y - start.1) / (end.1 - start.1) + start.0 {
                inside = !inside;
            }
        }
        if inside { -nearest } else { nearest }
    }

    /// Points at equal distances along the edge.
    pub(crate) fn beads(&self, count: u8) -> Vec<(f32, f32)> {
        let length: f32 = self.edges().map(|(start, end)| (end.0 - start.0).hypot(end.1 - start.1)).sum();
        let pace = length / f32::from(count.max(1));
        let mut beads = Vec::new();
        let mut due = 0.0;
        for (start, end) in self.edges() {
            let side = (end.0 - start.0).hypot(end.1 - start.1);
            while due < side && beads.len() < usize::from(count) {
                let part = due / side;
                beads.push((start.0 + (end.0 - start.0) * part, start.1 + (end.1 - start.1) * part));
                due += pace;
            }
            due -= side;
        }
        beads
    }

    fn edges(&self) -> impl Iterator<Item = ((f32, f32), (f32, f32))> + '_ {
        self.0.iter().copied().zip(self.0.iter().copied().cycle().skip(1))
    }
}

/// The distance from a point to a stretch of line.
pub(crate) fn segment((x, y): (f32, f32), start: (f32, f32), end: (f32, f32)) -> f32 {
    let (dx, dy) = (end.0 - start.0, end.1 - start.1);
    let square = dx * dx + dy * dy;
    let part = if square > 0.0 { ((x - start.0) * dx + (y - start.1) * dy) / square } else { 0.0 };
    let part = part.clamp(0.0, 1.0);
    (x - start.0 - dx * part).hypot(y - start.1 - dy * part)
}

fn bezier(from: (f32, f32), first: (f32, f32), second: (f32, f32), to: (f32, f32), part: f32) -> (f32, f32) {
    let rest = 1.0 - part;
    let mix = |a: f32, b: f32, c: f32, d: f32| {
        rest.powi(3) * a + 3.0 * rest * rest * part * b + 3.0 * rest * part * part * c + part.powi(3) * d
    };
    (mix(from.0, first.0, second.0, to.0), mix(from.1, first.1, second.1, to.1))
}
