//! Showing that a value is there without showing it.

mod arguments;

pub use arguments::{address, arguments};

/// The value's outline: its last two characters and its length.
pub fn value(value: &str) -> String {
    let length = value.chars().count();
    // Of a very short value two characters would be most of it.
    let tail: String = if length > 4 { value.chars().skip(length - 2).collect() } else { String::new() };
    format!("••••{tail} ({length} chars)")
}

/// What stands for a value inside an error text.
pub const REDACTED: &str = "***REDACTED***";

/// Beginnings that only credentials have.
const PREFIXES: &[&str] = &[
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "sk-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xapp-",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
    "eyJ",
    "hf_",
    "npm_",
    "pypi-",
    "dop_v1_",
    "Bearer ",
    "bearer ",
    "Basic ",
    "basic ",
    "-----BEGIN ",
];

/// Words that mark a name as that of a credential, compared part by part.
const NAME_PARTS: &[&str] = &[
    "token",
    "tokens",
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pass",
    "apikey",
    "credential",
    "credentials",
    "auth",
    "authorization",
    "pat",
    "cookie",
    "bearer",
    "jwt",
    "dsn",
];

/// Whether a setting of this name and value probably is a credential, and must be masked where it is shown.
pub fn looks_secret(name: &str, value: &str) -> bool {
    name_looks_secret(name) || value_looks_secret(value)
}

fn name_looks_secret(name: &str) -> bool {
    let parts = name_parts(name);
    let pair = |first: &str, second: &str| parts.windows(2).any(|pair| pair[0] == first && pair[1] == second);
    parts.iter().any(|part| NAME_PARTS.contains(&part.as_str()))
        || pair("api", "key")
        || pair("access", "key")
        || pair("private", "key")
        || pair("signing", "key")
        || pair("encryption", "key")
        || pair("connection", "string")
        || parts.last().is_some_and(|last| last == "key")
}

/// `githubToken`, `GITHUB_TOKEN` and `github-token` are all `github`, `token`.
fn name_parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut previous_lower = false;
    for c in name.chars() {
        let boundary = !c.is_alphanumeric() || (previous_lower && c.is_uppercase());
        if boundary {
            parts.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(part) = parts.last_mut()
        {
            part.extend(c.to_lowercase());
        }
        previous_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn value_looks_secret(value: &str) -> bool {
    PREFIXES.iter().any(|prefix| value.len() > prefix.len() + 6 && value.starts_with(prefix))
        || has_user_info(value)
        || is_random(value)
}

/// Whether an address carries a user and a password.
fn has_user_info(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').is_some_and(|(user_info, _)| user_info.contains(':'))
}

/// Long, of one piece, and as irregular as only drawn values are.
fn is_random(value: &str) -> bool {
    let one_piece = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte));
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let path = value.starts_with('/');
    value.len() >= 32 && one_piece && !path && digits >= 4 && letters >= 4 && entropy(value) > 3.4
}

fn entropy(value: &str) -> f64 {
    let mut counts = [0u32; 256];
    value.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let total = value.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|p| -p * p.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_two_characters_and_the_length() {
        assert_eq!(value("ghp_1234567890ab"), "••••ab (16 chars)");
        assert_eq!(value("größe-schön"), "••••ön (11 chars)");
    }

    #[test]
    fn a_mask_of_a_short_value_shows_nothing_of_it() {
        assert_eq!(value("abcd"), "•••• (4 chars)");
        assert_eq!(value(""), "•••• (0 chars)");
    }

    #[test]
    fn names_of_credentials_are_recognised_in_every_spelling() {
        for name in [
            "GITHUB_TOKEN",
            "githubToken",
            "api-key",
            "OPENAI_API_KEY",
            "DB_PASSWORD",
            "Authorization",
            "X-Api-Key",
        ] {
            assert!(looks_secret(name, "x"), "{name}");
        }
        for name in ["DEBUG", "PATH", "KEYBOARD", "MONKEY", "TOKENIZER", "AUTHOR", "PATTERN", "LOG_LEVEL"] {
            assert!(!looks_secret(name, "x"), "{name}");
        }
    }

    #[test]
    fn values_of_credentials_are_recognised_under_any_name() {
        for value in [
            "ghp_abcdefghijklmnop",
            "sk-ant-api03-aaaaaaaa",
            "postgres://me:hunter2@db/app",
            "Bearer abcdefgh",
            "3f9a1c0b7d5e4f62a8b9c0d1e2f3a4b5c6d7e8f901234567",
        ] {
            assert!(looks_secret("X", value), "{value}");
        }
        for value in [
            "true",
            "8080",
            "/usr/local/bin:/usr/bin",
            "https://example.com/path",
            "a sentence of words",
            "sk-",
        ] {
            assert!(!looks_secret("X", value), "{value}");
        }
    }
}
