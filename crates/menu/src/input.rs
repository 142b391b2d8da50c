//! What the tray needs to know, filled by its host from a snapshot.

/// All that menu, icon and tooltip depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where the program stands.
    pub phase: Phase,
    /// The container engine.
    pub engine: Engine,
    /// The global isolation switch.
    pub isolation_enabled: bool,
    /// The servers in the order of the file.
    pub servers: Vec<Server>,
    /// Since when everything is paused, as a person writes the time.
    pub paused: Option<String>,
    /// Calls that run for so long that they are worth a mark.
    pub calls_running: usize,
    /// What happened today, when it is known.
    pub today: Option<Today>,
    /// Whether the program starts with the session.
    pub autostart: Autostart,
    /// The program ended unexpectedly the last time, and nobody has looked at that yet.
    pub crashed: bool,
}

/// Where the program stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Servers are being started.
    Starting,
    /// It runs.
    Running,
    /// Servers are being ended.
    Quitting,
    /// It could not start.
    Failed {
        /// The sentence.
        reason: String,
    },
}

/// The container engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// The code of its state, such as `engine_ready`.
    pub code: String,
    /// Its name, such as `OrbStack`; empty when unknown.
    pub product: String,
    /// It answers.
    pub available: bool,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// The code of its state, such as `state_ready`: glyph and word come from it.
    pub code: String,
    /// Its state in one sentence.
    pub sentence: String,
    /// The group it belongs to.
    pub stand: Stand,
    /// How it is protected.
    pub protection: Protection,
    /// It is turned on.
    pub enabled: bool,
    /// What one click would mend, when something does.
    pub mend: Option<Mend>,
}

/// How a server stands, in the order of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stand {
    /// It failed or is held: a person has to look.
    NeedsYou,
    /// It runs or is on its way.
    Running,
    /// It waits for the engine.
    WaitsForEngine,
    /// It sleeps until the next call.
    Asleep,
    /// It is turned off.
    Off,
}

/// How a server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// In a hardened container.
    Isolated,
    /// On this computer, with all rights of the person.
    Unprotected {
        /// Minutes until it is isolated again, when that is arranged.
        minutes_left: Option<u64>,
    },
    /// In a container of its author.
    OwnContainer,
    /// On another computer.
    Elsewhere,
}

/// What one click would mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// More memory.
    RaiseMemory {
        /// The new limit, as a person writes it.
        to: String,
    },
    /// A look at it.
    Review,
}

/// What happened today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Today {
    /// Calls in all.
    pub calls: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that were blocked.
    pub blocked: u64,
}

/// Whether the program starts with the session, as the system tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Autostart {
    /// It does.
    On,
    /// It does not.
    Off,
    /// The system or the person refuses it in the system's own settings.
    Refused,
    /// This system has no such thing, or it cannot be read: no row.
    Unknown,
}

impl Server {
    /// Runs on this computer with all rights, now or as soon as it starts.
    pub(crate) const fn is_unprotected(&self) -> bool {
        self.enabled && matches!(self.protection, Protection::Unprotected { .. })
    }

    /// Isolation can be switched.
    pub(crate) const fn is_isolatable(&self) -> bool {
        matches!(self.protection, Protection::Isolated | Protection::Unprotected { .. })
    }
}
