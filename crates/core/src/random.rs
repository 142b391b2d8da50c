//! Chance, from the system: keys, ids and seeds.

/// Fills bytes from the system's source of chance.
fn fill(bytes: &mut [u8]) {
    #[expect(
        clippy::expect_used,
        reason = "a system without a source of chance can make no key; no start is right then"
    )]
    getrandom::fill(bytes).expect("the system's source of chance answers");
}

/// A seed for spreading retries.
pub(crate) fn seed() -> u64 {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    u64::from_ne_bytes(bytes)
}

/// 64 hexadecimal digits.
pub(crate) fn key() -> String {
    let mut bytes = [0; 32];
    fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A random UUID (version 4).
pub(crate) fn uuid() -> String {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_ids_have_their_shape_and_differ() {
        assert_eq!(key().len(), 64);
        assert_ne!(key(), key());
        let id = uuid();
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"));
    }
}
