//! Waiting for a condition: asked again and again until a generous limit, then told with the last thing that was seen.

use std::time::{Duration, Instant};

/// Long enough for anything that happens by itself, however busy the machine is.
pub const GENEROUS: Duration = Duration::from_secs(60);

/// Asks until the answer is `Ok`; panics with the last `Err` when the limit has passed.
pub fn until<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match ask() {
            Ok(value) => return value,
            Err(seen) if start.elapsed() > limit => panic!("waited {limit:?} for {what}; last seen: {seen}"),
            Err(_) => std::thread::sleep(Duration::from_millis(30)),
        }
    }
}

/// Asks until the answer is true.
pub fn until_true(what: &str, limit: Duration, mut ask: impl FnMut() -> bool) {
    until(what, limit, || if ask() { Ok(()) } else { Err("not yet".to_owned()) });
}

/// Lets time pass until a moment; for what has a pace of its own, never to wait for something.
pub fn pass(moment: Instant) {
    std::thread::sleep(moment.saturating_duration_since(Instant::now()));
}
