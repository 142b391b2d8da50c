//! Media types of HTTP headers: parameters, order and q-values are the client's business.

/// Plain JSON.
pub const JSON: &str = "application/json";
/// A stream of events.
pub const EVENT_STREAM: &str = "text/event-stream";

/// The type itself, lower-case, without parameters: `application/json` of `Application/JSON; charset=utf-8`.
pub fn essence(content_type: &str) -> Option<String> {
    let essence = content_type.split(';').next()?.trim();
    let (kind, subtype) = essence.split_once('/')?;
    let is_token = |part: &str| !part.is_empty() && part.bytes().all(is_token_byte);
    (is_token(kind) && is_token(subtype)).then(|| essence.to_ascii_lowercase())
}

/// Whether a `Content-Type` says JSON (in an encoding that is UTF-8, if it names one).
pub fn is_json(content_type: &str) -> bool {
    let charset = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    essence(content_type).as_deref() == Some(JSON)
        && charset.is_none_or(|charset| {
            ["utf-8", "utf8", "us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known))
        })
}

/// Whether a `Content-Type` says event stream.
pub fn is_event_stream(content_type: &str) -> bool {
    essence(content_type).as_deref() == Some(EVENT_STREAM)
}

/// Whether the values of `Accept` take `media_type`. No `Accept` at all takes everything.
pub fn accepts<'a>(accept: impl IntoIterator<Item = &'a str>, media_type: &str) -> bool {
    let mut any = false;
    // The most precise range decides, whatever its place: 3 exact, 2 the type, 1 everything.
    let mut best: (u8, bool) = (0, false);
    for range in
        accept.into_iter().flat_map(|value| value.split(',')).filter(|range| !range.trim().is_empty())
    {
        any = true;
        let Some(precision) = matches(range, media_type) else { continue };
        if precision >= best.0 {
            best = (precision, weight(range) > 0.0);
        }
    }
    !any || best.1
}

/// How precisely a range names the type.
fn matches(range: &str, media_type: &str) -> Option<u8> {
    let range = range.split(';').next()?.trim();
    if range.eq_ignore_ascii_case(media_type) {
        return Some(3);
    }
    if range == "*/*" || range == "*" {
        return Some(1);
    }
    let kind = range.strip_suffix("/*")?;
    media_type.split('/').next()?.eq_ignore_ascii_case(kind).then_some(2)
}

/// The q-value; 1 unless a valid one is given.
fn weight(range: &str) -> f32 {
    range
        .split(';')
        .skip(1)
        .find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            if !name.trim().eq_ignore_ascii_case("q") {
                return None;
            }
            value.trim().parse().ok()
        })
        .unwrap_or(1.0)
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_of_a_content_type_do_not_matter() {
        assert!(is_json("application/json"));
        assert!(is_json("Application/JSON ; charset=UTF-8"));
        assert!(is_json("application/json;charset=\"utf-8\""));
        assert!(is_event_stream("text/event-stream;charset=utf-8"));
    }

    #[test]
    fn other_types_and_encodings_are_no_json() {
        for wrong in
            ["text/plain", "application/jsonp", "application", "", "application/json; charset=utf-16"]
        {
            assert!(!is_json(wrong), "{wrong}");
        }
    }

    #[test]
    fn accept_takes_any_order_and_q_values() {
        let accept = ["text/event-stream;q=0.9, application/json"];
        assert!(accepts(accept, JSON) && accepts(accept, EVENT_STREAM));
        assert!(accepts(["application/json", "text/event-stream"], EVENT_STREAM));
    }

    #[test]
    fn wildcards_count_and_no_header_takes_all() {
        assert!(accepts(["*/*"], JSON));
        assert!(accepts(["application/*;q=0.1"], JSON));
        assert!(!accepts(["application/*"], EVENT_STREAM));
        assert!(accepts([], JSON));
        assert!(!accepts(["text/html"], JSON));
    }

    #[test]
    fn a_zero_weight_excludes_and_the_precise_range_decides() {
        assert!(!accepts(["*/*, application/json;q=0"], JSON));
        assert!(accepts(["application/json, */*;q=0"], JSON));
    }
}
