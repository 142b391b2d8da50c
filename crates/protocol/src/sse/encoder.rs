//! Writes events. A message is one line of data unless it has line breaks itself.

use bytes::{BufMut, Bytes, BytesMut};

/// An event named `message` (the default, so the name is left out), with an id if it can be resumed behind.
pub fn event(id: Option<&str>, data: &[u8]) -> Bytes {
    named(None, id, data)
}

/// An event with a name other than `message`.
pub fn named(name: Option<&str>, id: Option<&str>, data: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(data.len() + 64);
    field(&mut out, "event", name);
    field(&mut out, "id", id);
    put_data(&mut out, data);
    out.put_u8(b'\n');
    out.freeze()
}

/// The first event of a resumable stream: an id without data, and how soon to come back.
pub fn priming(id: &str, retry_ms: Option<u64>) -> Bytes {
    let mut out = BytesMut::with_capacity(64);
    field(&mut out, "id", Some(id));
    field(&mut out, "retry", retry_ms.map(|ms| ms.to_string()).as_deref());
    out.put_slice(b"data:\n\n");
    out.freeze()
}

/// A comment: keeps the stream alive and means nothing.
pub fn comment(text: &str) -> Bytes {
    Bytes::from(format!(": {}\n\n", text.replace(['\r', '\n'], " ")))
}

fn field(out: &mut BytesMut, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        out.put_slice(name.as_bytes());
        out.put_slice(b": ");
        out.put_slice(value.replace(['\r', '\n', '\0'], "").as_bytes());
        out.put_u8(b'\n');
    }
}

fn put_data(out: &mut BytesMut, mut data: &[u8]) {
    while let Some(at) = memchr::memchr2(b'\n', b'\r', data) {
        line(out, &data[..at]);
        let width = if data[at..].starts_with(b"\r\n") { 2 } else { 1 };
        data = &data[at + width..];
    }
    line(out, data);
}

fn line(out: &mut BytesMut, line: &[u8]) {
    out.put_slice(b"data: ");
    out.put_slice(line);
    out.put_u8(b'\n');
}
