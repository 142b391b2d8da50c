//! Command lines and addresses for the eyes of others.

use super::{looks_secret, value};

/// Flags of container commands whose value is a variable.
const VARIABLE_FLAGS: [&str; 2] = ["-e", "--env"];

/// Arguments without what looks like a secret: alone, behind a flag that asks for one, after `=` or `:`, inside an
/// address. The values of `-e NAME=VALUE` count as secrets whatever their names.
pub fn arguments(words: &[String]) -> Vec<String> {
    let mut before: Option<&str> = None;
    let mut shown = Vec::with_capacity(words.len());
    for word in words {
        shown.push(argument(word, before));
        before = (word.starts_with('-') && !word.contains('=')).then_some(word.as_str());
    }
    shown
}

fn argument(word: &str, before: Option<&str>) -> String {
    if let Some(flag) = before.filter(|_| !word.starts_with('-')) {
        if VARIABLE_FLAGS.contains(&flag) {
            return variable(word);
        }
        if looks_secret(flag, "") {
            return value(word);
        }
    }
    if let Some((flag, rest)) = word.split_once('=').filter(|(flag, _)| VARIABLE_FLAGS.contains(flag)) {
        return format!("{flag}={}", variable(rest));
    }
    if let Some(rest) = word.strip_prefix("-e").filter(|rest| rest.contains('=')) {
        return format!("-e{}", variable(rest));
    }
    if word.contains("://") {
        return address(word);
    }
    for separator in ["=", ": ", ":"] {
        let Some((name, rest)) = word.split_once(separator) else { continue };
        let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
        if is_name && !rest.is_empty() && looks_secret(name, rest) {
            return format!("{name}{separator}{}", value(rest));
        }
    }
    if looks_secret("", word) { value(word) } else { word.to_owned() }
}

/// `NAME=VALUE` without its value.
fn variable(text: &str) -> String {
    match text.split_once('=') {
        Some((name, content)) => format!("{name}={}", value(content)),
        None => text.to_owned(),
    }
}

/// An address without the user, password or key inside it; also behind a flag, as in `--url=https://…`.
pub fn address(text: &str) -> String {
    let Some(scheme) = text.find("://").map(|at| at + 3) else {
        return text.to_owned();
    };
    let (head, rest) = text.split_at(scheme);
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let authority = path.find(['/', '#']).map_or(path, |end| &path[..end]);
    let path = match authority.rsplit_once('@') {
        Some((_, host)) => format!("***@{host}{}", &path[authority.len()..]),
        None => path.to_owned(),
    };
    let query = query.map(|query| {
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if looks_secret(name, value) => format!("{name}=***"),
            _ => pair.to_owned(),
        };
        format!("?{}", query.split('&').map(pair).collect::<Vec<_>>().join("&"))
    });
    format!("{head}{path}{}", query.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(words: &[&str]) -> String {
        arguments(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>()).join(" ")
    }

    #[test]
    fn secrets_are_masked_in_every_form_of_an_argument() {
        for words in [
            ["--api-key", "abcdefghijkl"].as_slice(),
            &["--token=abcdefghijkl"],
            &["--header", "Authorization: Bearer abcdefghijkl"],
            &["--header", "X-Api-Key:abcdefghijkl"],
            &["-e", "PLAIN_NAME=abcdefghijkl"],
            &["-ePLAIN_NAME=abcdefghijkl"],
            &["--env=PLAIN_NAME=abcdefghijkl"],
            &["--url=https://me:abcdefghijkl@host/x"],
            &["https://host/x?page=1&token=abcdefghijkl"],
            &["ghp_abcdefghijkl"],
        ] {
            let text = shown(words);
            assert!(!text.contains("abcdefghijkl"), "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        for words in [
            ["-y", "@scope/package@1.2", "/home/me/data"].as_slice(),
            &["run", "-i", "--rm", "image:1.0"],
            &["-e", "NAME"],
            &["--port=8080", "https://example.com/mcp?page=2", "http://127.0.0.1:9/x"],
        ] {
            assert_eq!(shown(words), words.join(" "));
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_no_word_is_lost(words in prop::collection::vec("\\PC{0,30}", 0..6)) {
            prop_assert_eq!(arguments(&words).len(), words.len());
        }
    }
}
