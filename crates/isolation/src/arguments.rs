//! Secrets that people wrote into arguments: found by the names and shapes that credentials have, and masked in
//! everything printable. The server still gets the real word, through the shim.

use mcpproxy_secrets::Secret;
use mcpproxy_secrets::mask::looks_secret;

use crate::spec::{MASK, Text};

/// The same words, those with a secret in them masked.
pub(crate) fn mask(words: &[Text]) -> Vec<Text> {
    let mut masked = Vec::with_capacity(words.len());
    let mut flag: Option<&str> = None;
    for word in words {
        let text = word.expose();
        masked.push(match word {
            Text::Plain(_) => mask_word(text, flag),
            Text::Secret(_) | Text::Partly { .. } => word.clone(),
        });
        let is_flag = text.starts_with('-') && !text.contains('=');
        flag = is_flag.then(|| text.trim_start_matches('-'));
    }
    masked
}

fn mask_word(text: &str, flag: Option<&str>) -> Text {
    let partly = |shown: String| Text::Partly { shown, value: Secret::new(text) };
    if flag.is_some_and(|flag| flag.len() > 1 && looks_secret(flag, "")) && !text.starts_with('-') {
        return Text::secret(text);
    }
    if let Some(shown) = mask_address(text) {
        return partly(shown);
    }
    for separator in ["=", ": ", ":"] {
        let Some((name, value)) = text.split_once(separator) else { continue };
        let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
        let is_bare = !value.is_empty() && !value.starts_with(['/', '.', '~']);
        if is_name && is_bare && looks_secret(name.trim_start_matches('-'), value) {
            return partly(format!("{name}{separator}{MASK}"));
        }
    }
    // A path or a package can look as random as a key; what begins like one is not taken for a secret.
    let is_word = text.starts_with(['/', '.', '~', '-', '@']) || text.contains(['\\', '=']);
    if !is_word && looks_secret("", text) { Text::secret(text) } else { Text::plain(text) }
}

/// An address without its user-info and without the values of secret parameters; none if it has neither.
pub(crate) fn mask_address(text: &str) -> Option<String> {
    let scheme = text.find("://")? + 3;
    let end = text[scheme..].find(['/', '?', '#']).map_or(text.len(), |end| scheme + end);
    let (head, authority, tail) = (&text[..scheme], &text[scheme..end], &text[end..]);
    let mut changed = false;
    let authority = match authority.rsplit_once('@') {
        // `git@` and `user@` alone are no secret; a token may stand where the user does.
        Some((user, host)) if user.contains(':') || looks_secret("", user) => {
            changed = true;
            format!("{MASK}@{host}")
        }
        _ => authority.to_owned(),
    };
    let tail = match tail.split_once('?') {
        Some((path, query)) => {
            let pairs = query.split('&').map(|pair| match pair.split_once('=') {
                Some((name, value)) if !value.is_empty() && looks_secret(name, value) => {
                    changed = true;
                    format!("{name}={MASK}")
                }
                _ => pair.to_owned(),
            });
            let pairs = pairs.collect::<Vec<_>>().join("&");
            format!("{path}?{pairs}")
        }
        None => tail.to_owned(),
    };
    changed.then(|| format!("{head}{authority}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn shown(words: &[&str], expected: &[&str]) {
        let words: Vec<Text> = words.iter().map(|&word| Text::plain(word)).collect();
        let masked = mask(&words);
        assert_eq!(masked.iter().map(Text::shown).collect::<Vec<_>>(), expected);
        for (masked, word) in masked.iter().zip(&words) {
            assert_eq!(masked.expose(), word.expose(), "the server gets the real word");
        }
    }

    #[test]
    fn secrets_in_arguments_are_masked_in_every_spelling() {
        shown(&["--api-key=hunter2", "x"], &["--api-key=***", "x"]);
        shown(&["--token", "hunter2", "x"], &["--token", "***", "x"]);
        shown(&["--header", "Authorization: Bearer abc"], &["--header", "Authorization: ***"]);
        shown(&["postgresql://me:pw@db:5432/x"], &["postgresql://***@db:5432/x"]);
        shown(&["https://x.test/mcp?api_key=abc&q=1"], &["https://x.test/mcp?api_key=***&q=1"]);
        shown(&["--dsn=postgres://me:pw@db/x"], &["--dsn=postgres://***@db/x"]);
        shown(&["GITHUB_TOKEN=abc"], &["GITHUB_TOKEN=***"]);
        shown(&["ghp_0123456789abcdefghij0123456789abcdef"], &["***"]);
    }

    #[test]
    fn what_is_no_secret_stays_readable() {
        let words = [
            "-y",
            "@modelcontextprotocol/server-filesystem",
            "/home/me/docs",
            "--db-path",
            "/x/y.db",
            "--port=8080",
            "mcp-server-sequential-thinking",
            "git+https://github.com/owner/name@v1",
            "--token-file=/x",
            "--directory",
        ];
        shown(&words, &words);
    }

    proptest! {
        #[test]
        fn the_value_after_a_secret_name_is_never_shown(value in "[a-zA-Z0-9]{7,30}") {
            for words in [
                vec![format!("--api-key={value}")],
                vec!["--password".to_owned(), value.clone()],
                vec![format!("https://user:{value}@host/path")],
                vec![format!("x://h/p?access_token={value}")],
            ] {
                let words: Vec<Text> = words.into_iter().map(Text::Plain).collect();
                let printed = format!("{:?}", mask(&words));
                prop_assert!(!printed.contains(&value), "{}", printed);
            }
        }

        #[test]
        fn masking_never_panics(words in prop::collection::vec("\\PC{0,30}", 0..5)) {
            mask(&words.into_iter().map(Text::Plain).collect::<Vec<_>>());
        }
    }
}
