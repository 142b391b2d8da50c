//! Wishes to the window from outside: a second start, or the terminal, asks the instance that runs to show itself, to
//! open the logs, or to quit. Whoever shows windows listens; without anybody the wish is answered as such.

use tokio::sync::broadcast;

use crate::Core;

/// Wishes that may wait; a listener that falls behind misses the oldest.
const WAITING: usize = 16;

/// What is asked of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Show the window.
    Show,
    /// Open the folder of the logs.
    OpenLogs,
    /// Quit the program.
    Quit,
    /// Nothing but to know that it runs, as a hidden start does.
    Hidden,
}

impl Wish {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Show, Self::OpenLogs, Self::Quit, Self::Hidden];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::OpenLogs => "open-logs",
            Self::Quit => "quit",
            Self::Hidden => "hidden",
        }
    }

    /// The wish behind a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wish| wish.word() == word)
    }
}

/// Nobody here shows windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("MCPProxy runs here without a window. Use the terminal, or start the app.")]
pub struct NoWindow;

impl NoWindow {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        "no_window"
    }
}

pub(crate) fn channel() -> broadcast::Sender<Wish> {
    broadcast::Sender::new(WAITING)
}

impl Core {
    /// Wishes from now on. Whoever holds this is the window, or stands for it.
    pub fn wishes(&self) -> broadcast::Receiver<Wish> {
        self.inner.window.subscribe()
    }

    /// Hands a wish over to the window.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn wish(&self, wish: Wish) -> Result<(), NoWindow> {
        self.inner.window.send(wish).map(drop).map_err(|_| NoWindow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_leads_back_to_its_wish() {
        for wish in Wish::ALL {
            assert_eq!(Wish::from_word(wish.word()), Some(wish));
        }
        assert_eq!(Wish::from_word("dance"), None);
    }
}
