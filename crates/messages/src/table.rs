//! The table of codes: a row for each, with everything about it that is not its sentence.

mod rows;

pub use rows::codes;

/// The colour of a state; it repeats what glyph and word already say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Token {
    /// All is well.
    Ok,
    /// Something is going on.
    Busy,
    /// It waits or wants a look.
    Warn,
    /// It does not work.
    Bad,
    /// It is meant to be still.
    Off,
}

/// How a state looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The sign.
    pub glyph: char,
    /// The sign for terminals without it.
    pub ascii: char,
    /// The colour.
    pub token: Token,
}

/// One code and what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The stable code, which is also the key of its sentence.
    pub code: &'static str,
    /// The short name under which documents list it (`C01`).
    pub label: Option<&'static str>,
    /// The diagnostic code that older tools know it by.
    pub diagnostic: Option<&'static str>,
    /// The literal `health.summary` for clients that read it.
    pub summary: Option<&'static str>,
    /// The literal `health.action` for clients that read it.
    pub health_action: &'static str,
    /// The id of the action that mends it.
    pub action: Option<&'static str>,
    /// How it looks as a state.
    pub look: Option<Look>,
}

/// The row of a code.
pub fn find(code: &str) -> Option<&'static Entry> {
    codes().iter().find(|entry| entry.code == code)
}

#[cfg(test)]
mod tests;
