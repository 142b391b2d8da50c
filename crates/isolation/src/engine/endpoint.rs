//! Where an engine listens: the address forms people write (`DOCKER_HOST`, contexts, our own key) as one value.
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The port of an engine on plain TCP when the address names none.
const TCP_PORT: u16 = 2375;
/// The longest path that fits into a socket address everywhere (macOS is the shortest).
const SOCKET_PATH_LIMIT: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The address of one engine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A Unix socket.
    Unix(PathBuf),
    /// Plain TCP.
    Tcp {
        /// Host name or address, without brackets.
        host: String,
        /// Port.
        port: u16,
    },
    /// A Windows named pipe, as `\\.\pipe\NAME`.
    Pipe(String),
}

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// A form that Docker knows and this program cannot speak yet.
    #[error(
        "{address} is reached over {transport}, which is not supported yet. Use a local socket or tcp://."
    )]
    NotSupported {
        /// The address as it was given.
        address: String,
        /// What it would take, in a word: `ssh`, `TLS`, …
        transport: &'static str,
    },
    /// Not an address of an engine.
    #[error("{address} is not the address of an engine: {reason}. Write unix:///path or tcp://host:port.")]
    Invalid {
        /// The address as it was given.
        address: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl EndpointError {
    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotSupported { .. } => "endpoint_not_supported",
            Self::Invalid { .. } => "endpoint_invalid",
        }
    }

    /// The address that was refused.
    pub fn address(&self) -> &str {
        match self {
            Self::NotSupported { address, .. } | Self::Invalid { address, .. } => address,
        }
    }
}

impl Endpoint {
    /// Reads an address as the docker command does; `tls` says that the environment asks for TLS.
    pub fn parse(address: &str, tls: bool) -> Result<Self, EndpointError> {
        let address = address.trim();
        let invalid = |reason| EndpointError::Invalid { address: address.to_owned(), reason };
        let unsupported = |transport| EndpointError::NotSupported { address: address.to_owned(), transport };
        let Some((scheme, rest)) = address.split_once("://") else {
            if address.is_empty() {
                return Err(invalid("it is empty"));
            }
            return tcp(address, tls)
                .ok_or_else(|| invalid("the port is not a number"))
                .and_then(|end| if tls { Err(unsupported("TLS")) } else { Ok(end) });
        };
        match scheme.to_ascii_lowercase().as_str() {
            "unix" => unix(rest).map_err(invalid),
            "tcp" | "http" if tls => Err(unsupported("TLS")),
            "tcp" | "http" => tcp(rest, tls).ok_or_else(|| invalid("the port is not a number")),
            "https" => Err(unsupported("TLS")),
            "ssh" => Err(unsupported("ssh")),
            "npipe" => pipe(rest).ok_or_else(|| invalid("a pipe is written npipe:////./pipe/NAME")),
            "fd" => Err(invalid("fd:// is where an engine listens, not how it is reached")),
            _ => Err(invalid("the scheme is unknown")),
        }
    }

    /// The endpoint of a socket file.
    pub fn unix(path: impl AsRef<Path>) -> Self {
        Self::Unix(path.as_ref().to_path_buf())
    }

    /// How long a connection may take before the engine counts as unreachable.
    pub const fn connect_timeout(&self) -> Duration {
        match self {
            Self::Unix(_) | Self::Pipe(_) => Duration::from_millis(300),
            Self::Tcp { .. } => Duration::from_millis(1500),
        }
    }

    /// True when the engine certainly sees other files than this computer: TCP beyond loopback.
    pub fn is_remote(&self) -> bool {
        match self {
            Self::Unix(_) | Self::Pipe(_) => false,
            Self::Tcp { host, .. } => {
                !host.eq_ignore_ascii_case("localhost")
                    && !host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
            }
        }
    }

    /// True for TCP in clear text, which anybody on the way may use as root.
    pub const fn is_plain_tcp(&self) -> bool {
        matches!(self, Self::Tcp { .. })
    }

    /// The socket file, if it is one.
    pub fn socket(&self) -> Option<&Path> {
        match self {
            Self::Unix(path) => Some(path),
            Self::Tcp { .. } | Self::Pipe(_) => None,
        }
    }

    /// What the `Host` header says.
    pub(crate) fn authority(&self) -> String {
        match self {
            Self::Tcp { host, port } if host.contains(':') => format!("[{host}]:{port}"),
            Self::Tcp { host, port } => format!("{host}:{port}"),
            Self::Unix(_) | Self::Pipe(_) => "docker".to_owned(),
        }
    }
}

fn unix(path: &str) -> Result<Endpoint, &'static str> {
    let path = if path.is_empty() { "/var/run/docker.sock" } else { path };
    if !path.starts_with('/') {
        return Err("the path of a socket is absolute");
    }
    if path.len() > SOCKET_PATH_LIMIT {
        return Err("the path is longer than a socket address can be");
    }
    Ok(Endpoint::Unix(PathBuf::from(path)))
}

/// `host`, `host:port`, `[v6]:port`, with an optional path that the engine ignores.
fn tcp(rest: &str, _tls: bool) -> Option<Endpoint> {
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, after) = bracketed.split_once(']')?;
        (host, after.strip_prefix(':'))
    } else {
        match authority.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') => (host, Some(port)),
            Some(_) => (authority, None),
            None => (authority, None),
        }
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port != 0)?,
        None => TCP_PORT,
    };
    let host = if host.is_empty() { "localhost" } else { host };
    Some(Endpoint::Tcp { host: host.to_owned(), port })
}

fn pipe(rest: &str) -> Option<Endpoint> {
    let name = rest.replace('\\', "/");
    let name = name.strip_prefix("//./pipe/")?;
    let sound = !name.is_empty() && !name.contains('/');
    sound.then(|| Endpoint::Pipe(format!(r"\\.\pipe\{name}")))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { .. } => write!(f, "tcp://{}", self.authority()),
            Self::Pipe(name) => write!(f, "npipe://{}", name.replace('\\', "/")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(address: &str) -> Endpoint {
        Endpoint::parse(address, false).unwrap()
    }

    fn tcp_of(host: &str, port: u16) -> Endpoint {
        Endpoint::Tcp { host: host.to_owned(), port }
    }

    #[test]
    fn the_forms_of_docker_host_are_read_as_the_docker_command_reads_them() {
        assert_eq!(parsed("unix:///run/x.sock"), Endpoint::unix("/run/x.sock"));
        assert_eq!(parsed("unix://"), Endpoint::unix("/var/run/docker.sock"));
        assert_eq!(parsed("tcp://10.0.0.2"), tcp_of("10.0.0.2", 2375));
        assert_eq!(parsed("tcp://box:2400/"), tcp_of("box", 2400));
        assert_eq!(parsed("box:2400"), tcp_of("box", 2400));
        assert_eq!(parsed("tcp://[::1]:9"), tcp_of("::1", 9));
        assert_eq!(
            parsed("npipe:////./pipe/docker_engine"),
            Endpoint::Pipe(r"\\.\pipe\docker_engine".into())
        );
    }

    #[test]
    fn what_cannot_be_spoken_yet_is_named() {
        for (address, tls, transport) in
            [("ssh://me@box", false, "ssh"), ("tcp://box:2376", true, "TLS"), ("https://box", false, "TLS")]
        {
            let error = Endpoint::parse(address, tls).unwrap_err();
            assert_eq!(error.code(), "endpoint_not_supported", "{address}");
            assert!(error.to_string().contains(transport), "{error}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_its_reason() {
        for address in
            ["", "fd://", "gopher://x", "tcp://x:port", "unix://relative", "npipe://x", "tcp://x:0"]
        {
            let error = Endpoint::parse(address, false).unwrap_err();
            assert_eq!(error.code(), "endpoint_invalid", "{address}");
        }
        let long = format!("unix:///{}", "a".repeat(200));
        assert!(Endpoint::parse(&long, false).is_err());
    }

    #[test]
    fn only_tcp_beyond_loopback_is_remote() {
        assert!(!parsed("unix:///x").is_remote());
        assert!(!parsed("tcp://localhost:1").is_remote());
        assert!(!parsed("tcp://127.0.0.9:1").is_remote());
        assert!(!parsed("tcp://[::1]:1").is_remote());
        assert!(parsed("tcp://192.168.1.4").is_remote());
    }

    proptest! {
        #[test]
        fn an_address_that_is_printed_reads_back_as_itself(host in "[a-z][a-z0-9.-]{0,20}", port in 1u16.., path in "(/[a-z0-9._-]{1,10}){1,5}") {
            for endpoint in [Endpoint::Tcp { host, port }, Endpoint::unix(path)] {
                prop_assert_eq!(Endpoint::parse(&endpoint.to_string(), false).unwrap(), endpoint);
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,80}", tls: bool) {
            let _ = Endpoint::parse(&text, tls);
        }
    }
}
