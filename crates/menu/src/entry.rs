//! A menu as a value: rows, separators, submenus.

use crate::command::Id;
use serde::Serialize;

/// The rows from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Menu(pub Vec<Entry>);

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A row that can be chosen.
    Item(Item),
    /// A line between groups of rows.
    Separator,
    /// A row that opens further rows.
    Submenu(Submenu),
}

/// A row that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What it does.
    pub id: Id,
    /// What it says.
    pub text: String,
    /// Whether it can be chosen now.
    pub enabled: bool,
    /// For rows with a tick: whether it is set.
    pub checked: Option<bool>,
}

/// A row that opens further rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Submenu {
    /// What it stands for.
    pub id: Id,
    /// What it says.
    pub text: String,
    /// Its rows.
    pub entries: Vec<Entry>,
}

impl Menu {
    /// Whether the rows are the same ones in the same order, so that texts and ticks can be changed in place.
    pub fn same_shape(&self, other: &Self) -> bool {
        same_shape(&self.0, &other.0)
    }

    /// All items and submenus, each with how deep it stands.
    pub fn walk(&self) -> Vec<(usize, &Entry)> {
        let mut found = Vec::new();
        collect(&self.0, 0, &mut found);
        found
    }

    /// The menu as indented lines, for tests and logs.
    pub fn outline(&self) -> String {
        self.walk()
            .into_iter()
            .map(|(depth, entry)| {
                let indent = "  ".repeat(depth);
                match entry {
                    Entry::Separator => format!("{indent}---\n"),
                    Entry::Submenu(sub) => format!("{indent}{} >\n", sub.text),
                    Entry::Item(item) => {
                        let tick = match item.checked {
                            Some(true) => "[x] ",
                            Some(false) => "[ ] ",
                            None => "",
                        };
                        let off = if item.enabled { "" } else { " (off)" };
                        format!("{indent}{tick}{}{off}\n", item.text)
                    }
                }
            })
            .collect()
    }
}

fn same_shape(left: &[Entry], right: &[Entry]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|pair| match pair {
            (Entry::Separator, Entry::Separator) => true,
            (Entry::Item(left), Entry::Item(right)) => {
                left.id == right.id && left.checked.is_some() == right.checked.is_some()
            }
            (Entry::Submenu(left), Entry::Submenu(right)) => {
                left.id == right.id && same_shape(&left.entries, &right.entries)
            }
            _ => false,
        })
}

fn collect<'a>(entries: &'a [Entry], depth: usize, found: &mut Vec<(usize, &'a Entry)>) {
    for entry in entries {
        found.push((depth, entry));
        if let Entry::Submenu(sub) = entry {
            collect(&sub.entries, depth + 1, found);
        }
    }
}
