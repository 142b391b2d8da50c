//! Who may come in: the checks that every request passes before any route sees it.
//!
//! Three facts are established here and nowhere else: that the request was meant for this address (host and
//! origin, against rebinding pages), who sent it (key, or the owner of the socket), and what that sender may do.

pub(crate) mod browser;
mod host;
mod key;
mod peer;
pub(crate) mod redirect;

pub use host::{HostRefusal, HostRule};
pub use key::{Caller, Keys};
pub use peer::{PeerUser, same_user_over_loopback};

use crate::{failure::ApiFailure, state::ApiState};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use mcpproxy_gateway::Credential;
use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

/// The header with which a bridge on the socket names the client it speaks for.
pub const CLIENT_HEADER: &str = "x-mcpproxy-client";

/// The way a connection came in.
#[derive(Debug, Clone)]
pub enum Door {
    /// The socket in the data folder; its peer was found to be the owner.
    Socket,
    /// TCP.
    Tcp(Connection),
}

/// One TCP connection; its owner is looked up when first asked for, and does not change while it lives.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Our side.
    pub local: SocketAddr,
    /// The other side.
    pub peer: SocketAddr,
    owner: Arc<OnceLock<PeerUser>>,
}

impl Connection {
    /// A connection between two addresses.
    pub fn new(local: SocketAddr, peer: SocketAddr) -> Self {
        Self { local, peer, owner: Arc::default() }
    }

    /// Whose it is.
    pub(crate) fn owner(&self) -> PeerUser {
        *self.owner.get_or_init(|| same_user_over_loopback(self.local, self.peer))
    }
}

/// Refuses requests whose `Host` or `Origin` shows that they were not meant for this address.
pub(crate) fn refuse_host(state: &ApiState, door: &Door, request: &Request) -> Option<ApiFailure> {
    let Door::Tcp(Connection { local, .. }) = door else { return None };
    let policy = state.policy();
    let refusal =
        HostRule::new(*local, &policy.trusted_hosts).check(request.headers(), request.uri()).err()?;
    tracing::warn!(host = refusal.host(), "request refused: it was not meant for this address");
    Some(refusal.into())
}

/// Establishes the caller of REST and of `/events`: only an administrator gets further.
pub async fn admin_only(
    State(state): State<Arc<ApiState>>,
    ConnectInfo(door): ConnectInfo<Door>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match door {
        Door::Socket => Caller::Admin,
        Door::Tcp(_) => match state.policy().keys.caller(request.headers(), request.uri()) {
            Some(Ok(caller)) => caller,
            Some(Err(())) if state.browser().opens(request.headers()) => Caller::Browser,
            Some(Err(())) | None => return ApiFailure::unauthorized().into_response(),
        },
    };
    match caller {
        Caller::Admin | Caller::Browser => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Caller::Client(_) | Caller::Keyless => ApiFailure::forbidden(
            "This key opens /mcp only. Use the key named api_key in the configuration file.",
        )
        .into_response(),
    }
}

/// The client that a bridge on the socket speaks for. It comes from the person's own programs and only narrows what
/// the socket may do, so that no key has to stand in the client's file.
fn named(headers: &http::HeaderMap) -> Option<String> {
    let name = headers.get(CLIENT_HEADER)?.to_str().ok()?;
    let usable = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (!name.is_empty() && name.len() <= 64 && name.chars().all(usable)).then(|| name.to_owned())
}

/// Establishes the caller of `/mcp`: any key that fits, or, where the file says so, somebody of the same user.
pub async fn mcp_caller(
    State(state): State<Arc<ApiState>>,
    ConnectInfo(door): ConnectInfo<Door>,
    mut request: Request,
    next: Next,
) -> Response {
    match credential(&state, &door, &request) {
        Ok(credential) => {
            request.extensions_mut().insert(credential);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Whose the credential of a request to `/mcp` is.
pub(crate) fn credential(state: &ApiState, door: &Door, request: &Request) -> Result<Credential, ApiFailure> {
    let policy = state.policy();
    let caller = match policy.keys.caller(request.headers(), request.uri()) {
        Some(Ok(caller)) => caller,
        Some(Err(())) => return Err(ApiFailure::unauthorized()),
        None => match door {
            Door::Socket => named(request.headers()).map_or(Caller::Admin, Caller::Client),
            Door::Tcp(connection) => {
                let keyless = !policy.require_mcp_auth && connection.peer.ip().is_loopback();
                if !keyless || connection.owner() == PeerUser::Other {
                    return Err(ApiFailure::mcp_unauthorized());
                }
                Caller::Keyless
            }
        },
    };
    if let Caller::Client(name) = &caller {
        state.core().client_heard(name);
    }
    Ok(match caller {
        Caller::Admin | Caller::Browser => Credential::Admin,
        Caller::Client(name) => Credential::Client(name.into()),
        Caller::Keyless => Credential::Local,
    })
}
