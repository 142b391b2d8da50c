//! Small tar archives: what the engine's archive calls take and give.

/// The size of a block of an archive.
const BLOCK: usize = 512;

/// A file to pack. Owned by root, old as the epoch: the same file gives the same bytes.
pub(crate) struct Entry<'a> {
    /// Its name, at most 100 bytes.
    pub(crate) name: &'a str,
    /// Its permission bits.
    pub(crate) mode: u32,
    /// What is in it.
    pub(crate) content: &'a [u8],
}

/// Packs files into one archive.
pub(crate) fn pack(entries: &[Entry<'_>]) -> Vec<u8> {
    let size = entries.iter().map(|entry| BLOCK + entry.content.len().next_multiple_of(BLOCK)).sum::<usize>();
    let mut out = Vec::with_capacity(size + 2 * BLOCK);
    for entry in entries {
        out.extend_from_slice(&header(entry));
        out.extend_from_slice(entry.content);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

fn header(entry: &Entry<'_>) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
    put(0, &entry.name.as_bytes()[..entry.name.len().min(100)]);
    put(100, format!("{:07o}\0", entry.mode & 0o7777).as_bytes());
    put(108, b"0000000\x000000000\0");
    put(124, format!("{:011o}\0", entry.content.len()).as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// The content of the first regular file in an archive.
pub(crate) fn first_file(archive: &[u8]) -> Option<&[u8]> {
    let mut rest = archive;
    loop {
        let (header, after) = rest.split_at_checked(BLOCK)?;
        let size = header[124..136].iter().take_while(|byte| byte.is_ascii_digit());
        let size = size.fold(0usize, |sum, digit| (sum << 3) | usize::from(digit - b'0'));
        if matches!(header[156], b'0' | 0) && header[0] != 0 {
            return after.get(..size);
        }
        rest = after.get(size.next_multiple_of(BLOCK)..)?;
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_is_found(content in prop::collection::vec(any::<u8>(), 0..2000)) {
            let archive = pack(&[Entry { name: "shim", mode: 0o555, content: &content }]);
            prop_assert_eq!(archive.len() % BLOCK, 0);
            prop_assert_eq!(first_file(&archive), Some(content.as_slice()));
        }

        #[test]
        fn any_bytes_are_searched_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
            let _ = first_file(&bytes);
        }
    }

    #[cfg(unix)]
    #[test]
    fn tar_itself_reads_the_archive() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.tar");
        std::fs::write(&file, pack(&[Entry { name: "shim", mode: 0o555, content: b"hello" }]))
            .expect("the archive");
        let listed = Command::new("tar").arg("-tvf").arg(&file).output().expect("tar runs");
        let text = String::from_utf8_lossy(&listed.stdout).into_owned();
        assert!(
            listed.status.success() && text.starts_with("-r-xr-xr-x") && text.trim_end().ends_with("shim"),
            "{text}"
        );
    }
}
