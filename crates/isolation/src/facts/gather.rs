//! Looks at the paths that a configuration names; the only file of the planning half that touches the disk.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Binary, EngineFacts, Kind, Os, PathFact, PathFacts, System};
use crate::launcher::words::{Split, split_posix};
use crate::mounts::{self, path};
use crate::policy::Policy;
use crate::spec::ServerSpec;

#[cfg(test)]
#[cfg(unix)]
mod tests;

/// Names inside a folder that planning cares about, beside sockets.
const NAMES: &[&str] = &[
    "pyproject.toml",
    "package.json",
    "uv.lock",
    "requirements.txt",
    "node_modules",
    ".env",
    ".mcp.json",
    ".cursor/mcp.json",
    ".vscode/mcp.json",
    "claude_desktop_config.json",
    "mcp_config.json",
];

/// Files whose content says what must be installed.
const REQUIREMENTS: &[&str] = &["uv.lock", "pyproject.toml", "requirements.txt"];

/// So many paths are looked at for one server; a configuration that names more is no configuration.
const MOST_PATHS: usize = 4096;

/// Looks up every path that the plan of this server may ask about.
pub fn gather(spec: &ServerSpec, policy: &Policy, system: &System, engine: &EngineFacts) -> PathFacts {
    let folder = spec.working_dir.as_ref().and_then(|folder| folder.to_str());
    let mut asked = BTreeSet::new();
    let folder = folder.and_then(|folder| path::absolute(folder, None, system));
    for text in texts(spec, policy) {
        collect(&text, folder.as_deref(), system, &mut asked);
    }
    asked.extend(folder);
    asked.extend(mounts::listed(&system.home, &system.own_folders, system.os));
    asked.extend(engine.socket.clone());
    let mut facts = PathFacts::default();
    for wanted in asked.into_iter().take(MOST_PATHS) {
        if let Some(fact) = look(&wanted, system.os) {
            facts.known.insert(wanted, fact);
        }
    }
    facts
}

/// Every text in which a path may stand.
fn texts(spec: &ServerSpec, policy: &Policy) -> Vec<String> {
    let words = std::iter::once(spec.command.clone())
        .chain(spec.args.iter().map(|word| word.expose().to_owned()))
        .chain(spec.env.iter().map(|(_, value)| value.expose().to_owned()));
    let mut texts: Vec<String> =
        words.chain(policy.volumes.clone()).chain(policy.extra_args.clone()).collect();
    // A command string holds words of its own.
    let inner: Vec<String> = texts
        .iter()
        .filter(|text| text.contains(' '))
        .flat_map(|text| match split_posix(text) {
            Split::Simple(words) => words,
            Split::Script | Split::Unclosed => text
                .split(|letter: char| letter.is_whitespace() || ";&|()\"'".contains(letter))
                .map(str::to_owned)
                .collect(),
        })
        .collect();
    texts.extend(inner);
    texts
}

/// The path that a text is, or holds after `=`, `:` or a comma; and the folders above it.
fn collect(text: &str, folder: Option<&str>, system: &System, asked: &mut BTreeSet<String>) {
    let after_equals = text.split_once('=').map(|(_, value)| value);
    let drive = if system.os == Os::Windows { 2 } else { 0 };
    let candidates = [Some(text), after_equals].into_iter().flatten().flat_map(|text| {
        let cut = text.get(drive..).and_then(|rest| rest.find(':')).map(|at| &text[..at + drive]);
        // `type=bind,source=/x,target=/y`
        let fields = text.split(',').filter_map(|field| field.split_once('=').map(|(_, value)| value));
        std::iter::once(text).chain(cut).chain(fields).collect::<Vec<_>>()
    });
    for candidate in candidates {
        let Some(absolute) = path::absolute(candidate, folder, system) else { continue };
        let mut above = path::parent(&absolute, system.os);
        asked.insert(absolute);
        for _ in 0..5 {
            let Some(here) = above else { break };
            above = path::parent(&here, system.os);
            asked.insert(here);
        }
    }
}

fn look(wanted: &str, os: Os) -> Option<PathFact> {
    let canonical = fs::canonicalize(wanted).ok()?;
    let metadata = fs::metadata(&canonical).ok()?;
    let kind = kind(&metadata);
    let text = path::tidy(canonical.to_str()?, os);
    let (holds, fingerprint) = match kind {
        Kind::Folder => (names(&canonical), fingerprint(&canonical)),
        Kind::File => inline_packages(&canonical),
        Kind::Socket | Kind::Device => (Vec::new(), None),
    };
    let binary = (kind == Kind::File).then(|| binary(&canonical)).flatten();
    Some(PathFact { canonical: text, kind, owner: owner(&metadata), binary, holds, fingerprint })
}

fn names(folder: &Path) -> Vec<String> {
    let mut held: Vec<String> =
        NAMES.iter().filter(|name| folder.join(name).exists()).map(|&name| name.to_owned()).collect();
    for name in ["docker.sock", "podman.sock", "containerd.sock", "docker.raw.sock"] {
        if folder.join(name).symlink_metadata().is_ok() {
            held.push(name.to_owned());
        }
    }
    held
}

fn fingerprint(folder: &Path) -> Option<String> {
    let mut hash = Sha256::new();
    let mut found = false;
    for name in REQUIREMENTS {
        if let Ok(content) = fs::read(folder.join(name)) {
            hash.update(name.as_bytes());
            hash.update(&content);
            found = true;
        }
    }
    found.then(|| hex(&hash.finalize()))
}

/// A Python script may list its packages in its head.
fn inline_packages(file: &Path) -> (Vec<String>, Option<String>) {
    if file.extension().is_none_or(|extension| extension != "py") {
        return (Vec::new(), None);
    }
    let head = head(file, 64 << 10).unwrap_or_default();
    let text = String::from_utf8_lossy(&head);
    if !text.lines().any(|line| line.trim_end() == "# /// script") {
        return (Vec::new(), None);
    }
    let comments: String = text.lines().filter(|line| line.starts_with('#')).collect();
    (vec!["pep723".to_owned()], Some(hex(&Sha256::digest(comments.as_bytes()))))
}

fn binary(file: &Path) -> Option<Binary> {
    let head = head(file, 4096)?;
    match head.as_slice() {
        [0x7f, b'E', b'L', b'F', ..] => {
            Some(if has_interpreter(&head) { Binary::DynamicElf } else { Binary::StaticElf })
        }
        [b'M', b'Z', ..] => Some(Binary::Pe),
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => Some(Binary::MachO),
        [b'#', b'!', line @ ..] => {
            let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let text = String::from_utf8_lossy(line);
            Some(Binary::Script(text.split_whitespace().map(str::to_owned).collect()))
        }
        _ => None,
    }
}

/// Whether a 64-bit little-endian program names a loader (a segment of type PT_INTERP).
fn has_interpreter(head: &[u8]) -> bool {
    let number = |at: usize, length: usize| -> Option<usize> {
        let bytes = head.get(at..at.checked_add(length)?)?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    };
    let table = || Some((number(32, 8)?, number(54, 2)?, number(56, 2)?));
    let Some((start, size, count)) = table() else { return false };
    (0..count.min(64)).any(|index| start.checked_add(index * size).and_then(|at| number(at, 4)) == Some(3))
}

fn head(file: &Path, most: u64) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    fs::File::open(file).ok()?.take(most).read_to_end(&mut head).ok()?;
    Some(head)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(unix)]
fn kind(metadata: &fs::Metadata) -> Kind {
    use std::os::unix::fs::FileTypeExt;
    let file_type = metadata.file_type();
    if file_type.is_dir() {
        Kind::Folder
    } else if file_type.is_socket() || file_type.is_fifo() {
        Kind::Socket
    } else if file_type.is_char_device() || file_type.is_block_device() {
        Kind::Device
    } else {
        Kind::File
    }
}

#[cfg(not(unix))]
fn kind(metadata: &fs::Metadata) -> Kind {
    if metadata.is_dir() { Kind::Folder } else { Kind::File }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no owner to tell")]
fn owner(metadata: &fs::Metadata) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.uid(), metadata.gid()))
}

#[cfg(not(unix))]
fn owner(_metadata: &fs::Metadata) -> Option<(u32, u32)> {
    None
}
