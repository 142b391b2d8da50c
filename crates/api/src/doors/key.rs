//! Keys: who a credential belongs to, compared in constant time.

use http::{HeaderMap, Uri, header};

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Caller {
    /// The person: the admin key, or the socket that only they can open.
    Admin,
    /// A client with a key of its own, which opens `/mcp` only.
    Client(String),
    /// A page in the person's browser that came in with a code.
    Browser,
    /// Somebody of the same user on this computer, where the file allows `/mcp` without a key.
    Keyless,
}

/// The keys in force.
#[derive(Clone, Default)]
pub struct Keys {
    admin: String,
    clients: Vec<(String, String)>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("clients", &self.clients.len()).finish_non_exhaustive()
    }
}

impl Keys {
    /// The admin key, and for each client its name and key.
    pub fn new(admin: String, clients: Vec<(String, String)>) -> Self {
        Self { admin, clients }
    }

    /// Whether the admin key is the same in both.
    pub(crate) fn has_admin_of(&self, other: &Self) -> bool {
        equal(&self.admin, &other.admin)
    }

    /// Finds out whose key a request carries: `None` if it carries none, an error if it carries a wrong one.
    pub fn caller(&self, headers: &HeaderMap, uri: &Uri) -> Option<Result<Caller, ()>> {
        let given = presented(headers, uri)?;
        if !self.admin.is_empty() && equal(&given, &self.admin) {
            return Some(Ok(Caller::Admin));
        }
        let mut found = None;
        for (name, key) in &self.clients {
            if !key.is_empty() && equal(&given, key) {
                found = Some(name.clone());
            }
        }
        Some(found.map(Caller::Client).ok_or(()))
    }
}

/// The key of a request: `X-API-Key`, a bearer token, or `?apikey=` for older scripts.
fn presented(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    in_header(headers)
        .or_else(|| uri.query()?.split('&').find_map(|pair| pair.strip_prefix("apikey=")).map(str::to_owned))
}

/// The key in a request's headers.
pub(super) fn in_header(headers: &HeaderMap) -> Option<String> {
    if let Some(value) = headers.get("x-api-key") {
        return Some(value.to_str().unwrap_or_default().trim().to_owned());
    }
    let value = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => "",
    };
    Some(token.to_owned())
}

/// Compares without telling by its duration how much was right.
pub(super) fn equal(given: &str, wanted: &str) -> bool {
    let (given, wanted) = (given.as_bytes(), wanted.as_bytes());
    let mut difference = u8::from(given.len() != wanted.len());
    for (position, byte) in wanted.iter().enumerate() {
        difference |= byte ^ given.get(position).copied().unwrap_or(!byte);
    }
    std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::new("admin-key".to_owned(), vec![("cursor".to_owned(), "cursor-key".to_owned())])
    }

    fn with(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_key_is_found_in_header_bearer_and_query() {
        let plain = Uri::from_static("/mcp");
        assert_eq!(keys().caller(&with("x-api-key", "admin-key"), &plain), Some(Ok(Caller::Admin)));
        assert_eq!(
            keys().caller(&with("authorization", "Bearer admin-key"), &plain),
            Some(Ok(Caller::Admin))
        );
        assert_eq!(
            keys().caller(&with("authorization", "bearer admin-key"), &plain),
            Some(Ok(Caller::Admin))
        );
        let query = Uri::from_static("/mcp?x=1&apikey=cursor-key");
        assert_eq!(keys().caller(&HeaderMap::new(), &query), Some(Ok(Caller::Client("cursor".to_owned()))));
    }

    #[test]
    fn a_wrong_key_is_an_error_and_not_the_absence_of_one() {
        let plain = Uri::from_static("/mcp");
        assert_eq!(keys().caller(&HeaderMap::new(), &plain), None);
        for wrong in ["", "admin-ke", "admin-keyy", "ADMIN-KEY"] {
            assert_eq!(keys().caller(&with("x-api-key", wrong), &plain), Some(Err(())), "{wrong}");
        }
        assert_eq!(keys().caller(&with("authorization", "Basic admin-key"), &plain), Some(Err(())));
    }

    #[test]
    fn an_empty_configured_key_opens_nothing() {
        let keys = Keys::new(String::new(), vec![("x".to_owned(), String::new())]);
        assert_eq!(keys.caller(&with("x-api-key", ""), &Uri::from_static("/mcp")), Some(Err(())));
    }

    #[test]
    fn keys_do_not_show_in_debug_output() {
        assert!(!format!("{:?}", keys()).contains("admin-key"));
    }
}
