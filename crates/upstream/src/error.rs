//! What can go wrong with a connection, and with a call on it.

use mcpproxy_protocol::ScanErrorKind;

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// The server closed its output.
    #[error("the server closed its output")]
    Ended,
    /// We closed it.
    #[error("the connection was closed")]
    Stopped,
    /// Reading failed.
    #[error("reading from the server failed: {0}")]
    ReadFailed(String),
    /// Writing failed.
    #[error("writing to the server failed: {0}")]
    WriteFailed(String),
    /// The server took nothing from its input for too long.
    #[error("the server does not read its input")]
    WriteStalled,
    /// A message longer than the limit.
    #[error("the server sent a message longer than {limit} bytes")]
    LineTooLong {
        /// The limit.
        limit: usize,
    },
    /// A remote server no longer knows our session; a new connection mends it.
    #[error("the remote server no longer knows this session")]
    SessionLost,
    /// A remote server can no longer be reached.
    #[error("the remote server cannot be reached: {0}")]
    Unreachable(String),
    /// A remote server refuses our credentials.
    #[error("the remote server refuses the credentials (status {status})")]
    Unauthorized {
        /// The HTTP status, 401 or 403.
        status: u16,
    },
}

impl CloseReason {
    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ended => "upstream_ended",
            Self::Stopped => "upstream_stopped",
            Self::ReadFailed(_) => "upstream_read_failed",
            Self::WriteFailed(_) => "upstream_write_failed",
            Self::WriteStalled => "upstream_stalled",
            Self::LineTooLong { .. } => "upstream_message_too_long",
            Self::SessionLost => "upstream_session_lost",
            Self::Unreachable(_) => "upstream_unreachable",
            Self::Unauthorized { .. } => "upstream_unauthorized",
        }
    }
}

/// Why a call has no answer of the server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The connection ended before the answer came.
    #[error("{0}")]
    Closed(CloseReason),
    /// No answer in time; the server was told.
    #[error("the server did not answer in time")]
    Timeout,
    /// The caller no longer wants it; the server was told.
    #[error("the call was cancelled")]
    Cancelled,
    /// Too much waits for this server already.
    #[error("too many calls are waiting for this server")]
    Busy,
    /// The answer cannot be passed on.
    #[error("the server's answer is unusable: {0}")]
    Unusable(ScanErrorKind),
    /// The server answered one of our own requests with an error.
    #[error("the server answered with error {code}: {message}")]
    Refused {
        /// JSON-RPC code.
        code: i64,
        /// The server's words.
        message: String,
    },
    /// A remote server answered this call with an HTTP error and nothing to pass on.
    #[error("the remote server answered with HTTP status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
    },
}

impl CallError {
    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Closed(reason) => reason.code(),
            Self::Timeout => "call_timeout",
            Self::Cancelled => "call_cancelled",
            Self::Busy => "call_busy",
            Self::Unusable(kind) => kind.code(),
            Self::Refused { .. } => "call_refused",
            Self::Status { .. } => "call_http_status",
        }
    }
}

/// Why no connection came about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The server did not answer `initialize` in time.
    #[error("the server did not answer `initialize` in time")]
    Timeout,
    /// The connection ended first.
    #[error("{0}")]
    Closed(CloseReason),
    /// The server refused `initialize`.
    #[error("the server refused `initialize` with error {code}: {message}")]
    Refused {
        /// JSON-RPC code.
        code: i64,
        /// The server's words.
        message: String,
    },
    /// The server answered with a revision that needs no handshake, or with none at all.
    #[error("the server answered `initialize` with the protocol version `{0}`, which is not spoken here")]
    Version(String),
    /// The answer is no answer to `initialize`.
    #[error("the server's answer to `initialize` cannot be read: {0}")]
    Malformed(String),
    /// The address cannot be used.
    #[error("the address `{url}` cannot be used: {reason}")]
    Address {
        /// The address, without user-info and query.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The remote server answered with an HTTP error.
    #[error("the remote server answered with HTTP status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// A header of the configuration cannot be sent.
    #[error("the header `{0}` cannot be sent: its name or value holds characters that headers must not have")]
    Header(String),
}

impl OpenError {
    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Timeout => "initialize_timeout",
            Self::Closed(reason) => reason.code(),
            Self::Refused { .. } => "initialize_refused",
            Self::Version(_) => "initialize_version",
            Self::Malformed(_) => "initialize_malformed",
            Self::Address { .. } => "remote_address",
            Self::Status { .. } => "remote_status",
            Self::Header(_) => "remote_header",
        }
    }
}
