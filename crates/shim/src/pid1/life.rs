//! How a server ends, step by step, as a value: time comes in, actions go out, nothing is done here.
//!
//! `Running → Draining (input closed, grace) → Terminating (TERM sent, grace) → Killing`, and once the server itself is
//! gone `Sweeping` what it left behind. Any step ends early when there is nothing left to wait for.

use mcpproxy_shim::report::Cause;

/// What the stragglers get between TERM and KILL once the server is gone.
const SWEEP_MS: u64 = 100;
/// After KILL nothing can be left for long; a process stuck in the kernel dies with the container.
const KILL_MS: u64 = 1_000;

/// What the loop shall do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Close the server's input.
    CloseInput,
    /// TERM to the server's process group.
    TerminateGroup,
    /// TERM to every process.
    TerminateAll,
    /// KILL to every process.
    KillAll,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    Draining { until: u64 },
    Terminating { until: u64 },
    Killing { until: u64 },
    Sweeping { until: u64 },
    Over,
}

/// The state of a server's end.
#[derive(Debug)]
pub(super) struct Life {
    phase: Phase,
    grace: u64,
    cause: Option<Cause>,
}

impl Life {
    pub(super) fn new(grace: u64) -> Life {
        Life { phase: Phase::Running, grace, cause: None }
    }

    /// What set the end in motion; an end that nobody asked for is the server's own.
    pub(super) fn cause(&self) -> Cause {
        self.cause.unwrap_or(Cause::Exit)
    }

    /// Whether everything is over.
    pub(super) fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// When something happens next if nothing else does.
    pub(super) fn deadline(&self) -> Option<u64> {
        match self.phase {
            Phase::Running | Phase::Over => None,
            Phase::Draining { until }
            | Phase::Terminating { until }
            | Phase::Killing { until }
            | Phase::Sweeping { until } => Some(until),
        }
    }

    /// The owner is gone or asks for the end; `grace` replaces the preamble's. A second wish never lengthens the first.
    pub(super) fn end(&mut self, cause: Cause, grace: Option<u64>, now: u64) -> Option<Action> {
        if let Some(grace) = grace {
            self.grace = grace;
        }
        match &mut self.phase {
            Phase::Running => {
                self.cause = Some(cause);
                self.phase = Phase::Draining { until: now + self.grace };
                Some(Action::CloseInput)
            }
            Phase::Draining { until } | Phase::Terminating { until } => {
                *until = (*until).min(now + self.grace);
                None
            }
            Phase::Killing { .. } | Phase::Sweeping { .. } | Phase::Over => None,
        }
    }

    /// The container was asked to end by a signal: no time is spent on waiting for the end of input.
    pub(super) fn terminate(&mut self, cause: Cause, now: u64) -> Option<Action> {
        match self.phase {
            Phase::Running | Phase::Draining { .. } => {
                self.cause.get_or_insert(cause);
                self.phase = Phase::Terminating { until: now + self.grace };
                Some(Action::TerminateGroup)
            }
            Phase::Terminating { .. } | Phase::Killing { .. } | Phase::Sweeping { .. } | Phase::Over => None,
        }
    }

    /// The server's own process has ended and left others behind.
    pub(super) fn server_ended(&mut self, now: u64) -> Option<Action> {
        match self.phase {
            // After KILL to all there is nobody left to be polite to.
            Phase::Sweeping { .. } | Phase::Killing { .. } | Phase::Over => None,
            Phase::Running | Phase::Draining { .. } | Phase::Terminating { .. } => {
                self.phase = Phase::Sweeping { until: now + SWEEP_MS };
                Some(Action::TerminateAll)
            }
        }
    }

    /// No process is left but this one.
    pub(super) fn alone(&mut self) {
        self.phase = Phase::Over;
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: u64) -> Option<Action> {
        if self.deadline().is_none_or(|until| now < until) {
            return None;
        }
        match self.phase {
            Phase::Draining { .. } => {
                self.phase = Phase::Terminating { until: now + self.grace };
                Some(Action::TerminateGroup)
            }
            Phase::Terminating { .. } | Phase::Sweeping { .. } => {
                self.phase = Phase::Killing { until: now + KILL_MS };
                Some(Action::KillAll)
            }
            Phase::Killing { .. } => {
                self.phase = Phase::Over;
                None
            }
            Phase::Running | Phase::Over => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_stubborn_server_is_drained_terminated_and_killed() {
        let mut life = Life::new(2_000);
        assert_eq!(life.end(Cause::InputEnded, None, 0), Some(Action::CloseInput));
        assert_eq!(life.tick(1_999), None);
        assert_eq!(life.tick(2_000), Some(Action::TerminateGroup));
        assert_eq!(life.tick(4_000), Some(Action::KillAll));
        life.alone();
        assert!(life.is_over());
        assert_eq!(life.cause(), Cause::InputEnded);
    }

    #[test]
    fn a_signal_skips_the_wait_for_the_end_of_input() {
        let mut life = Life::new(500);
        assert_eq!(life.terminate(Cause::Signal, 0), Some(Action::TerminateGroup));
        assert_eq!(life.terminate(Cause::Signal, 1), None);
        assert_eq!(life.tick(500), Some(Action::KillAll));
    }

    #[test]
    fn a_server_that_leaves_nothing_behind_is_over_at_once() {
        let mut life = Life::new(2_000);
        life.alone();
        assert!(life.is_over());
        assert_eq!(life.cause(), Cause::Exit);
    }

    #[test]
    fn what_a_server_leaves_behind_is_swept() {
        let mut life = Life::new(2_000);
        assert_eq!(life.server_ended(5), Some(Action::TerminateAll));
        assert_eq!(life.tick(105), Some(Action::KillAll));
    }

    #[test]
    fn a_shorter_grace_hurries_an_end_that_is_under_way() {
        let mut life = Life::new(60_000);
        life.end(Cause::InputEnded, None, 0);
        life.end(Cause::Stop, Some(10), 100);
        assert_eq!(life.deadline(), Some(110));
        assert_eq!(life.cause(), Cause::InputEnded);
    }

    proptest! {
        #[test]
        fn whatever_happens_an_end_that_began_comes(
            grace in 0u64..5_000,
            steps in prop::collection::vec((0u8..4, 0u64..3_000), 0..20),
        ) {
            let mut life = Life::new(grace);
            let mut now = 0;
            life.end(Cause::Stop, None, now);
            for (step, pause) in steps {
                now += pause;
                match step {
                    0 => { life.end(Cause::InputEnded, None, now); }
                    1 => { life.terminate(Cause::Signal, now); }
                    2 => { life.server_ended(now); }
                    _ => { life.tick(now); }
                }
            }
            let last = now + 2 * grace + SWEEP_MS + KILL_MS;
            while let Some(until) = life.deadline() {
                prop_assert!(until <= last, "the end is bounded");
                life.tick(until);
            }
            prop_assert!(life.is_over());
        }
    }
}
