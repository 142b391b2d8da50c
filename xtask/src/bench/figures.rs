//! Medians, percentiles and the table at the end.

use std::time::Duration;

/// Times of one thing done many times.
#[derive(Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    pub(super) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The time that this share of all did not exceed.
    pub(super) fn percentile(&self, share: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort();
        let last = sorted.len().saturating_sub(1);
        let at = (f64::from(u32::try_from(last).unwrap_or(u32::MAX)) * share).round();
        // A share of an index that fits.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and `last`")]
        sorted.get(at as usize).copied().unwrap_or_default()
    }

    pub(super) fn median(&self) -> Duration {
        self.percentile(0.5)
    }
}

/// The rows to print.
pub(super) struct Table(Vec<[String; 5]>);

impl Table {
    pub(super) fn new() -> Self {
        Self(vec![["what", "proxy", "bare", "ratio", "target"].map(str::to_owned)])
    }

    /// A row of times, with what the same costs without a proxy.
    pub(super) fn times(&mut self, what: &str, proxy: Duration, bare: Option<Duration>, target: &str) {
        let ratio = bare.map(|bare| proxy.as_secs_f64() / bare.as_secs_f64());
        self.row(what, &shown(proxy), bare.map(shown).as_deref(), ratio, target);
    }

    /// A row of anything else.
    pub(super) fn row(
        &mut self,
        what: &str,
        proxy: &str,
        bare: Option<&str>,
        ratio: Option<f64>,
        target: &str,
    ) {
        let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        let row = [what, proxy, bare.unwrap_or("–"), &ratio, target].map(str::to_owned);
        println!("  {}: {}", row[0], row[1]);
        self.0.push(row);
    }

    pub(super) fn print(&self) {
        let width = |column: usize| self.0.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [0, 1, 2, 3, 4].map(width);
        println!();
        for row in &self.0 {
            let cells: Vec<String> = row
                .iter()
                .zip(widths)
                .enumerate()
                .map(|(column, (cell, width))| match column {
                    0 | 4 => format!("{cell:width$}"),
                    _ => format!("{cell:>width$}"),
                })
                .collect();
            println!("{}", cells.join("  ").trim_end());
        }
    }
}

/// A time in the unit that suits it.
pub(super) fn shown(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        ..1000.0 => format!("{micros:.1} µs"),
        ..1e6 => format!("{:.2} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_times() {
        let mut times = Times::default();
        (1..=101).rev().for_each(|ms| times.push(Duration::from_millis(ms)));
        assert_eq!(times.median(), Duration::from_millis(51));
        assert_eq!(times.percentile(0.99), Duration::from_millis(100));
        assert_eq!(Times::default().median(), Duration::ZERO);
    }

    #[test]
    fn times_are_shown_in_a_fitting_unit() {
        assert_eq!(shown(Duration::from_nanos(1500)), "1.5 µs");
        assert_eq!(shown(Duration::from_micros(2500)), "2.50 ms");
        assert_eq!(shown(Duration::from_millis(3500)), "3.50 s");
    }
}
