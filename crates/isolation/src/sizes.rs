//! Sizes and numbers as people write them, with errors that name the value and a right one.

use crate::refusal::Refusal;

/// The least memory that an engine accepts.
const LEAST_MEMORY: u64 = 6 << 20;

/// `512m`, `1g`, `1.5GiB`, or bytes.
pub fn size(key: &'static str, text: &str) -> Result<u64, Refusal> {
    parse_size(text).ok_or_else(|| Refusal::Value {
        key,
        value: text.to_owned(),
        expected: "a size",
        example: size_example(text),
    })
}

/// A size of memory, at least what the engine takes.
pub fn memory(key: &'static str, text: &str) -> Result<u64, Refusal> {
    let bytes = size(key, text)?;
    if bytes < LEAST_MEMORY {
        let example = "512m".to_owned();
        return Err(Refusal::Value { key, value: text.to_owned(), expected: "at least 6m", example });
    }
    Ok(bytes)
}

/// `1.0`, `0.5`, in billionths of a CPU.
pub fn cpus(key: &'static str, text: &str) -> Result<i64, Refusal> {
    let number = text.trim().parse::<f64>().ok().filter(|cpus| (0.01..=4096.0).contains(cpus));
    number.map(|cpus| (cpus * 1e9).round() as i64).ok_or_else(|| {
        let digits: String = text.trim().chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let kept = digits.parse::<f64>().ok().filter(|cpus| (0.01..=4096.0).contains(cpus));
        let example = kept.map_or_else(|| "1.0".to_owned(), |_| digits);
        Refusal::Value { key, value: text.to_owned(), expected: "a number of CPUs", example }
    })
}

/// A whole number within limits.
pub fn number(key: &'static str, text: &str, least: i64, most: i64) -> Result<i64, Refusal> {
    text.trim().parse::<i64>().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        Refusal::Value {
            key,
            value: text.to_owned(),
            expected: "a number that fits",
            example: least.max(1).to_string(),
        }
    })
}

/// Bytes in the unit a person would use: `512 MB`, `1.5 GB`.
pub fn shown(bytes: u64) -> String {
    const MIB: f64 = (1 << 20) as f64;
    let mib = bytes as f64 / MIB;
    let (number, unit) = if mib >= 1024.0 { (mib / 1024.0, "GB") } else { (mib, "MB") };
    let rounded = (number * 10.0).round() / 10.0;
    format!("{rounded} {unit}")
}

/// Bytes as the docker command takes them: `512m`, `1g`.
pub fn flag(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")];
    let unit = UNITS.iter().find(|(size, _)| bytes >= *size && bytes.is_multiple_of(*size));
    unit.map_or_else(|| bytes.to_string(), |(size, name)| format!("{}{name}", bytes / size))
}

fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let shift = match unit.trim_start() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return None,
    };
    let number = digits.parse::<f64>().ok()?;
    let bytes = number * (1u64 << shift) as f64;
    // Beyond this an engine's own signed counters overflow.
    (bytes >= 1.0 && bytes < i64::MAX as f64).then_some(bytes as u64)
}

fn size_example(text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let unit = text[digits.len()..].trim_start().chars().next().filter(|unit| "kmgt".contains(*unit));
    match (digits.is_empty(), unit) {
        (false, Some(unit)) => format!("{digits}{unit}"),
        _ => "512m".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_are_read_as_docker_reads_them() {
        for (text, bytes) in [
            ("512m", 512 << 20),
            ("1g", 1 << 30),
            ("1.5GiB", 3 << 29),
            ("2 GB", 2 << 30),
            ("64MB", 64 << 20),
            ("1048576", 1 << 20),
            ("100kb", 100 << 10),
            ("7b", 7),
        ] {
            assert_eq!(size("memory_limit", text).unwrap(), bytes, "{text}");
        }
    }

    #[test]
    fn a_wrong_size_is_answered_with_the_right_one() {
        let error = memory("memory_limit", "512 megabytes").unwrap_err();
        assert_eq!(error.to_string(), "memory_limit 512 megabytes is not a size. Write 512m.");
        for text in ["", "m", "-1m", "1.2.3g", "0", "1e3m", "99999999999t", "512m;"] {
            assert!(size("memory_limit", text).is_err(), "{text}");
        }
        assert!(memory("memory_limit", "1m").unwrap_err().to_string().contains("at least 6m"));
    }

    #[test]
    fn cpus_are_fractions() {
        assert_eq!(cpus("cpu_limit", "1.0").unwrap(), 1_000_000_000);
        assert_eq!(cpus("cpu_limit", " 0.5 ").unwrap(), 500_000_000);
        assert_eq!(
            cpus("cpu_limit", "2 cores").unwrap_err().to_string(),
            "cpu_limit 2 cores is not a number of CPUs. Write 2."
        );
        for text in ["0", "-1", "NaN", "inf", "", "1,5"] {
            assert!(cpus("cpu_limit", text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(bytes in 1u64..1 << 50) {
            prop_assert_eq!(size("memory_limit", &flag(bytes)).unwrap(), bytes);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = size("memory_limit", &text);
            let _ = cpus("cpu_limit", &text);
        }
    }
}
