use std::io::Read as _;

use super::*;

static SAMPLE: &[Page] = &[
    Page {
        path: "assets/index-abc123.js",
        media_type: "text/javascript; charset=utf-8",
        tag: "\"1111\"",
        plain: b"script",
        gzip: b"packed",
    },
    Page {
        path: "index.html",
        media_type: "text/html; charset=utf-8",
        tag: "\"2222\"",
        plain: b"<!doctype html>",
        gzip: b"packed index",
    },
];

fn get(path: &str, fields: &[(&'static str, &str)]) -> Response<Bytes> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.insert(*name, value.parse().unwrap());
    }
    serve(SAMPLE, &Method::GET, path, &headers)
}

fn field<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[test]
fn the_index_stands_at_the_top_and_at_every_address_of_the_window() {
    for path in ["", "index.html", "servers", "servers/github/logs"] {
        let response = get(path, &[]);
        assert_eq!(
            (response.status(), &response.body()[..]),
            (StatusCode::OK, &b"<!doctype html>"[..]),
            "{path}"
        );
        assert_eq!(field(&response, "cache-control"), "no-store");
    }
}

#[test]
fn no_path_leaves_the_table() {
    for path in [
        "../Cargo.toml",
        "..",
        "assets/../index.html",
        "./",
        "%2e%2e/etc/passwd",
        "%2e%2e%2fetc",
        "..\\x",
        "assets/",
        "assets/none",
        "favicon.ico",
        "/etc/passwd.txt",
    ] {
        assert_eq!(get(path, &[]).status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn files_with_a_hash_in_their_name_may_be_kept_and_are_recognised() {
    let first = get("assets/index-abc123.js", &[]);
    assert_eq!(field(&first, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(field(&first, "content-type"), "text/javascript; charset=utf-8");
    let again = get("assets/index-abc123.js", &[("if-none-match", "W/\"0\", W/\"1111\"")]);
    assert_eq!((again.status(), again.body().len()), (StatusCode::NOT_MODIFIED, 0));
}

#[test]
fn the_compressed_form_goes_to_who_takes_it() {
    for (accepts, packed) in [
        ("gzip, deflate, br", true),
        ("GZIP;q=0.5", true),
        ("gzip;q=0", false),
        ("br", false),
        ("gzip;q=0.0", false),
    ] {
        let response = get("", &[("accept-encoding", accepts)]);
        assert_eq!(field(&response, "content-encoding") == "gzip", packed, "{accepts}");
        assert_eq!(&response.body()[..] == b"packed index", packed, "{accepts}");
        assert_eq!(field(&response, "vary"), "accept-encoding");
    }
}

#[test]
fn every_answer_keeps_other_pages_away() {
    let answers = [
        get("", &[]),
        get("assets/index-abc123.js", &[]),
        get("nothing.here", &[]),
        get("", &[("if-none-match", "\"2222\"")]),
        serve(&[], &Method::GET, "", &HeaderMap::new()),
        serve(SAMPLE, &Method::POST, "", &HeaderMap::new()),
    ];
    for response in answers {
        assert!(field(&response, "content-security-policy").contains("frame-ancestors 'none'"));
        assert!(!field(&response, "content-security-policy").contains("ipc:"));
        assert!(!field(&response, "content-security-policy").contains("script-src 'self' 'unsafe"));
        assert_eq!(field(&response, "x-frame-options"), "DENY");
        assert_eq!(field(&response, "cross-origin-resource-policy"), "same-origin");
        assert_eq!(field(&response, "cross-origin-opener-policy"), "same-origin");
        assert_eq!(field(&response, "x-content-type-options"), "nosniff");
        assert_eq!(field(&response, "referrer-policy"), "no-referrer");
        assert_eq!(field(&response, "access-control-allow-origin"), "");
        assert_eq!(field(&response, "set-cookie"), "");
    }
}

#[test]
fn without_pages_it_is_said_how_to_get_them() {
    let response = serve(&[], &Method::GET, "", &HeaderMap::new());
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(String::from_utf8_lossy(response.body()).contains("npm run build"));
}

#[test]
fn pages_are_only_read() {
    let response = serve(SAMPLE, &Method::POST, "", &HeaderMap::new());
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn what_was_embedded_is_whole_and_small() {
    for page in PAGES {
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(page.gzip).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, page.plain, "{}", page.path);
    }
    assert_eq!(are_embedded(), PAGES.iter().any(|page| page.path == INDEX));
    assert!(compressed_bytes() <= 250 * 1024, "{} bytes", compressed_bytes());
}
