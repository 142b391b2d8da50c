//! A TCP relay on loopback that lets bytes through at a set pace, so that a download takes as long as a test needs.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::wait::pass;

const BLOCK: usize = 16 * 1024;

/// A relay to one address; its connections end when the test lets go of it.
pub struct Throttle {
    /// The port that clients connect to.
    pub port: u16,
    bytes: Arc<AtomicU64>,
    shared: Arc<Shared>,
}

struct Shared {
    target: String,
    /// Bytes a second for all connections from the target together.
    pace: AtomicU64,
    open: AtomicBool,
}

impl Throttle {
    /// Relays to `target` at so many bytes a second.
    pub fn start(target: &str, pace: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let shared =
            Shared { target: target.to_owned(), pace: AtomicU64::new(pace), open: AtomicBool::new(true) };
        let (shared, bytes) = (Arc::new(shared), Arc::new(AtomicU64::new(0)));
        let (for_thread, counter) = (shared.clone(), bytes.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if !for_thread.open.load(Ordering::Relaxed) {
                    break;
                }
                let (shared, counter) = (for_thread.clone(), counter.clone());
                thread::spawn(move || drop(relay(&stream, &shared, &counter)));
            }
        });
        Self { port, bytes, shared }
    }

    /// Sets the pace in bytes a second.
    pub fn set_pace(&self, pace: u64) {
        self.shared.pace.store(pace, Ordering::Relaxed);
    }

    /// Bytes that came from the target so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Drop for Throttle {
    fn drop(&mut self) {
        self.shared.open.store(false, Ordering::Relaxed);
        // Wakes the listener, which then ends.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn relay(client: &TcpStream, shared: &Shared, counter: &AtomicU64) -> io::Result<()> {
    let target = TcpStream::connect(&shared.target)?;
    let (mut from_client, mut to_target) = (client.try_clone()?, target.try_clone()?);
    thread::spawn(move || {
        drop(io::copy(&mut from_client, &mut to_target));
        drop(to_target.shutdown(Shutdown::Write));
    });
    let (mut from_target, mut to_client) = (target, client);
    let mut block = vec![0; BLOCK];
    while shared.open.load(Ordering::Relaxed) {
        let read = from_target.read(&mut block)?;
        if read == 0 {
            break;
        }
        let due = Instant::now()
            + Duration::from_secs_f64(read as f64 / shared.pace.load(Ordering::Relaxed) as f64);
        to_client.write_all(&block[..read])?;
        counter.fetch_add(read as u64, Ordering::Relaxed);
        // Small messages pass at once, so that only bodies are slow.
        while read > 4096 && Instant::now() < due && shared.open.load(Ordering::Relaxed) {
            pass(due.min(Instant::now() + Duration::from_millis(50)));
        }
    }
    client.shutdown(Shutdown::Both)
}
