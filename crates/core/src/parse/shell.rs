//! Words of a pasted command line, quoted as shells do. Nothing is expanded but variables, which become references, and
//! `~`; what only a shell can do is refused by name.

use super::ParseProblem;

/// The commands of a text: one for each line that goes on to no other.
pub(super) fn commands(text: &str, home: &str) -> Result<Vec<Vec<String>>, ParseProblem> {
    let mut splitter = Splitter { text, home, at: 0, word: None, words: Vec::new(), commands: Vec::new() };
    splitter.split()?;
    Ok(splitter.commands)
}

struct Splitter<'a> {
    text: &'a str,
    home: &'a str,
    at: usize,
    word: Option<String>,
    words: Vec<String>,
    commands: Vec<Vec<String>>,
}

impl Splitter<'_> {
    fn split(&mut self) -> Result<(), ParseProblem> {
        while let Some(sign) = self.next() {
            match sign {
                '\n' => self.end_line(),
                _ if sign.is_whitespace() => self.end_word(),
                '\'' | '‘' | '’' => self.single(sign)?,
                '"' | '“' | '”' => self.double(sign)?,
                '\\' => self.backslash(),
                '`' | '^' if self.peek().is_none_or(|next| next == '\n') => self.go_on(),
                '`' => return Err(self.refused("paste_substitution", "`")),
                '$' => self.variable()?,
                '#' if self.word.is_none() => self.skip_line(),
                '~' if self.word.is_none()
                    && self.peek().is_none_or(|next| next == '/' || next.is_whitespace()) =>
                {
                    let home = self.home;
                    self.push(home);
                }
                // Editors make one dash of two.
                '—' | '–' if self.word.is_none() => self.push("--"),
                '<' if self.placeholder() => {}
                '|' | '&' | ';' | '<' | '>' | '(' | ')' => {
                    return Err(self.refused("paste_shell", &sign.to_string()));
                }
                _ => self.push(sign.encode_utf8(&mut [0; 4])),
            }
        }
        self.end_line();
        Ok(())
    }

    fn next(&mut self) -> Option<char> {
        let sign = self.text[self.at..].chars().next()?;
        self.at += sign.len_utf8();
        Some(sign)
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().find(|sign| *sign != '\r')
    }

    fn push(&mut self, text: &str) {
        self.word.get_or_insert_default().push_str(text);
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }

    fn end_line(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.commands.push(std::mem::take(&mut self.words));
        }
    }

    /// The line goes on with the next one.
    fn go_on(&mut self) {
        self.end_word();
        while let Some(sign) = self.next() {
            if sign == '\n' {
                break;
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    fn single(&mut self, opening: char) -> Result<(), ParseProblem> {
        let start = self.at;
        let closes = |sign: char| if opening == '\'' { sign == '\'' } else { matches!(sign, '‘' | '’') };
        self.push("");
        while let Some(sign) = self.next() {
            if closes(sign) {
                return Ok(());
            }
            self.push(sign.encode_utf8(&mut [0; 4]));
        }
        Err(self.open(start, opening))
    }

    fn double(&mut self, opening: char) -> Result<(), ParseProblem> {
        let start = self.at;
        let closes = |sign: char| if opening == '"' { sign == '"' } else { matches!(sign, '“' | '”') };
        self.push("");
        while let Some(sign) = self.next() {
            match sign {
                _ if closes(sign) => return Ok(()),
                '\\' => match self.peek() {
                    Some(next @ ('"' | '\\' | '$' | '`')) => {
                        self.next();
                        self.push(next.encode_utf8(&mut [0; 4]));
                    }
                    Some('\n') => {
                        self.next();
                    }
                    _ => self.push("\\"),
                },
                '$' => self.variable()?,
                '`' => return Err(self.refused("paste_substitution", "`")),
                _ => self.push(sign.encode_utf8(&mut [0; 4])),
            }
        }
        Err(self.open(start, opening))
    }

    /// Escapes what follows, ends a line that goes on, or is a part of a path on Windows.
    fn backslash(&mut self) {
        let path = self.word.as_deref().is_some_and(|word| {
            let drive = word.as_bytes().get(1) == Some(&b':') && word.as_bytes()[0].is_ascii_alphabetic();
            drive || word.starts_with('\\') || word.starts_with(".\\") || word == "." || word == ".."
        });
        match self.peek() {
            None | Some('\n') => self.go_on_inside(),
            // A quote after it is one of the text: how shells write a quote inside quotes.
            Some(next) if path && !matches!(next, '\'' | '"') => self.push("\\"),
            Some('\\') if self.word.is_none() => {
                self.next();
                self.push("\\\\");
            }
            Some(_) => {
                let next = self.next();
                if let Some(next) = next {
                    self.push(next.encode_utf8(&mut [0; 4]));
                }
            }
        }
    }

    /// A backslash before the end of a line joins both lines, as shells do.
    fn go_on_inside(&mut self) {
        while let Some(sign) = self.next() {
            if sign == '\n' {
                break;
            }
        }
    }

    /// `$NAME`, `${NAME}` and `$env:NAME` become references; our own stay as they are.
    fn variable(&mut self) -> Result<(), ParseProblem> {
        let rest = &self.text[self.at..];
        if rest.starts_with('(') {
            return Err(self.refused("paste_substitution", "$("));
        }
        if let Some(inner) = rest.strip_prefix('{') {
            let Some(end) = inner.find('}') else { return Err(self.open(self.at, '{')) };
            let word = &inner[..end];
            let reference =
                if is_variable(word) { format!("${{env:{word}}}") } else { format!("${{{word}}}") };
            self.at += end + 2;
            self.push(&reference);
            return Ok(());
        }
        let (skipped, name) = match rest.get(..4) {
            Some(prefix) if prefix.eq_ignore_ascii_case("env:") => (4, &rest[4..]),
            _ => (0, rest),
        };
        let end = name.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').unwrap_or(name.len());
        let name = &name[..end];
        if !is_variable(name) {
            self.push("$");
            return Ok(());
        }
        let reference = format!("${{env:{name}}}");
        self.at += skipped + end;
        self.push(&reference);
        Ok(())
    }

    /// `<your token>` without quotes stands for a value and is no redirection.
    fn placeholder(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let line = rest.split('\n').next().unwrap_or(rest);
        let Some(end) = line.find('>') else { return false };
        let inside = &line[..end];
        let words = inside.split_whitespace().count();
        let plain = inside.chars().all(|sign| sign.is_alphanumeric() || "-_. ".contains(sign));
        if !plain || words == 0 || inside.starts_with(' ') || inside.ends_with(' ') {
            return false;
        }
        let whole = format!("<{inside}>");
        self.at += end + 1;
        self.push(&whole);
        true
    }

    fn refused(&self, code: &'static str, word: &str) -> ParseProblem {
        ParseProblem::about(code, word).at(self.text, self.at.saturating_sub(1))
    }

    fn open(&self, start: usize, sign: char) -> ParseProblem {
        ParseProblem::about("paste_quote_open", sign.to_string())
            .at(self.text, start.saturating_sub(sign.len_utf8()))
    }
}

fn is_variable(word: &str) -> bool {
    let mut signs = word.chars();
    signs.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && signs.all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
}
