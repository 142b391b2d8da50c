//! When the next try comes: 1, 2, 4 … 60 seconds with jitter, for ever, and soon again after a good run.
use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// A server that was ready this long has earned a fresh start.
const GOOD_RUN: Duration = Duration::from_secs(60);

/// The delays of one server. The jitter comes from a seed, so that servers spread and tests repeat.
#[derive(Debug)]
pub(crate) struct Backoff {
    attempt: u32,
    seed: u64,
}

impl Backoff {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { attempt: 0, seed: seed | 1 }
    }

    /// Tries that failed in a row.
    pub(crate) const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The delay before the next try: between three quarters and all of the step.
    pub(crate) fn next(&mut self) -> Duration {
        let step = FIRST.saturating_mul(1 << self.attempt.min(6)).min(LONGEST);
        self.attempt = self.attempt.saturating_add(1);
        let quarter = step / 4;
        step - quarter.mul_f64(self.chance())
    }

    /// Notes how long a run was ready.
    pub(crate) fn note_run(&mut self, ready: Option<Duration>) {
        if ready.is_some_and(|ready| ready >= GOOD_RUN) {
            self.reset();
        }
    }

    pub(crate) const fn reset(&mut self) {
        self.attempt = 0;
    }

    /// Between 0 and 1 (xorshift: spreading needs no better).
    fn chance(&mut self) -> f64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        f64::from(u32::try_from(self.seed >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn delays_double_up_to_a_minute_and_stay_there() {
        let mut backoff = Backoff::new(42);
        let delays: Vec<f64> = (0..100).map(|_| backoff.next().as_secs_f64()).collect();
        for (delay, step) in delays.iter().zip([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]) {
            assert!(*delay <= step && *delay >= 0.75 * step, "{delay} of {step}");
        }
        assert!(delays[99] >= 45.0 && delays[99] <= 60.0);
    }

    #[test]
    fn only_a_good_run_resets_the_delay() {
        let mut backoff = Backoff::new(1);
        for _ in 0..5 {
            backoff.next();
        }
        backoff.note_run(Some(Duration::from_secs(59)));
        backoff.note_run(None);
        assert_eq!(backoff.attempt(), 5);
        backoff.note_run(Some(Duration::from_secs(60)));
        assert_eq!(backoff.attempt(), 0);
    }

    proptest! {
        #[test]
        fn no_delay_is_longer_than_a_minute_or_shorter_than_its_step(seed: u64, turns in 1..200_usize) {
            let mut backoff = Backoff::new(seed);
            let last = (0..turns).map(|_| backoff.next()).last().unwrap();
            prop_assert!(last <= LONGEST && last >= Duration::from_millis(750));
        }
    }
}
