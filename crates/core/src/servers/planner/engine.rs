//! What an engine told of itself, in the words of planning.
use mcpproxy_isolation::{
    engine::{Endpoint, EngineInfo, Product},
    facts::{EngineFacts, Transport},
};

/// The facts about one engine.
pub(super) fn facts(info: &EngineInfo) -> EngineFacts {
    EngineFacts {
        api: (info.api.0, info.api.1),
        arch: info.arch.clone(),
        transport: transport(&info.endpoint),
        socket: info.endpoint.socket().map(|path| path.display().to_string()),
        rootless: info.rootless,
        userns_remap: info.userns,
        desktop: info.product.in_machine(),
        podman: info.product == Product::Podman,
        remote: info.remote,
        memory_limit: info.limits.memory,
        swap_limit: info.limits.swap,
        pids_limit: info.limits.pids,
        cpu_limit: info.limits.cpu,
        seccomp: info.security.iter().any(|option| option.contains("seccomp")),
    }
}

fn transport(endpoint: &Endpoint) -> Transport {
    match endpoint {
        Endpoint::Unix(_) => Transport::Unix,
        Endpoint::Pipe(_) => Transport::Pipe,
        Endpoint::Tcp { host, .. } => Transport::Tcp { host: host.clone(), tls: false },
    }
}
