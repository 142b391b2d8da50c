//! How many tests passed and failed, read from the lines that Rust's test runner prints.

use std::fmt;
use std::ops::AddAssign;

/// The sum of one or more runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
}

impl Outcome {
    pub(crate) const PASSED: Self = Self { passed: 1, failed: 0 };
    pub(crate) const FAILED: Self = Self { passed: 0, failed: 1 };

    /// Reads `test result: ok. 3 passed; 0 failed; …`; any other line is `None`.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let counts = line.trim().strip_prefix("test result: ")?.split_once(". ")?.1;
        let count = |word: &str| {
            counts.split("; ").find_map(|part| part.trim().strip_suffix(word)?.trim().parse::<u32>().ok())
        };
        Some(Self { passed: count("passed")?, failed: count("failed")? })
    }

    /// A run that ended badly without a failed test (it did not compile, it crashed) counts as one failure.
    pub(crate) fn ended(self, well: bool) -> Self {
        if !well && self.failed == 0 { Self { failed: 1, ..self } } else { self }
    }

    /// Whether nothing failed and something ran.
    pub(crate) fn is_good(self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl AddAssign for Outcome {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_line_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.10s";
        assert_eq!(Outcome::read(line), Some(Outcome { passed: 12, failed: 3 }));
    }

    #[test]
    fn other_lines_are_not_counted() {
        assert_eq!(Outcome::read("test a_name ... ok"), None);
        assert_eq!(Outcome::read("3 passed; 0 failed"), None);
    }

    #[test]
    fn a_crash_without_a_failed_test_is_a_failure() {
        assert_eq!(Outcome { passed: 2, failed: 0 }.ended(false), Outcome { passed: 2, failed: 1 });
        assert_eq!(Outcome { passed: 2, failed: 1 }.ended(false), Outcome { passed: 2, failed: 1 });
        assert_eq!(Outcome { passed: 2, failed: 0 }.ended(true), Outcome { passed: 2, failed: 0 });
    }

    #[test]
    fn nothing_run_is_not_a_success() {
        assert!(!Outcome::default().is_good());
        assert!(Outcome::PASSED.is_good());
    }

    #[test]
    fn the_last_line_is_the_plain_count() {
        assert_eq!(Outcome { passed: 7, failed: 0 }.to_string(), "7 passed, 0 failed");
    }
}
