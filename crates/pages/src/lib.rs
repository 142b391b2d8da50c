//! The pages of the window, for a browser: what is embedded, and the headers that keep other pages away from it.
//!
//! The pages hold no secret and need no key; what they ask the API for does. The headers allow nothing from anywhere
//! else, no frame around them and no page of another origin to read or to embed them.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};

/// One embedded file.
#[derive(Debug, Clone, Copy)]
struct Page {
    /// Its path below `/ui/`.
    path: &'static str,
    media_type: &'static str,
    /// Made from its bytes, in quotes.
    tag: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
}

/// Everything that was embedded, by path.
static PAGES: &[Page] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page that every address of the window begins with.
const INDEX: &str = "index.html";

/// What a page may load and whom it may ask: itself.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
     frame-src 'none'; form-action 'none'; frame-ancestors 'none'";

/// What is answered where no pages were embedded.
const NONE: &str = "This build of MCPProxy has no pages.\n\nEverything works in the terminal: mcpproxy --help\n\n\
     To get the pages, build them and then MCPProxy:\n\n  (cd ui && npm ci && npm run build)\n  \
     MCPPROXY_UI_DIST=ui/dist cargo build --release -p mcpproxy-cli\n";

/// Whether any pages were embedded.
pub fn are_embedded() -> bool {
    !PAGES.is_empty()
}

/// Size of all pages as they are sent to a browser, compressed.
pub fn compressed_bytes() -> usize {
    PAGES.iter().map(|page| page.gzip.len()).sum()
}

/// Answers a request for `path`, an address below `/ui/`.
pub fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Response<Bytes> {
    serve(PAGES, method, path, headers)
}

fn serve(pages: &'static [Page], method: &Method, path: &str, headers: &HeaderMap) -> Response<Bytes> {
    if method != Method::GET && method != Method::HEAD {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "Pages are only read.\n");
    }
    if pages.is_empty() {
        return plain(StatusCode::NOT_FOUND, NONE);
    }
    let Some(page) = find(pages, path) else {
        return plain(StatusCode::NOT_FOUND, "There is no such page. The window begins at /ui/.\n");
    };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|tags| holds(tags, page.tag));
    let packed = headers.get(header::ACCEPT_ENCODING).is_some_and(takes_gzip);
    let body = match (known, packed) {
        (true, _) => &[][..],
        (false, true) => page.gzip,
        (false, false) => page.plain,
    };
    let mut response = Response::new(Bytes::from_static(body));
    let fields = response.headers_mut();
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(page.media_type));
        if packed {
            fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    let fields = response.headers_mut();
    fields.insert(header::ETAG, HeaderValue::from_static(page.tag));
    fields.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // The builder puts a hash of the content into the names of these; all others keep their names.
    let lasting = page.path.starts_with("assets/");
    let cache = if lasting { "public, max-age=31536000, immutable" } else { "no-store" };
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    guard(fields);
    response
}

/// The file of this path; an address of the window that is no file begins with the index as well.
fn find(pages: &'static [Page], path: &str) -> Option<&'static Page> {
    let at = |path: &str| pages.iter().find(|page| page.path == path);
    if let Some(page) = at(path) {
        return Some(page);
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_file = last.contains('.') || path.starts_with("assets/");
    let is_sound = !path.contains(['%', '\\']) && !path.split('/').any(|part| part == "." || part == "..");
    if is_sound && !is_file { at(INDEX) } else { None }
}

fn holds(tags: &HeaderValue, tag: &str) -> bool {
    let tags = tags.to_str().unwrap_or_default();
    tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)
}

fn takes_gzip(encodings: &HeaderValue) -> bool {
    encodings.to_str().unwrap_or_default().split(',').any(|encoding| {
        let (name, weight) = encoding.split_once(';').unwrap_or((encoding, ""));
        let weight = weight.trim().trim_start_matches("q=");
        let refused = !weight.is_empty() && weight.trim_start_matches(['0', '.']).is_empty();
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    guard(fields);
    response
}

/// Puts in the headers that keep every other page away.
pub fn guard(fields: &mut HeaderMap) {
    let mut put = |name: &'static str, value: &'static str| {
        fields.insert(name, HeaderValue::from_static(value));
    };
    put("content-security-policy", POLICY);
    put("x-frame-options", "DENY");
    put("cross-origin-resource-policy", "same-origin");
    put("cross-origin-opener-policy", "same-origin");
    put("x-content-type-options", "nosniff");
    put("referrer-policy", "no-referrer");
    put("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
}

#[cfg(test)]
mod tests;
