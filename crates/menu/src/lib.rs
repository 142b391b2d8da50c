//! The tray as pure functions: what is true goes in, menu, icon state, tooltip and pixels come out.
//!
//! No operating system, no clock, no core: the host of a tray fills [`Input`] and carries out the [`Command`] of the
//! row that was clicked. Equal inputs give equal values, so that an adapter can change only what differs.

mod command;
mod entry;
mod icon;
mod input;
mod rows;
mod servers;
mod status;
mod words;

pub use command::{Command, Id, UnknownCommand};
pub use entry::{Entry, Item, Menu, Submenu};
pub use icon::{Ink, Pixels, draw};
pub use input::{Autostart, Engine, Input, Mend, Phase, Protection, Server, Stand, Today};
pub use rows::menu;
pub use status::{IconState, headline, icon, tooltip};

#[cfg(test)]
mod tests;
