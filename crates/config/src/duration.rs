//! Durations as people write them in the file: `30s`, `1h30m`, `500ms`.

use std::time::Duration;

const UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration such as `30s`, `1.5h` or `1h30m`; a number without a unit is none, but for `0`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.strip_prefix('+').unwrap_or(text);
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text;
    let mut nanoseconds: u64 = 0;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(number_end);
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, next) = tail.split_at(unit_end);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        nanoseconds = nanoseconds.checked_add(scale(number, *factor)?)?;
        rest = next;
    }
    (!text.is_empty()).then(|| Duration::from_nanos(nanoseconds))
}

/// `number` times `factor`, digit by digit, so that `0.1s` is exactly 100 ms.
fn scale(number: &str, factor: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.checked_mul(factor)?;
    let mut weight = factor;
    for digit in fraction.bytes() {
        weight /= 10;
        total = total.checked_add(u64::from(digit - b'0') * weight)?;
    }
    Some(total)
}

/// Writes a duration the way it is read: `1h30m`, `2m`, `30s`, `1.5s`, `500ms`.
pub fn format_duration(duration: Duration) -> String {
    if duration.is_zero() {
        return "0s".to_owned();
    }
    if duration < Duration::from_secs(1) {
        let (unit, factor) = match duration.subsec_nanos() {
            nanoseconds if nanoseconds % 1_000_000 == 0 => ("ms", 1_000_000),
            nanoseconds if nanoseconds % 1_000 == 0 => ("us", 1_000),
            _ => ("ns", 1),
        };
        return format!("{}{unit}", duration.subsec_nanos() / factor);
    }
    let seconds = duration.as_secs();
    let mut text = String::new();
    for (amount, unit) in [(seconds / 3600, 'h'), (seconds / 60 % 60, 'm')] {
        if amount > 0 {
            text.push_str(&format!("{amount}{unit}"));
        }
    }
    let fraction = format!("{:09}", duration.subsec_nanos());
    match (seconds % 60, fraction.trim_end_matches('0')) {
        (0, "") => {}
        (rest, "") => text.push_str(&format!("{rest}s")),
        (rest, fraction) => text.push_str(&format!("{rest}.{fraction}s")),
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_documented_forms_are_read() {
        for (text, milliseconds) in [
            ("30s", 30_000),
            ("2m", 120_000),
            ("1h30m", 5_400_000),
            ("500ms", 500),
            ("1.5s", 1_500),
            ("0", 0),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn a_number_without_a_unit_or_with_a_wrong_one_is_refused() {
        for text in ["", "30", "s", "30 s", "30sec", "-1s", "1.2.3s", ".s", "1d", "99999999999999h"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(nanoseconds in 0u64..1 << 56) {
            let duration = Duration::from_nanos(nanoseconds);
            prop_assert_eq!(parse_duration(&format_duration(duration)), Some(duration));
        }
    }
}
