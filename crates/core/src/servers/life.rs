//! The life of one server, kept pure: `supervise.rs` does the I/O and reports events.
//!
//! At most one incarnation (a task that prepares, starts and connects one process) lives at a time. Whatever
//! happens while it is being ended only decides what comes next, so that no process is ever left behind.
use tokio::time::Instant;

use super::backoff::Backoff;

/// Where a server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Turned off.
    Disabled,
    /// Held until somebody looks at it.
    Quarantined,
    /// The engine does not answer; nothing runs.
    WaitingForEngine,
    /// An incarnation is on its way or works.
    Active(Step),
    /// The incarnation is being ended.
    Stopping,
    /// Nothing runs until then.
    Backoff { until: Instant },
    /// Nothing runs until something is changed.
    Failed,
}

/// How far an incarnation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Preparing,
    WaitingForResume,
    WaitingForTurn,
    Starting,
    Handshaking,
    Ready,
}

/// What a server shall do, from its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Off,
    Held,
    On,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The configuration was read: what is wished, whether the place it runs in changed, whether it needs the engine.
    Configured { wish: Wish, changed: bool, needs_engine: bool },
    /// A person asks for a new process.
    Restart,
    /// A person asks to try again whatever waits for a change or for its next try.
    Retry,
    /// The engine answers now, or does not any more.
    Engine { up: bool },
    /// The incarnation came further.
    Reached(Step),
    /// The incarnation is gone, with everything it made.
    Ended(End),
    /// The time of `Backoff` has come.
    Due,
    /// The program ends.
    Shutdown,
}

/// Why an incarnation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It was asked to.
    Asked,
    /// The cause can pass by itself.
    Passing,
    /// The engine went away under it.
    EngineLost,
    /// Only a change can mend it.
    Lasting,
}

/// What the supervisor must do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    /// Begin an incarnation.
    Begin,
    /// End the incarnation that runs.
    Cancel,
}

/// One server's life.
#[derive(Debug)]
pub(crate) struct Life {
    state: State,
    wish: Wish,
    needs_engine: bool,
    engine_up: bool,
    closing: bool,
    /// A new process is wanted as soon as the old one is gone.
    again: bool,
    ready_since: Option<Instant>,
    backoff: Backoff,
}

impl Life {
    /// A server that nothing is known of yet.
    pub(crate) const fn new(backoff: Backoff, engine_up: bool) -> Self {
        Self {
            state: State::Disabled,
            wish: Wish::Off,
            needs_engine: false,
            engine_up,
            closing: false,
            again: false,
            ready_since: None,
            backoff,
        }
    }

    pub(crate) const fn state(&self) -> State {
        self.state
    }

    /// Tries that failed in a row.
    pub(crate) const fn attempt(&self) -> u32 {
        self.backoff.attempt()
    }

    /// When `Event::Due` shall be sent.
    pub(crate) const fn due(&self) -> Option<Instant> {
        match self.state {
            State::Backoff { until } => Some(until),
            _ => None,
        }
    }

    /// The server is off for good and nothing of it is left.
    pub(crate) const fn is_over(&self) -> bool {
        self.closing && matches!(self.state, State::Disabled)
    }

    /// Takes an event and says what must be done.
    pub(crate) fn on(&mut self, event: Event, now: Instant) -> Action {
        match event {
            Event::Configured { wish, changed, needs_engine } => self.configured(wish, changed, needs_engine),
            Event::Restart => self.restart(),
            Event::Retry => match self.state {
                State::Backoff { .. } | State::Failed => self.restart(),
                _ => Action::Nothing,
            },
            Event::Engine { up } => self.engine(up),
            Event::Reached(step) => self.reached(step, now),
            Event::Ended(end) => self.ended(end, now),
            Event::Due => match self.state {
                State::Backoff { .. } => self.begin_or_rest(),
                _ => Action::Nothing,
            },
            Event::Shutdown => {
                self.closing = true;
                self.end_or_rest()
            }
        }
    }

    fn configured(&mut self, wish: Wish, changed: bool, needs_engine: bool) -> Action {
        let fresh = self.wish != wish;
        self.wish = wish;
        self.needs_engine = needs_engine;
        if changed || fresh {
            self.backoff.reset();
        }
        match wish {
            Wish::Off | Wish::Held => self.end_or_rest(),
            Wish::On if changed || fresh => self.restart(),
            Wish::On => Action::Nothing,
        }
    }

    fn restart(&mut self) -> Action {
        if self.wish != Wish::On || self.closing {
            return Action::Nothing;
        }
        self.backoff.reset();
        match self.state {
            State::Active(_) => {
                self.again = true;
                self.state = State::Stopping;
                Action::Cancel
            }
            State::Stopping => {
                self.again = true;
                Action::Nothing
            }
            _ => self.begin_or_rest(),
        }
    }

    fn engine(&mut self, up: bool) -> Action {
        self.engine_up = up;
        match self.state {
            State::WaitingForEngine if up => self.begin_or_rest(),
            State::Backoff { .. } if self.needs_engine && !up => {
                self.state = State::WaitingForEngine;
                Action::Nothing
            }
            // A running incarnation notices the loss itself, by the end of its connection.
            _ => Action::Nothing,
        }
    }

    fn reached(&mut self, step: Step, now: Instant) -> Action {
        if let State::Active(current) = &mut self.state {
            *current = step;
            if step == Step::Ready {
                self.ready_since = Some(now);
            }
        }
        Action::Nothing
    }

    fn ended(&mut self, end: End, now: Instant) -> Action {
        let asked = matches!(self.state, State::Stopping);
        let ran = self.ready_since.take().map(|since| now.saturating_duration_since(since));
        self.backoff.note_run(ran);
        if self.closing || self.wish != Wish::On {
            self.again = false;
            return self.rest();
        }
        if asked || self.again {
            self.again = false;
            return self.begin_or_rest();
        }
        match end {
            End::Lasting => {
                self.state = State::Failed;
                Action::Nothing
            }
            End::EngineLost if !self.engine_up => self.rest(),
            // The watch has not noticed yet, or the engine is back already: the next try tells.
            End::EngineLost | End::Passing | End::Asked => {
                self.state = State::Backoff { until: now + self.backoff.next() };
                Action::Nothing
            }
        }
    }

    fn end_or_rest(&mut self) -> Action {
        self.again = false;
        match self.state {
            State::Active(_) => {
                self.state = State::Stopping;
                Action::Cancel
            }
            State::Stopping => Action::Nothing,
            _ => self.rest(),
        }
    }

    fn begin_or_rest(&mut self) -> Action {
        let blocked = self.needs_engine && !self.engine_up;
        if self.closing || self.wish != Wish::On || blocked {
            return self.rest();
        }
        self.state = State::Active(Step::Preparing);
        Action::Begin
    }

    /// The state of a server of which nothing runs.
    fn rest(&mut self) -> Action {
        self.state = match self.wish {
            _ if self.closing => State::Disabled,
            Wish::Off => State::Disabled,
            Wish::Held => State::Quarantined,
            Wish::On => State::WaitingForEngine,
        };
        Action::Nothing
    }
}

#[cfg(test)]
mod tests;
