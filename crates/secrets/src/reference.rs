//! References to secrets inside texts: finding them, and putting the values in.

use crate::{Secret, Source, SourceError};

/// A reference to a value that is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reference {
    /// `${env:NAME}`: a variable of the environment.
    Env(String),
    /// `${keyring:NAME}`: an entry of the system's keyring.
    Keyring(String),
}

impl Reference {
    /// The name of the variable or entry.
    pub fn name(&self) -> &str {
        match self {
            Self::Env(name) | Self::Keyring(name) => name,
        }
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => write!(f, "${{env:{name}}}"),
            Self::Keyring(name) => write!(f, "${{keyring:{name}}}"),
        }
    }
}

/// Why a text with references has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// A referenced value is not to be had.
    #[error("{reference} has no value: {cause}")]
    Source {
        /// The reference.
        reference: Reference,
        /// Why.
        cause: SourceError,
    },
    /// The text refers to a kind of source that does not exist.
    #[error("{text} refers to a source named {kind}. Only env and keyring exist.")]
    UnknownKind {
        /// The whole reference.
        text: String,
        /// Its unknown kind.
        kind: String,
    },
}

impl ResolveError {
    /// The stable name of this kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            // A variable comes from where we were started: keeping a secret under its name changes nothing.
            Self::Source { reference: Reference::Env(_), cause: SourceError::Missing } => "variable_missing",
            Self::Source { cause, .. } => cause.code(),
            Self::UnknownKind { .. } => "secret_source_unknown",
        }
    }

    /// The parts of the error's sentence, by name.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Source { reference, .. } => {
                vec![("secret", reference.name().to_owned()), ("reference", reference.to_string())]
            }
            Self::UnknownKind { text, kind } => vec![("reference", text.clone()), ("kind", kind.clone())],
        }
    }
}

/// The references in a text, in order, each once.
pub fn references(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    for piece in pieces(text) {
        if let Piece::Reference { kind, name, .. } = piece
            && let Some(reference) = known(kind, name)
            && !found.contains(&reference)
        {
            found.push(reference);
        }
    }
    found
}

/// The text with every reference replaced by its value.
///
/// # Errors
/// The first reference that has no value, named.
pub fn resolve(text: &str, source: &dyn Source) -> Result<Secret, ResolveError> {
    let mut resolved = zeroize::Zeroizing::new(String::with_capacity(text.len()));
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => resolved.push_str(plain),
            Piece::Reference { whole, kind, name } => {
                let reference = known(kind, name).ok_or_else(|| ResolveError::UnknownKind {
                    text: whole.to_owned(),
                    kind: kind.to_owned(),
                })?;
                let value = match source.get(&reference) {
                    Ok(value) if value.is_empty() => Err(SourceError::Missing),
                    other => other,
                };
                match value {
                    Ok(value) => resolved.push_str(value.expose()),
                    Err(cause) => return Err(ResolveError::Source { reference, cause }),
                }
            }
        }
    }
    Ok(Secret::new(resolved.as_str()))
}

enum Piece<'a> {
    Plain(&'a str),
    Reference { whole: &'a str, kind: &'a str, name: &'a str },
}

fn known(kind: &str, name: &str) -> Option<Reference> {
    match kind {
        "env" => Some(Reference::Env(name.to_owned())),
        "keyring" => Some(Reference::Keyring(name.to_owned())),
        _ => None,
    }
}

/// Splits at `${kind:name}`, where the kind has neither `:` nor `}` and the name has no `}`.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut plain_start = 0;
    let mut search = 0;
    while let Some(offset) = text[search..].find("${") {
        let start = search + offset;
        let body = &text[start + 2..];
        let reference = body.find('}').and_then(|end| {
            let (kind, name) = body[..end].split_once(':')?;
            (!kind.is_empty() && !name.is_empty()).then_some((kind, name, start + 2 + end + 1))
        });
        let Some((kind, name, end)) = reference else {
            search = start + 2;
            continue;
        };
        if plain_start < start {
            pieces.push(Piece::Plain(&text[plain_start..start]));
        }
        pieces.push(Piece::Reference { whole: &text[start..end], kind, name });
        plain_start = end;
        search = end;
    }
    if plain_start < text.len() {
        pieces.push(Piece::Plain(&text[plain_start..]));
    }
    pieces
}

#[cfg(test)]
mod tests;
