//! Fetching one list of a server, page by page, within limits.

use std::time::Duration;

use bytes::Bytes;
use mcpproxy_protocol::{raw, text};
use mcpproxy_upstream::CallError;

use super::Attached;
use crate::catalog::{Item, ListKind};

/// Pages of one list.
const MAX_PAGES: usize = 200;
/// Bytes of one list.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Entries of one list.
const MAX_ENTRIES: usize = 10_000;
/// How long a server may take for one page.
const PAGE_TIMEOUT: Duration = Duration::from_secs(60);

/// Fetches a whole list. `None` where the server gave none, so that the one known before stays.
pub(super) async fn fetch(attached: &Attached, kind: ListKind) -> Option<Vec<Item>> {
    let server = attached.name.as_ref();
    let mut items = Vec::new();
    let mut bytes = 0;
    let mut cursor: Option<Bytes> = None;
    for _ in 0..MAX_PAGES {
        let params =
            cursor.as_ref().map(|cursor| format!("{{\"cursor\":{}}}", String::from_utf8_lossy(cursor)));
        let page = match attached.handle.request(kind.method(), params.as_deref(), PAGE_TIMEOUT).await {
            Ok(page) => page,
            // Many servers promise resources and know no templates.
            Err(CallError::Refused { code: -32601, .. }) => return Some(items),
            Err(error) => {
                tracing::warn!(server, list = kind.member(), code = error.code(), %error, "a list was not fetched");
                return None;
            }
        };
        bytes += page.len();
        if bytes > MAX_BYTES {
            tracing::warn!(
                server,
                list = kind.member(),
                limit = MAX_BYTES,
                "the rest of a list is left out: too long"
            );
            break;
        }
        let next = read_page(kind, &page, &mut items, server);
        match next {
            // A server that names the same page again would go on for ever.
            Some(next) if Some(&next) != cursor.as_ref() && items.len() < MAX_ENTRIES => cursor = Some(next),
            _ => break,
        }
    }
    items.truncate(MAX_ENTRIES);
    Some(items)
}

/// Reads the entries of a page, and returns the cursor of the next one as its token.
fn read_page(kind: ListKind, page: &Bytes, items: &mut Vec<Item>, server: &str) -> Option<Bytes> {
    let whole = raw::whole(page);
    if let Some(list) = raw::member(page, whole, kind.member()) {
        for entry in raw::elements(page, list) {
            match Item::read(kind, page, entry) {
                Some(item) => items.push(item),
                None => {
                    tracing::warn!(server, list = kind.member(), "an entry without a usable name is left out")
                }
            }
        }
    }
    let cursor = raw::member(page, whole, "nextCursor")?;
    text::unescape(cursor.of(page))?;
    Some(cursor.slice(page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gives_its_entries_and_the_next_cursor_as_written() {
        let page = Bytes::from_static(br#"{"tools":[{"name":"a"},7,{"name":"b"}],"nextCursor":"x\u0079"}"#);
        let mut items = Vec::new();
        let cursor = read_page(ListKind::Tools, &page, &mut items, "s");
        assert_eq!(cursor.as_deref(), Some(br#""x\u0079""#.as_slice()));
        assert_eq!(items.iter().map(|item| item.id.as_ref()).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_page_of_another_shape_is_an_empty_last_one() {
        for text in ["{}", "[]", r#"{"tools":{}}"#, r#"{"tools":null,"nextCursor":null}"#] {
            let mut items = Vec::new();
            assert_eq!(
                read_page(ListKind::Tools, &Bytes::from_static(text.as_bytes()), &mut items, "s"),
                None
            );
            assert!(items.is_empty());
        }
    }
}
