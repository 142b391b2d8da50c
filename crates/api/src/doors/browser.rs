//! The way in for a browser: a code that works once, exchanged for a token that lives as long as its page is used.
//!
//! The key itself never goes to a browser. A code is worth a minute, stands in a file that only the person can read,
//! and in the part of an address that no browser sends; a token lies in one tab and ends with this program. Neither is
//! a cookie, so no other page can make a browser send it.

use super::key::{equal, in_header};
use http::HeaderMap;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::time::{Instant, sleep_until};
use tokio_util::task::AbortOnDropHandle;

/// How long a code can be exchanged.
pub(crate) const CODE_LIFE: Duration = Duration::from_secs(60);
/// How long a token opens the door after it was used last.
const IDLE: Duration = Duration::from_secs(12 * 60 * 60);
/// Codes and tokens that are good at the same time; the oldest make room.
const CODES: usize = 8;
const TOKENS: usize = 32;
/// Wrong codes within a minute, after which none is looked at for a while.
const TRIES: usize = 20;
const TRIES_WITHIN: Duration = Duration::from_secs(60);

/// Why a code was not exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is unknown, was used or is too old.
    Wrong,
    /// There were too many wrong ones.
    TooMany,
}

/// Codes and tokens that are good now.
#[derive(Default)]
pub(crate) struct BrowserDoor(Mutex<Held>);

#[derive(Default)]
struct Held {
    codes: VecDeque<Code>,
    tokens: VecDeque<Token>,
    wrong: VecDeque<Instant>,
}

struct Code {
    secret: String,
    expires: Instant,
    /// What ends with the code: the file that carries it, and the watch over its time.
    _ends: (Box<dyn Send>, AbortOnDropHandle<()>),
}

struct Token {
    secret: String,
    used: Instant,
}

impl std::fmt::Debug for BrowserDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let held = self.held();
        f.debug_struct("BrowserDoor")
            .field("codes", &held.codes.len())
            .field("tokens", &held.tokens.len())
            .finish_non_exhaustive()
    }
}

impl BrowserDoor {
    /// Takes a new code in; `carrier` is dropped when the code was used or its time is over.
    pub(crate) fn issue(self: &Arc<Self>, secret: String, carrier: Box<dyn Send>) {
        let expires = Instant::now() + CODE_LIFE;
        let door: Weak<Self> = Arc::downgrade(self);
        let watch = tokio::spawn(async move {
            sleep_until(expires).await;
            if let Some(door) = door.upgrade() {
                door.sweep();
            }
        });
        let code = Code { secret, expires, _ends: (carrier, AbortOnDropHandle::new(watch)) };
        let mut held = self.held();
        let oldest = if held.codes.len() == CODES { held.codes.pop_front() } else { None };
        held.codes.push_back(code);
        drop(held);
        drop(oldest);
    }

    /// Exchanges a code for `token`. The code is gone afterwards.
    pub(crate) fn exchange(&self, given: &str, token: &str) -> Result<(), Refusal> {
        let now = Instant::now();
        self.sweep();
        let mut held = self.held();
        held.wrong.retain(|at| now.duration_since(*at) < TRIES_WITHIN);
        if held.wrong.len() >= TRIES {
            return Err(Refusal::TooMany);
        }
        let mut found = None;
        // All are compared, so that the time tells nothing about where one fitted.
        for (position, code) in held.codes.iter().enumerate() {
            if equal(given, &code.secret) {
                found = Some(position);
            }
        }
        let Some(code) = found.and_then(|position| held.codes.remove(position)) else {
            held.wrong.push_back(now);
            return Err(Refusal::Wrong);
        };
        if held.tokens.len() == TOKENS {
            held.tokens.pop_front();
        }
        held.tokens.push_back(Token { secret: token.to_owned(), used: now });
        drop(held);
        drop(code);
        Ok(())
    }

    /// Whether a request carries a token that is good, and notes that it was used. Only headers count: an address
    /// would be kept by the browser.
    pub(crate) fn opens(&self, headers: &HeaderMap) -> bool {
        let Some(given) = in_header(headers) else { return false };
        let now = Instant::now();
        let mut held = self.held();
        held.tokens.retain(|token| now.duration_since(token.used) < IDLE);
        let mut opens = false;
        for token in &mut held.tokens {
            if equal(&given, &token.secret) {
                token.used = now;
                opens = true;
            }
        }
        opens
    }

    /// Ends the session whose token a request carries.
    pub(crate) fn leave(&self, headers: &HeaderMap) {
        if let Some(given) = in_header(headers) {
            self.held().tokens.retain(|token| !equal(&given, &token.secret));
        }
    }

    /// Ends every session and code: the key changed.
    pub(crate) fn close(&self) {
        drop(std::mem::take(&mut *self.held()));
    }

    fn sweep(&self) {
        let now = Instant::now();
        let mut held = self.held();
        let old = held.codes.iter().take_while(|code| code.expires <= now).count();
        let gone: Vec<Code> = held.codes.drain(..old).collect();
        // The files are removed after the lock is open again.
        drop(held);
        drop(gone);
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 32 random bytes in hex.
pub(crate) fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        text.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
        text.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
        text
    }))
}

#[cfg(test)]
mod tests;
