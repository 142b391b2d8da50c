//! The network of a server: read from its settings, and held against an engine that it could reach.

use crate::facts::{Facts, Transport};
use crate::flags::{self, Flags};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::relaxation::{self, Relaxation};

use super::{Network, Note};

/// What the flags say wins over `network_mode`, as a later flag would.
pub(super) fn choose(
    server: &str,
    policy: &Policy,
    flags: &Flags,
    prepares: bool,
    facts: &Facts,
    relaxations: &mut Vec<Relaxation>,
) -> Result<(Network, Option<Note>), Refusal> {
    let network = match flags.network.clone() {
        Some(network) => network,
        None => flags::network(&policy.network, &policy.allow_unsafe, relaxations)?,
    };
    relaxations.extend(network_relaxation(&network));
    check_tcp_engine(&network, prepares, policy, facts, relaxations)?;
    let note = note(server, &network);
    Ok((network, note))
}

/// What a network opens beyond the bridge is worth a warning at every start, not only a row in an explanation.
fn note(server: &str, network: &Network) -> Option<Note> {
    let (key, joined) = match network {
        Network::Host => ("isolation-network-host", None),
        Network::Named(name) => ("isolation-network-named", Some(name)),
        Network::Container(id) => ("isolation-network-foreign", Some(id)),
        Network::None | Network::Bridge => return None,
    };
    let server = ("server", server.to_owned());
    let joined = joined.map(|name| ("network", name.clone()));
    Some(Note { key, args: std::iter::once(server).chain(joined).collect() })
}

fn network_relaxation(network: &Network) -> Option<Relaxation> {
    match network {
        Network::Host => Some(Relaxation::asked(&relaxation::NETWORK_HOST, "host")),
        Network::Named(name) => Some(Relaxation::asked(&relaxation::NETWORK_NAMED, name)),
        // A foreign container's network was lifted by name already.
        Network::None | Network::Bridge | Network::Container(_) => None,
    }
}

/// An engine that listens on plain TCP belongs to whoever reaches the port, and a bridged container reaches every
/// port of this computer but those on its loopback.
fn check_tcp_engine(
    network: &Network,
    prepares: bool,
    policy: &Policy,
    facts: &Facts,
    relaxations: &mut Vec<Relaxation>,
) -> Result<(), Refusal> {
    let Transport::Tcp { host, tls: false } = &facts.engine.transport else { return Ok(()) };
    let name = host.trim_matches(['[', ']']);
    let is_loopback = name == "localhost" || name == "::1" || name.starts_with("127.");
    let is_reachable = match network {
        Network::None => prepares && !is_loopback,
        Network::Host => true,
        Network::Bridge | Network::Named(_) | Network::Container(_) => !is_loopback,
    };
    if !is_reachable {
        return Ok(());
    }
    let reason = "the container could reach it and own the computer; use TLS, or network_mode none";
    flags::lift(
        &relaxation::TCP_ENGINE,
        &format!("the engine at {host}"),
        reason,
        &policy.allow_unsafe,
        relaxations,
    )
}
