//! The life of PID 1: read the preamble, start the server, relay and reap until it is over, report.

mod cgroup;
mod input;
mod life;
mod order;
mod platform;
mod relay;
mod spawn;

use mcpproxy_shim::report::{Cause, Exit, Nonce, Report, encode};

use self::order::Order;
use self::platform::{Outlet, Signals, Usage};

/// The shim itself could not do its work (no pipe, no fork).
const SETUP_FAILED: u8 = 125;
/// A secret file could not be written.
const FILE_FAILED: u8 = 124;
/// The file to execute exists and cannot be executed.
const NOT_EXECUTABLE: u8 = 126;
/// There is nothing to execute.
const NOT_FOUND: u8 = 127;

/// Runs a server from preamble to report and answers the exit code of the container.
pub(crate) fn run() -> u8 {
    // Before anything secret is read: nobody in this container may look into this process from here on.
    platform::forbid_inspection();
    let body = match input::read_preamble() {
        Ok(body) => body,
        Err(error) => return error.exit_code(),
    };
    let started = platform::now_ms();
    let order = match Order::parse(&body) {
        Ok(order) => order,
        Err(error) => return error.exit_code(),
    };
    let teller = Teller { nonce: order.nonce.map(Nonce::from_digits), outlet: Outlet::open(), started };
    if let Err(errno) = spawn::write_files(&order.files) {
        teller.tell_exit(Outcome::failed(Cause::SecretFile, errno));
        return FILE_FAILED;
    }
    platform::adopt_orphans();
    // Taken over before there is a child, so that no signal falls into a gap.
    let signals = match Signals::take() {
        Ok(signals) => signals,
        Err(errno) => {
            teller.tell_exit(Outcome::failed(Cause::Exec, errno));
            return SETUP_FAILED;
        }
    };
    let (grace, heartbeat) = (order.grace, order.heartbeat);
    let spawned = spawn::spawn(order);
    // The server has its copy; this process keeps none.
    platform::wipe(body);
    let server = match spawned {
        Ok(server) => server,
        Err(spawn::Failure { cause, errno }) => {
            teller.tell_exit(Outcome::failed(cause, errno));
            return match cause {
                Cause::Exec if errno == platform::ENOENT => NOT_FOUND,
                Cause::Exec | Cause::Directory => NOT_EXECUTABLE,
                _ => SETUP_FAILED,
            };
        }
    };
    platform::close_stdout();
    teller.tell(&Report::Ready { pid: server.pid.unsigned_abs() });
    let outcome = relay::run(server, &signals, grace, heartbeat);
    teller.tell_exit(outcome);
    outcome.exit_code()
}

/// What is known when everything is over.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    code: Option<i32>,
    signal: Option<i32>,
    cause: Cause,
    errno: Option<i32>,
    reaped: u64,
}

impl Outcome {
    fn failed(cause: Cause, errno: i32) -> Outcome {
        Outcome { code: None, signal: None, cause, errno: Some(errno), reaped: 0 }
    }

    fn exit_code(&self) -> u8 {
        let code = self.code.or(self.signal.map(|signal| 128 + signal));
        code.and_then(|code| u8::try_from(code).ok()).unwrap_or(SETUP_FAILED)
    }
}

/// Writes reports to stderr, never waiting long for somebody to read them.
struct Teller {
    nonce: Option<Nonce>,
    outlet: Outlet,
    started: u64,
}

impl Teller {
    fn tell(&self, report: &Report) {
        if let Some(nonce) = &self.nonce {
            self.outlet.write(&encode(nonce, report));
        }
    }

    fn tell_exit(&self, outcome: Outcome) {
        let Usage { user_us, system_us, max_rss_kb } = platform::usage_of_children();
        let memory = cgroup::read();
        self.tell(&Report::Exit(Exit {
            code: outcome.code,
            signal: outcome.signal,
            cause: outcome.cause,
            errno: outcome.errno,
            wall_ms: platform::now_ms().saturating_sub(self.started),
            user_us,
            system_us,
            max_rss_kb,
            peak_memory: memory.peak,
            oom_kills: memory.oom_kills,
            reaped: outcome.reaped,
        }));
    }
}
