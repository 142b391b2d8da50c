//! The browser's door: a code for the person, a token for the page.

use crate::{
    doors::{
        Caller, Door, PeerUser,
        browser::{CODE_LIFE, Refusal, secret},
        redirect::RedirectFile,
    },
    failure::ApiFailure,
    state::ApiState,
};
use axum::{
    Extension, Json,
    extract::{ConnectInfo, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
};
use mcpproxy_api_types::{Success, UiCode, UiSession, UiSessionBody};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

/// Makes a code that opens the pages once within a minute, and a file that leads a browser there.
#[utoipa::path(post, path = "/api/v1/ui/code", tag = "ui",
    responses((status = 200, body = Success<UiCode>), (status = 403, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn code(
    State(state): State<Arc<ApiState>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Success<UiCode>>, ApiFailure> {
    // A page that could prolong itself would never end.
    if caller == Caller::Browser {
        return Err(ApiFailure::forbidden("A page cannot open another one. Run: mcpproxy open"));
    }
    let unsafe_here = |error: &dyn std::fmt::Display| {
        let folder = state.core().paths().data_dir.display();
        ApiFailure::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ui_code_failed",
            format!("The file that opens the pages cannot be written: {error}. Look at the folder {folder}."),
        )
    };
    let code = secret().map_err(|error| unsafe_here(&error))?;
    let name = secret().map_err(|error| unsafe_here(&error))?;
    let address = address(&state.core().snapshot().listen);
    let url = format!("http://{address}/ui/#code={code}");
    let (folder, target) = (state.core().paths().data_dir.clone(), url.clone());
    let written = tokio::task::spawn_blocking(move || RedirectFile::write(&folder, &name[..16], &target));
    let written = written.await.map_err(|error| unsafe_here(&error))?;
    let file = written.map_err(|error| unsafe_here(&error))?;
    let path = file.path().display().to_string();
    state.browser().issue(code, Box::new(file));
    Ok(Json(Success::new(UiCode {
        file: path,
        url,
        address: format!("http://{address}/ui/"),
        expires_seconds: CODE_LIFE.as_secs(),
    })))
}

/// Exchanges a code for a token; a code works once. The token is sent as `Authorization: Bearer` or `X-API-Key`.
#[utoipa::path(post, path = "/ui/session", tag = "ui", security(()), request_body = UiSessionBody,
    responses((status = 200, body = Success<UiSession>), (status = 403, body = mcpproxy_api_types::Failure),
        (status = 429, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn enter(
    State(state): State<Arc<ApiState>>,
    ConnectInfo(door): ConnectInfo<Door>,
    headers: HeaderMap,
    body: Result<Json<UiSessionBody>, JsonRejection>,
) -> Result<Json<Success<UiSession>>, ApiFailure> {
    refuse_strangers(&door, &headers)?;
    let Json(body) =
        body.map_err(|error| ApiFailure::new(error.status(), "invalid_request", error.body_text()))?;
    let token = secret().map_err(|error| {
        ApiFailure::new(StatusCode::INTERNAL_SERVER_ERROR, "ui_code_failed", error.to_string())
    })?;
    match state.browser().exchange(&body.code, &token) {
        Ok(()) => {
            tracing::info!("a browser was let in");
            Ok(Json(Success::new(UiSession { token })))
        }
        Err(Refusal::Wrong) => {
            tracing::warn!("a browser was refused: its code is unknown, was used or is too old");
            Err(ApiFailure::new(
                StatusCode::FORBIDDEN,
                "ui_code_wrong",
                "This link was used already or is older than a minute. Run: mcpproxy open",
            ))
        }
        Err(Refusal::TooMany) => Err(ApiFailure::new(
            StatusCode::TOO_MANY_REQUESTS,
            "ui_code_tries",
            "Too many wrong codes were tried. Wait a minute, then run: mcpproxy open",
        )),
    }
}

/// Ends the session of the page that asks.
#[utoipa::path(delete, path = "/ui/session", tag = "ui",
    responses((status = 200, body = Success<bool>)))]
pub(crate) async fn leave(State(state): State<Arc<ApiState>>, headers: HeaderMap) -> Json<Success<bool>> {
    state.browser().leave(&headers);
    Json(Success::new(true))
}

/// Only our own page, opened by our own user, has a code to exchange.
fn refuse_strangers(door: &Door, headers: &HeaderMap) -> Result<(), ApiFailure> {
    let site = headers.get("sec-fetch-site").map(|site| site.to_str().unwrap_or("?"));
    if site.is_some_and(|site| site != "same-origin") {
        return Err(ApiFailure::forbidden("Only the page of MCPProxy itself may ask for this."));
    }
    match door {
        Door::Tcp(connection)
            if connection.peer.ip().to_canonical().is_loopback() && connection.owner() == PeerUser::Other =>
        {
            Err(ApiFailure::forbidden("Another user of this computer cannot come in here."))
        }
        _ => Ok(()),
    }
}

/// The address a browser on this computer reaches; one that means all interfaces is none.
fn address(listen: &str) -> String {
    let Ok(mut bound) = listen.parse::<SocketAddr>() else { return listen.to_owned() };
    if bound.ip().is_unspecified() {
        bound.set_ip(match bound.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    bound.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_all_interfaces_becomes_one_that_a_browser_reaches() {
        assert_eq!(address("127.0.0.1:8080"), "127.0.0.1:8080");
        assert_eq!(address("0.0.0.0:1"), "127.0.0.1:1");
        assert_eq!(address("[::]:1"), "[::1]:1");
    }

    #[test]
    fn a_request_that_another_page_made_is_refused() {
        let with =
            |site: &str| HeaderMap::from_iter([("sec-fetch-site".parse().unwrap(), site.parse().unwrap())]);
        assert!(refuse_strangers(&Door::Socket, &with("same-origin")).is_ok());
        assert!(refuse_strangers(&Door::Socket, &HeaderMap::new()).is_ok());
        for site in ["same-site", "cross-site", "none", ""] {
            assert!(refuse_strangers(&Door::Socket, &with(site)).is_err(), "{site}");
        }
    }
}
