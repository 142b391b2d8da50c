//! Addresses of remote servers: what may be used, what an answer's relative one means, and where an origin ends.

use std::fmt;

use http::Uri;

use crate::error::OpenError;

/// An absolute `http` or `https` address without user-info.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(Uri);

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, OpenError> {
        let text = text.trim();
        let refuse = |reason: &str| OpenError::Address { url: shown(text), reason: reason.to_owned() };
        let uri: Uri = text.parse().map_err(|_| refuse("it is not a valid address"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(refuse("it must begin with http:// or https://"));
        }
        let authority = uri.authority().ok_or_else(|| refuse("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(refuse("put user and password into a header instead of the address"));
        }
        Ok(Self(uri))
    }

    /// What a reference in this server's answers means; `None` if it cannot be used.
    pub(crate) fn join(&self, reference: &str) -> Option<Self> {
        let reference = reference.trim().split('#').next()?;
        let (scheme, authority) = (self.0.scheme_str()?, self.0.authority()?.as_str());
        let text = if reference.contains("://") && !reference.starts_with(['/', '?', '.']) {
            reference.to_owned()
        } else if let Some(rest) = reference.strip_prefix("//") {
            format!("{scheme}://{rest}")
        } else if reference.starts_with('/') {
            format!("{scheme}://{authority}{reference}")
        } else if reference.starts_with('?') {
            format!("{scheme}://{authority}{}{reference}", self.0.path())
        } else {
            let folder = self.0.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{scheme}://{authority}{folder}/{reference}")
        };
        Self::parse(&text).ok()
    }

    /// Whether both have scheme, host and port in common.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        let origin = |uri: &Uri| {
            let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
            let host = uri.host().map(str::to_ascii_lowercase);
            (uri.scheme_str().map(str::to_owned), host, uri.port_u16().unwrap_or(default))
        };
        origin(&self.0) == origin(&other.0)
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.0
    }
}

/// For messages: without user-info and query, where secrets may stand.
impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&shown(&self.0.to_string()))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

fn shown(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        (None, Some((_, rest))) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_an_address_are_not_shown() {
        let error = Address::parse("https://user:hunter2@host/x?key=hunter3").unwrap_err();
        assert!(!error.to_string().contains("hunter"), "{error}");
        let address = Address::parse("https://host/x?key=hunter3").unwrap();
        assert_eq!(address.to_string(), "https://host/x");
    }

    #[test]
    fn only_http_addresses_with_a_host_are_taken() {
        for wrong in ["ftp://host/", "host/path", "/mcp", "", "https://", "http://a b/"] {
            assert_eq!(Address::parse(wrong).unwrap_err().code(), "remote_address", "{wrong}");
        }
    }

    #[test]
    fn references_are_resolved_against_the_address() {
        let base = Address::parse("https://host:8443/a/sse?x=1").unwrap();
        for (reference, whole) in [
            ("/m?s=1", "https://host:8443/m?s=1"),
            ("m?s=1", "https://host:8443/a/m?s=1"),
            ("?s=1", "https://host:8443/a/sse?s=1"),
            ("//other/m", "https://other/m"),
            ("http://other/m#f", "http://other/m"),
        ] {
            assert_eq!(base.join(reference).unwrap().uri().to_string(), whole, "{reference}");
        }
        assert!(base.join("ftp://other/").is_none());
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let base = Address::parse("https://Host/mcp").unwrap();
        let same = |text: &str| base.same_origin(&Address::parse(text).unwrap());
        assert!(same("https://host:443/other?x"));
        for other in
            ["http://host/mcp", "https://host:444/mcp", "https://host.evil/mcp", "https://sub.host/mcp"]
        {
            assert!(!same(other), "{other}");
        }
    }
}
