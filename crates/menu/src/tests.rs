use super::*;

mod properties;
mod tables;

/// A server that is ready in its container.
pub(super) fn ready(name: &str) -> Server {
    Server {
        name: name.to_owned(),
        code: "state_ready".to_owned(),
        sentence: "Ready, 26 tools.".to_owned(),
        stand: Stand::Running,
        protection: Protection::Isolated,
        enabled: true,
        mend: None,
    }
}

/// A server that its state needs nobody for, or somebody.
pub(super) fn with(name: &str, code: &str, sentence: &str, stand: Stand) -> Server {
    Server { code: code.to_owned(), sentence: sentence.to_owned(), stand, ..ready(name) }
}

pub(super) fn open(name: &str, minutes_left: Option<u64>) -> Server {
    Server { protection: Protection::Unprotected { minutes_left }, ..ready(name) }
}

/// Everything well, with these servers.
pub(super) fn running(servers: Vec<Server>) -> Input {
    Input {
        phase: Phase::Running,
        engine: Engine { code: "engine_ready".to_owned(), product: "OrbStack".to_owned(), available: true },
        isolation_enabled: true,
        servers,
        paused: None,
        calls_running: 0,
        today: None,
        autostart: Autostart::Off,
        crashed: false,
    }
}

pub(super) fn without_engine(mut input: Input, code: &str) -> Input {
    input.engine = Engine { code: code.to_owned(), product: String::new(), available: false };
    for server in input.servers.iter_mut().filter(|server| server.enabled) {
        server.code = "waiting_for_engine".to_owned();
        server.sentence = "Waiting for Docker; it starts by itself when Docker does.".to_owned();
        server.stand = Stand::WaitsForEngine;
    }
    input
}
