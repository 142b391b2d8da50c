//! The command while it is taken apart: a program, its words, and what wrappers added on the way.

use crate::facts::Os;
use crate::refusal::Refusal;
use crate::spec::{ServerSpec, Text};

use super::unwrap;
use super::words::{Split, split_posix};

/// A command without its wrappers. The original stays with the person's configuration for display.
#[derive(Debug, Clone)]
pub struct Command {
    /// The program as written: a name or a path.
    pub program: String,
    /// Its base name, without the endings that Windows knows.
    pub name: String,
    /// Its words.
    pub args: Vec<Text>,
    /// Variables that a wrapper set.
    pub env: Vec<(String, Text)>,
    /// A folder that a wrapper changed into.
    pub folder: Option<String>,
    /// Wrappers that were taken off, outermost first.
    pub wrappers: Vec<String>,
}

impl Command {
    /// Takes the words of a server's command apart until nothing wraps it.
    pub fn read(spec: &ServerSpec, os: Os, exists: &dyn Fn(&str) -> bool) -> Result<Self, Refusal> {
        let mut words: Vec<Text> = whole_command(&spec.command, os, exists);
        words.extend(spec.args.iter().cloned());
        let mut command = Self {
            program: String::new(),
            name: String::new(),
            args: Vec::new(),
            env: Vec::new(),
            folder: None,
            wrappers: Vec::new(),
        };
        command.set(words, os).ok_or_else(|| Refusal::Command {
            command: spec.command.clone(),
            problem: "there is no program in it".to_owned(),
        })?;
        // Each turn takes one wrapper off and leaves fewer words, but a hostile nesting shall end too.
        for _ in 0..16 {
            if !unwrap::step(&mut command, os)? {
                return Ok(command);
            }
        }
        Err(command.unclear("it wraps one program into another too often"))
    }

    /// Puts new words in the place of the old ones; nothing if there are none.
    pub fn set(&mut self, words: Vec<Text>, os: Os) -> Option<()> {
        let mut words = words.into_iter();
        let program = words.next()?.expose().to_owned();
        if program.is_empty() {
            return None;
        }
        self.name = base_name(&program, os);
        self.program = program;
        self.args = words.collect();
        Some(())
    }

    /// The refusal of a command that makes no sense.
    pub fn unclear(&self, problem: &str) -> Refusal {
        Refusal::Command { command: self.name.clone(), problem: problem.to_owned() }
    }

    /// An argument as the program will read it.
    pub fn arg(&self, at: usize) -> Option<&str> {
        self.args.get(at).map(Text::expose)
    }
}

/// The last part of a path, in lower case where the system folds case, without `.exe`, `.cmd`, `.bat`, `.ps1`.
pub fn base_name(program: &str, os: Os) -> String {
    let windows_path = os == Os::Windows || is_drive_path(program);
    let separators: &[char] = if windows_path { &['/', '\\'] } else { &['/'] };
    let name = program.trim_end_matches(separators).rsplit(separators).next().unwrap_or(program);
    let name = if windows_path { name.to_lowercase() } else { name.to_owned() };
    let lower = name.to_ascii_lowercase();
    for ending in [".exe", ".cmd", ".bat", ".ps1"] {
        if lower.len() > ending.len() && lower.ends_with(ending) {
            return name[..name.len() - ending.len()].to_owned();
        }
    }
    name
}

/// Whether a path begins with a drive letter.
pub fn is_drive_path(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() >= 3 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'\\' | b'/')
}

/// Some configurations write the whole line into `command`. A path with spaces stays whole.
fn whole_command(command: &str, os: Os, exists: &dyn Fn(&str) -> bool) -> Vec<Text> {
    let trimmed = command.trim();
    let whole = || vec![Text::plain(trimmed)];
    if !trimmed.contains([' ', '\t']) || exists(trimmed) || is_drive_path(trimmed) {
        return whole();
    }
    match split_posix(trimmed) {
        Split::Simple(words) => {
            let first = words.first().map(String::as_str).unwrap_or_default();
            let is_path = first.starts_with(['/', '~', '.']);
            if is_path && !exists(first) && super::table::find(&base_name(first, os)).is_none() {
                return whole();
            }
            words.into_iter().map(Text::Plain).collect()
        }
        Split::Script => vec![Text::plain("sh"), Text::plain("-c"), Text::plain(trimmed)],
        Split::Unclosed => whole(),
    }
}
