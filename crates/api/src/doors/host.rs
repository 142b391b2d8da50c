//! Host and Origin: the defence against pages that reach this address through a name of their own.

use http::{HeaderMap, Uri, header};
use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
};

/// Which hosts and origins are meant for the address at which a connection came in.
#[derive(Debug)]
pub struct HostRule<'a> {
    local: SocketAddr,
    trusted: &'a [String],
}

/// A request that was not meant for this address.
#[derive(Debug, PartialEq, Eq)]
pub enum HostRefusal {
    /// The `Host` header names somebody else.
    Host(String),
    /// The `Origin` header names a page of somebody else.
    Origin(String),
}

impl HostRefusal {
    /// The refused value.
    pub fn host(&self) -> &str {
        match self {
            Self::Host(value) | Self::Origin(value) => value,
        }
    }
}

impl<'a> HostRule<'a> {
    /// The rule for a connection that arrived at `local`.
    pub fn new(local: SocketAddr, trusted: &'a [String]) -> Self {
        Self { local, trusted }
    }

    /// Checks both headers. A native client sends no `Origin`; a page always does.
    pub fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), HostRefusal> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(value), None) => value.to_str().unwrap_or("?"),
            (None, _) => uri.authority().map_or("", http::uri::Authority::as_str),
            (Some(_), Some(_)) => return Err(HostRefusal::Host("two Host headers".to_owned())),
        };
        if !self.allows(host) {
            return Err(HostRefusal::Host(host.to_owned()));
        }
        for origin in headers.get_all(header::ORIGIN) {
            let origin = origin.to_str().unwrap_or("?");
            let meant = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            if !meant.is_some_and(|authority| self.allows(authority)) {
                return Err(HostRefusal::Origin(origin.to_owned()));
            }
        }
        Ok(())
    }

    fn allows(&self, authority: &str) -> bool {
        let Some((host, port)) = split_authority(authority) else {
            return false;
        };
        let host = lower(host.trim_end_matches('.'));
        let own_port = port.unwrap_or(80) == self.local.port();
        let literal: Option<IpAddr> = host.parse().ok();
        let own_host = match literal {
            // An address cannot be rebound: the page that sends it was loaded from it.
            Some(address) => {
                address == self.local.ip().to_canonical() || (address.is_loopback() && self.loopback())
            }
            None => *host == *"localhost" && self.loopback(),
        };
        (own_host && own_port) || self.trusted.iter().any(|pattern| trusts(pattern, &host, port))
    }

    fn loopback(&self) -> bool {
        self.local.ip().to_canonical().is_loopback()
    }
}

/// Hardly ever anything to change.
fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// `example.com`, `example.com:8443` (that port only), `.example.com` (with its subdomains) or `*`.
fn trusts(pattern: &str, host: &str, port: Option<u16>) -> bool {
    let pattern = pattern.trim().to_ascii_lowercase();
    if pattern == "*" {
        return true;
    }
    let Some((wanted, wanted_port)) = split_authority(&pattern) else {
        return false;
    };
    if wanted_port.is_some() && wanted_port != port {
        return false;
    }
    match wanted.strip_prefix('.') {
        Some(domain) => host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        None => host == wanted,
    }
}

/// Splits `host[:port]`, with brackets taken off an IPv6 address.
fn split_authority(authority: &str) -> Option<(&str, Option<u16>)> {
    if authority.is_empty() || authority.contains(['/', '@', '\\', '?', '#', ' ']) {
        return None;
    }
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, after) = rest.split_once(']')?;
        return match after.strip_prefix(':') {
            Some(port) => Some((address, Some(port.parse().ok()?))),
            None if after.is_empty() => Some((address, None)),
            None => None,
        };
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, Some(port.parse().ok()?))),
        None => Some((authority, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, origin: Option<&str>, trusted: &[&str]) -> Result<(), HostRefusal> {
        let trusted: Vec<String> = trusted.iter().map(|&name| name.to_owned()).collect();
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        HostRule::new("127.0.0.1:8080".parse().unwrap(), &trusted).check(&headers, &Uri::from_static("/mcp"))
    }

    #[test]
    fn our_own_addresses_are_let_in() {
        for host in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080", "localhost.:8080"] {
            assert_eq!(check(host, None, &[]), Ok(()), "{host}");
        }
        assert_eq!(check("127.0.0.1:8080", Some("http://127.0.0.1:8080"), &[]), Ok(()));
    }

    #[test]
    fn names_that_a_page_may_have_rebound_are_refused() {
        for host in [
            "evil.example:8080",
            "127.0.0.1.evil.example:8080",
            "127.0.0.1:8081",
            "127.0.0.1",
            "localhost",
            "192.168.1.5:8080",
            "localhost:8080@evil.example",
            "",
        ] {
            assert!(check(host, None, &[]).is_err(), "{host}");
        }
    }

    #[test]
    fn foreign_origins_are_refused_even_on_this_computer() {
        for origin in [
            "null",
            "https://evil.example",
            "http://localhost:3000",
            "http://127.0.0.1",
            "file://",
            "127.0.0.1:8080",
        ] {
            assert!(check("127.0.0.1:8080", Some(origin), &[]).is_err(), "{origin}");
        }
    }

    #[test]
    fn trusted_hosts_follow_their_four_forms() {
        assert_eq!(check("proxy.example.com", None, &["proxy.example.com"]), Ok(()));
        assert_eq!(check("a.example.com", Some("https://a.example.com"), &[".example.com"]), Ok(()));
        assert!(check("notexample.com", None, &[".example.com"]).is_err());
        assert!(check("proxy.example.com:81", None, &["proxy.example.com:80"]).is_err());
        assert_eq!(check("anything", None, &["*"]), Ok(()));
    }

    #[test]
    fn two_host_headers_are_refused() {
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, "127.0.0.1:8080".parse().unwrap());
        headers.append(header::HOST, "evil.example".parse().unwrap());
        let rule = HostRule::new("127.0.0.1:8080".parse().unwrap(), &[]);
        assert!(rule.check(&headers, &Uri::from_static("/mcp")).is_err());
    }
}
