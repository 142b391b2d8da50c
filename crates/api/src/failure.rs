//! Failures on the wire: one frame, one status per kind, never a detail of the inside.

use crate::doors::HostRefusal;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use mcpproxy_api_types::Failure;
use mcpproxy_core::CommandError;

/// A request that was not carried out.
#[derive(Debug)]
pub struct ApiFailure {
    status: StatusCode,
    code: &'static str,
    message: String,
    challenge: bool,
}

impl ApiFailure {
    /// A failure with a status, a stable code and a sentence.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), challenge: false }
    }

    pub(crate) fn unauthorized() -> Self {
        Self {
            challenge: true,
            ..Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Invalid or missing API key")
        }
    }

    pub(crate) fn mcp_unauthorized() -> Self {
        Self {
            challenge: true,
            ..Self::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "Authentication required. Provide an API key or agent token.",
            )
        }
    }

    pub(crate) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }
}

impl From<HostRefusal> for ApiFailure {
    fn from(refusal: HostRefusal) -> Self {
        let message = match refusal {
            HostRefusal::Host(host) => format!(
                "Forbidden: invalid Host header {host:?}. If this name is yours, add it to trusted_hosts in the \
                 configuration file."
            ),
            HostRefusal::Origin(origin) => format!(
                "Forbidden: invalid Origin header {origin:?}. Pages of other origins may not use this address; add \
                 yours to trusted_hosts in the configuration file."
            ),
        };
        Self::new(StatusCode::FORBIDDEN, "foreign_host", message)
    }
}

impl From<CommandError> for ApiFailure {
    fn from(error: CommandError) -> Self {
        let status = match &error {
            CommandError::UnknownServer { .. } => StatusCode::NOT_FOUND,
            CommandError::ServerExists { .. }
            | CommandError::NothingToCancel { .. }
            | CommandError::AlreadyUnprotected { .. }
            | CommandError::NothingToUndo => StatusCode::CONFLICT,
            CommandError::FileBroken { .. } => StatusCode::CONFLICT,
            CommandError::Denied { .. } => StatusCode::FORBIDDEN,
            CommandError::Closed => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.code(), error.to_string())
    }
}

impl IntoResponse for ApiFailure {
    fn into_response(self) -> Response {
        let body = Failure {
            success: false,
            error: self.message,
            code: Some(self.code.to_owned()),
            // Filled in by the layer that knows it.
            request_id: String::new(),
        };
        let mut response = (self.status, Json(&body)).into_response();
        if self.challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(FailureBody(body));
        response
    }
}

/// The failure of a response, kept beside its bytes so that the request's id can be put in.
#[derive(Clone)]
pub(crate) struct FailureBody(pub(crate) Failure);
