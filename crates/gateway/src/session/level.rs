//! Severities of log messages.

/// A severity; greater is graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Debug,
    Info,
    Notice,
    Warning,
    Error,
    Critical,
    Alert,
    Emergency,
}

impl Level {
    /// The byte that stands for "never set".
    pub(crate) const UNSET: u8 = u8::MAX;

    const ALL: [(Self, &'static str); 8] = [
        (Self::Debug, "debug"),
        (Self::Info, "info"),
        (Self::Notice, "notice"),
        (Self::Warning, "warning"),
        (Self::Error, "error"),
        (Self::Critical, "critical"),
        (Self::Alert, "alert"),
        (Self::Emergency, "emergency"),
    ];

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(level, _)| level)
    }

    pub(crate) const fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    pub(crate) const fn byte(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).map(|(level, _)| *level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_survives_word_and_byte() {
        for (level, word) in Level::ALL {
            assert_eq!(Level::parse(word), Some(level));
            assert_eq!(level.word(), word);
            assert_eq!(Level::from_byte(level.byte()), Some(level));
        }
        assert_eq!(Level::from_byte(Level::UNSET), None);
        assert!(Level::Debug < Level::Emergency);
    }
}
