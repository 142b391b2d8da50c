//! The answer of the login shell, which is untrusted input: bounded, and only what looks like variables.

use std::collections::BTreeMap;

use crate::CaptureError;
use crate::print::marks;

/// The longest answer that is taken.
pub(crate) const LONGEST_ANSWER: usize = 1 << 20;
/// The most variables that are looked at.
const MOST_RECORDS: usize = 4096;

/// Reads `NAME=VALUE` records that are separated by zero bytes; what is no variable is passed over.
pub(crate) fn records(answer: &[u8]) -> Result<BTreeMap<String, String>, CaptureError> {
    if answer.len() > LONGEST_ANSWER {
        return Err(CaptureError::BadAnswer("it is longer than 1 MB"));
    }
    let mut variables = BTreeMap::new();
    for (index, record) in answer.split(|byte| *byte == 0).filter(|record| !record.is_empty()).enumerate() {
        if index >= MOST_RECORDS {
            return Err(CaptureError::BadAnswer("it has more than 4096 variables"));
        }
        if let Some((name, value)) =
            std::str::from_utf8(record).ok().and_then(|record| record.split_once('='))
            && is_name(name)
        {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(variables)
}

/// Letters, digits and underscores, not beginning with a digit; shells export functions under other names.
fn is_name(name: &str) -> bool {
    name.len() <= 256
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Finds an answer between two marks in a stream of anything, without keeping the rest.
pub(crate) struct Marked {
    begin: Vec<u8>,
    end: Vec<u8>,
    inside: bool,
    held: Vec<u8>,
}

impl Marked {
    pub(crate) fn new(nonce: &str) -> Self {
        let (begin, end) = marks(nonce);
        Self { begin: begin.into_bytes(), end: end.into_bytes(), inside: false, held: Vec::new() }
    }

    /// Takes the next bytes; gives the answer once its end is there.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Option<Result<Vec<u8>, CaptureError>> {
        self.held.extend_from_slice(bytes);
        if !self.inside {
            match find(&self.held, &self.begin) {
                Some(at) => {
                    self.held.drain(..at + self.begin.len());
                    self.inside = true;
                }
                None => {
                    let keep = self.begin.len() - 1;
                    self.held.drain(..self.held.len().saturating_sub(keep));
                    return None;
                }
            }
        }
        match find(&self.held, &self.end) {
            Some(at) => {
                // The end of the mark's own line, where it has one.
                let answer = &self.held[..at];
                Some(Ok(answer.strip_prefix(b"\n").unwrap_or(answer).to_vec()))
            }
            None if self.held.len() > LONGEST_ANSWER => {
                Some(Err(CaptureError::BadAnswer("it is longer than 1 MB")))
            }
            None => None,
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_may_span_lines_and_hold_equals_signs() {
        let variables = records(b"A=1\0B=x=y\nz\0\0C=\0").unwrap();
        assert_eq!(variables["B"], "x=y\nz");
        assert_eq!(variables.len(), 3);
    }

    #[test]
    fn what_is_no_variable_is_passed_over() {
        let variables = records(b"BASH_FUNC_f%%=() { x; }\x001A=x\0=x\0plain\0OK=1\0\xff=1\0V=\xff").unwrap();
        assert_eq!(variables.into_keys().collect::<Vec<_>>(), ["OK"]);
    }

    #[test]
    fn an_answer_beyond_all_bounds_is_refused() {
        assert!(records(&vec![b'a'; LONGEST_ANSWER + 1]).is_err());
        assert!(records("A=1\0".repeat(MOST_RECORDS + 1).as_bytes()).is_err());
    }

    #[test]
    fn an_answer_without_end_is_given_up() {
        let mut marked = Marked::new("n");
        assert!(marked.push(b"BEGIN-n\n").is_none());
        assert!(matches!(marked.push(&vec![0; LONGEST_ANSWER + 1]), Some(Err(_))));
    }

    proptest! {
        #[test]
        fn an_answer_is_found_in_noise_however_it_is_cut(
            before in "[a-zB\n]{0,40}", body in "[A-Z=a\0]{0,40}", after in "[a-z]{0,9}", size in 1usize..9,
        ) {
            let text = format!("{before}BEGIN-0a\n{body}END-0a{after}");
            let mut marked = Marked::new("0a");
            let found = text.as_bytes().chunks(size).find_map(|chunk| marked.push(chunk));
            prop_assert_eq!(found.unwrap().unwrap(), body.into_bytes());
        }

        #[test]
        fn no_answer_makes_the_reader_panic(answer in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = records(&answer);
        }
    }
}
