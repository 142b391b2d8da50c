//! Every sentence that people read, and the literal phrases that programs look for.
//!
//! The libraries below carry codes and fields; whoever shows something to a person turns them into a sentence
//! here. The catalogue is `locales/en.ftl`, one message per code; the table of codes adds what a sentence cannot
//! say: the glyph, the action, and the names under which older tools know the same thing.

mod catalogue;
pub mod phrases;
mod table;

pub use catalogue::{action, hint, render, word};
pub use table::{Entry, Look, Token, codes, find};
