//! Sizes and processor shares as Docker writes them.

/// Reads a size such as `512m`, `1.5g` or `64kb` into bytes (units of 1024, letters in either case).
pub fn parse_size(text: &str) -> Option<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let end = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let (number, unit) = lower.split_at(end);
    let power = match unit.trim_start() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        _ => return None,
    };
    let amount: f64 = number.parse().ok()?;
    let bytes = amount * 1024_f64.powi(power);
    // 2^53: beyond it a floating number no longer holds every byte, and no machine has that much.
    (1.0..9_007_199_254_740_992.0).contains(&bytes).then_some(bytes as u64)
}

/// Reads a share of processors such as `1.0` or `0.5`.
pub fn parse_cpus(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let cpus: f64 = plain.then(|| text.parse().ok()).flatten()?;
    (cpus > 0.0 && cpus <= 4096.0).then_some(cpus)
}

/// What somebody who wrote this size probably meant: `512 megabytes` is `512m`.
pub(crate) fn suggest_size(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let end = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let (number, unit) = lower.split_at(end);
    let letter = unit.trim_start().chars().next()?;
    let candidate = format!("{number}{letter}");
    ("bkmgt".contains(letter) && parse_size(&candidate).is_some()).then_some(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_use_units_of_1024() {
        for (text, bytes) in [
            ("512m", 512 << 20),
            ("1g", 1 << 30),
            ("1.5G", 3 << 29),
            ("64kb", 64 << 10),
            ("100", 100),
            ("2GiB", 2 << 30),
            ("512 m", 512 << 20),
        ] {
            assert_eq!(parse_size(text), Some(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "m", "512 megabytes", "-1m", "0", "1e3m", "9999999t", "0x10"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }

    #[test]
    fn a_size_in_words_is_understood_for_the_suggestion() {
        assert_eq!(suggest_size("512 megabytes").as_deref(), Some("512m"));
        assert_eq!(suggest_size("2 Gigs").as_deref(), Some("2g"));
        assert_eq!(suggest_size("plenty"), None);
    }

    #[test]
    fn processors_are_a_plain_positive_number() {
        assert_eq!(parse_cpus("0.5"), Some(0.5));
        for text in ["", "0", "-1", "two", "1e2", "inf", "."] {
            assert_eq!(parse_cpus(text), None, "{text}");
        }
    }
}
