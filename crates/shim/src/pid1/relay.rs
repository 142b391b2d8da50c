//! The loop: frames from the owner to the server's private pipe, signals, dead children, deadlines.
//!
//! The container's own stdin exists in this process only. A server that reopened it for writing could otherwise keep
//! itself alive after its owner; its private pipe it may reopen as it likes.

use mcpproxy_shim::frame::{Decoder, Event};
use mcpproxy_shim::report::Cause;

use super::Outcome;
use super::life::{Action, Life};
use super::platform::{self, Ended, Fd, STDIN, Signals, Wish};
use super::spawn::Server;

/// One read from the owner.
const READ: usize = 64 * 1024;
/// How much input is kept for a server that does not read, so that heartbeats behind it still arrive.
const BACKLOG: usize = 1024 * 1024;
/// A heartbeat is lost after this many tenths of its interval.
const PATIENCE_TENTHS: u64 = 35;

/// Relays until the server and all it started are gone.
pub(super) fn run(server: Server, signals: &Signals, grace: u64, heartbeat: Option<u64>) -> Outcome {
    let now = platform::now_ms();
    platform::set_nonblocking(STDIN);
    let mut relay = Relay {
        pid: server.pid,
        input: Some(server.input),
        backlog: Vec::new(),
        closing: false,
        owner: Some(Decoder::default()),
        lease: heartbeat.map(|interval| Lease { interval, seen: now, turn: now }),
        life: Life::new(grace),
        ended: None,
        reaped: 0,
    };
    let mut buffer = vec![0; READ];
    while !relay.life.is_over() {
        relay.turn(signals, &mut buffer);
    }
    let (code, signal) = match relay.ended {
        Some(Ended::Code(code)) => (Some(code), None),
        Some(Ended::Signal(signal)) => (None, Some(signal)),
        None => (None, Some(platform::KILL)),
    };
    Outcome { code, signal, cause: relay.life.cause(), errno: None, reaped: relay.reaped }
}

/// The owner's heartbeats. The clock stands still while the machine sleeps, but not while the container is paused:
/// a turn of the loop that comes late by more than an interval was such a pause, and starts the count anew.
struct Lease {
    interval: u64,
    seen: u64,
    turn: u64,
}

impl Lease {
    fn woke(&mut self, now: u64) {
        if now.saturating_sub(self.turn) > self.interval {
            self.seen = now;
        }
        self.turn = now;
    }

    fn is_lost(&self, now: u64) -> bool {
        now.saturating_sub(self.seen) * 10 > self.interval * PATIENCE_TENTHS
    }

    /// Often enough that an ordinary turn never looks like a pause.
    fn next_turn(&self) -> u64 {
        self.turn + self.interval / 2
    }
}

struct Relay {
    pid: platform::Pid,
    /// The write end of the server's input, until it is closed.
    input: Option<Fd>,
    /// Input the server has not taken yet.
    backlog: Vec<u8>,
    /// The input ends once the backlog is written.
    closing: bool,
    /// The owner's frames, until its connection ends.
    owner: Option<Decoder>,
    lease: Option<Lease>,
    life: Life,
    ended: Option<Ended>,
    reaped: u64,
}

impl Relay {
    fn turn(&mut self, signals: &Signals, buffer: &mut [u8]) {
        let listening = self.owner.is_some().then_some(STDIN);
        // A full backlog stops the reading, not the watching: the end of the owner's connection is still seen.
        let wish = if self.backlog.len() < BACKLOG { Wish::Read } else { Wish::Hangup };
        let blocked = self.input.filter(|_| !self.backlog.is_empty());
        let seen = platform::poll(listening.map(|fd| (fd, wish)), blocked, signals, self.timeout());
        let now = platform::now_ms();
        if let Some(lease) = &mut self.lease {
            lease.woke(now);
        }
        if seen.writable {
            self.flush();
        }
        if seen.readable {
            self.read(buffer, now);
        } else if seen.hangup && wish == Wish::Hangup {
            self.lose_owner(now);
        }
        if seen.signal {
            self.take_signals(signals, now);
        }
        if self.lease.as_ref().is_some_and(|lease| lease.is_lost(now)) && wish == Wish::Read {
            let action = self.life.end(Cause::HeartbeatLost, None, now);
            self.act(action);
        }
        let action = self.life.tick(now);
        self.act(action);
    }

    fn timeout(&self) -> Option<u64> {
        let turn = self.lease.as_ref().filter(|_| self.owner.is_some()).map(Lease::next_turn);
        let next = [self.life.deadline(), turn].into_iter().flatten().min();
        next.map(|next| next.saturating_sub(platform::now_ms()))
    }

    /// Reads all that is there, so that heartbeats are counted before the silence is.
    fn read(&mut self, buffer: &mut [u8], now: u64) {
        while self.owner.is_some() && self.backlog.len() < BACKLOG {
            match platform::read(STDIN, buffer) {
                Ok(0) => return self.lose_owner(now),
                Ok(count) => {
                    if let Some(lease) = &mut self.lease {
                        lease.seen = now;
                    }
                    self.decode(&buffer[..count], now);
                    if count < buffer.len() {
                        return;
                    }
                }
                Err(platform::EINTR) => {}
                Err(platform::EAGAIN) => return,
                Err(_) => return self.lose_owner(now),
            }
        }
    }

    fn decode(&mut self, mut bytes: &[u8], now: u64) {
        let Some(mut decoder) = self.owner.take() else { return };
        loop {
            match decoder.next(&mut bytes) {
                Ok(None) => break,
                Ok(Some(Event::Data(piece))) => self.pass(piece),
                Ok(Some(Event::EndOfInput)) => self.finish_input(),
                Ok(Some(Event::Heartbeat)) => {}
                Ok(Some(Event::Signal(number))) => platform::signal_group(self.pid, number.into()),
                Ok(Some(Event::Stop(grace))) => {
                    let action = self.life.end(Cause::Stop, Some(grace.into()), now);
                    self.act(action);
                }
                Err(_) => {
                    let action = self.life.end(Cause::BadFrame, None, now);
                    self.act(action);
                    return;
                }
            }
        }
        self.owner = Some(decoder);
    }

    /// Writes straight from the owner's buffer; only what the server does not take at once is copied.
    fn pass(&mut self, piece: &[u8]) {
        let Some(input) = self.input.filter(|_| !self.closing) else { return };
        let mut rest = piece;
        while self.backlog.is_empty() && !rest.is_empty() {
            match platform::write(input, rest) {
                Ok(count) => rest = &rest[count..],
                Err(platform::EINTR) => {}
                Err(platform::EAGAIN) => break,
                // The server closed its input: what still comes is for nobody.
                Err(_) => return self.close_input(),
            }
        }
        self.backlog.extend_from_slice(rest);
    }

    fn flush(&mut self) {
        let Some(input) = self.input else { return };
        let mut done = 0;
        while done < self.backlog.len() {
            match platform::write(input, &self.backlog[done..]) {
                Ok(count) => done += count,
                Err(platform::EINTR) => {}
                Err(platform::EAGAIN) => break,
                Err(_) => return self.close_input(),
            }
        }
        self.backlog.drain(..done);
        if self.closing && self.backlog.is_empty() {
            self.close_input();
        }
    }
}

/// What the states ask for, done.
impl Relay {
    /// The server's input ends after what is still to be written.
    fn finish_input(&mut self) {
        if self.backlog.is_empty() {
            self.close_input();
        } else {
            self.closing = true;
        }
    }

    fn close_input(&mut self) {
        if let Some(input) = self.input.take() {
            platform::close(input);
        }
        self.backlog = Vec::new();
    }

    fn lose_owner(&mut self, now: u64) {
        self.owner = None;
        let action = self.life.end(Cause::InputEnded, None, now);
        self.act(action);
    }

    fn take_signals(&mut self, signals: &Signals, now: u64) {
        while let Some(number) = signals.take_one() {
            match number {
                platform::CHILD => {}
                platform::TERM => {
                    self.close_input();
                    let action = self.life.terminate(Cause::Signal, now);
                    self.act(action);
                }
                other => platform::signal_group(self.pid, other),
            }
        }
        self.reap();
    }

    /// Reaps whatever has ended, the server's children that were left to this process included.
    fn reap(&mut self) {
        loop {
            match platform::reap_any() {
                platform::Reaped::Process(pid, ended) if pid == self.pid => self.ended = Some(ended),
                platform::Reaped::Process(..) => self.reaped += 1,
                platform::Reaped::StillRunning => return self.note_end(false),
                platform::Reaped::Nobody => return self.note_end(true),
            }
        }
    }

    fn note_end(&mut self, alone: bool) {
        if alone {
            self.life.alone();
        } else if self.ended.is_some() {
            let action = self.life.server_ended(platform::now_ms());
            self.act(action);
        }
    }

    fn act(&mut self, action: Option<Action>) {
        match action {
            None => {}
            Some(Action::CloseInput) => self.finish_input(),
            Some(Action::TerminateGroup) => {
                self.close_input();
                platform::signal_group(self.pid, platform::TERM);
            }
            Some(Action::TerminateAll) => platform::signal_all(self.pid, platform::TERM),
            Some(Action::KillAll) => platform::signal_all(self.pid, platform::KILL),
        }
    }
}
