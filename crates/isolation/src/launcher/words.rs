//! Splitting a command string into words and quoting words into one, by the rules of the shells that people
//! write commands for. A string that is more than one simple command is never split.

/// What a command string turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// One simple command: its words, quotes taken off.
    Simple(Vec<String>),
    /// More than that: pipes, lists, variables, patterns.
    Script,
    /// A quote that never closes.
    Unclosed,
}

/// Splits by POSIX rules, without expanding anything.
pub fn split_posix(text: &str) -> Split {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.trim().chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next() {
                        Some('\'') => break,
                        Some(inside) => word.push(inside),
                        None => return Split::Unclosed,
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next() {
                        Some('"') => break,
                        Some('\\') => match rest.next() {
                            Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                            Some(other) => word.extend(['\\', other]),
                            None => return Split::Unclosed,
                        },
                        Some('$' | '`') => return Split::Script,
                        Some(inside) => word.push(inside),
                        None => return Split::Unclosed,
                    }
                }
            }
            '\\' => match rest.next() {
                Some(escaped) => word.get_or_insert_default().push(escaped),
                None => return Split::Unclosed,
            },
            '~' | '#' if word.is_none() => return Split::Script,
            '|' | '&' | ';' | '<' | '>' | '(' | ')' | '$' | '`' | '*' | '?' | '[' | '{' | '\n' | '\r' => {
                return Split::Script;
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Split::Simple(words)
}

/// Splits by the rules of Windows programs (`CommandLineToArgvW`), refusing what only `cmd` understands.
pub fn split_windows(text: &str) -> Split {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut rest = text.trim().chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\\' => {
                let mut slashes = 1;
                while rest.next_if_eq(&'\\').is_some() {
                    slashes += 1;
                }
                let word = word.get_or_insert_default();
                if rest.peek() == Some(&'"') {
                    word.extend(std::iter::repeat_n('\\', slashes / 2));
                    if slashes % 2 == 1 {
                        rest.next();
                        word.push('"');
                    }
                } else {
                    word.extend(std::iter::repeat_n('\\', slashes));
                }
            }
            '"' => {
                word.get_or_insert_default();
                quoted = !quoted;
            }
            ' ' | '\t' if !quoted => words.extend(word.take()),
            '|' | '&' | '<' | '>' | '^' | '%' | '\n' | '\r' if !quoted => return Split::Script,
            other => word.get_or_insert_default().push(other),
        }
    }
    if quoted {
        return Split::Unclosed;
    }
    words.extend(word);
    Split::Simple(words)
}

/// Quotes one word for a POSIX shell; a word that needs no quotes stays bare.
pub fn quote(word: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "-_=./:,@%+".contains(letter);
    // A leading `~` or `=` means something to some shells; neither is in the bare set at the front.
    if !word.is_empty() && word.chars().all(bare) && !word.starts_with('=') {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn simple(text: &str, words: &[&str]) {
        assert_eq!(split_posix(text), Split::Simple(words.iter().map(|&w| w.to_owned()).collect()));
    }

    #[test]
    fn quotes_and_escapes_are_taken_off() {
        simple(r#"npx -y "@scope/a b" 'c d' e\ f"#, &["npx", "-y", "@scope/a b", "c d", "e f"]);
        simple(r#"x "" ''"#, &["x", "", ""]);
        simple(r#"x "a\"b\n""#, &["x", "a\"b\\n"]);
    }

    #[test]
    fn anything_beyond_one_simple_command_is_a_script() {
        for text in
            ["cd /x && node y", "a | b", "a; b", "echo $HOME", "\"$X\"", "ls *.js", "~/run", "a > b", "`x`"]
        {
            assert_eq!(split_posix(text), Split::Script, "{text}");
        }
    }

    #[test]
    fn an_open_quote_is_told() {
        for text in ["a 'b", "a \"b", "a \\"] {
            assert_eq!(split_posix(text), Split::Unclosed, "{text}");
        }
        assert_eq!(split_windows("a \"b"), Split::Unclosed);
    }

    #[test]
    fn windows_words_keep_their_backslashes() {
        assert_eq!(
            split_windows(r#""C:\Program Files\nodejs\npx.cmd" -y pkg "C:\a b\\" \\srv\x"#),
            Split::Simple(vec![
                r"C:\Program Files\nodejs\npx.cmd".to_owned(),
                "-y".to_owned(),
                "pkg".to_owned(),
                r"C:\a b\".to_owned(),
                r"\\srv\x".to_owned()
            ])
        );
        assert_eq!(split_windows("a & b"), Split::Script);
    }

    proptest! {
        #[test]
        fn quoting_and_splitting_round_trips(words in prop::collection::vec(".{0,12}", 0..6)) {
            let line = words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(split_posix(&line), Split::Simple(words));
        }

        #[test]
        fn splitting_never_panics(text in "\\PC{0,60}") {
            split_posix(&text);
            split_windows(&text);
        }
    }
}
