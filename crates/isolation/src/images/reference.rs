//! Names of images: what people write, read into registry, repository, tag and digest.
use std::fmt;

/// Docker Hub's name in references.
pub(crate) const DOCKER_HUB: &str = "docker.io";
/// The longest name an engine takes.
const NAME_LIMIT: usize = 255;

/// An image's name, complete: nothing in it is left to the engine to guess.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// An image by its own id, which no registry knows.
    Id(String),
    /// A name in a registry.
    Named {
        /// The registry's host, `docker.io` for Docker Hub.
        registry: String,
        /// The path in the registry, such as `library/python`.
        repository: String,
        /// The tag; `latest` when neither tag nor digest was written.
        tag: Option<String>,
        /// The digest, such as `sha256:…`.
        digest: Option<String>,
    },
}

/// Why a text is no image's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{text}” is not the name of an image: {reason}. Write it like python:3.11 or registry.example.com/team/tools:1.2."
)]
pub struct ReferenceError {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl ReferenceError {
    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        "image_name_invalid"
    }
}

impl Reference {
    /// Reads a name. A bare one (without `/`) belongs to `registry`; on Docker Hub that means `library/`.
    pub fn parse(text: &str, registry: &str) -> Result<Self, ReferenceError> {
        let text = text.trim();
        parse(text, registry).map_err(|reason| ReferenceError { text: text.to_owned(), reason })
    }

    /// The registry's host, if it has one.
    pub fn registry(&self) -> Option<&str> {
        match self {
            Self::Id(_) => None,
            Self::Named { registry, .. } => Some(registry),
        }
    }

    /// Path and registry without tag or digest.
    pub(crate) fn repository_name(&self) -> String {
        match self {
            Self::Id(id) => id.clone(),
            Self::Named { registry, repository, .. } => format!("{registry}/{repository}"),
        }
    }

    /// What a pull asks for: the digest, or always a tag, since without one every tag would come.
    pub(crate) fn version(&self) -> Option<&str> {
        match self {
            Self::Id(_) => None,
            Self::Named { tag, digest, .. } => digest.as_deref().or(tag.as_deref()),
        }
    }

    /// The name as people write it: Docker Hub's own parts left out.
    pub fn familiar(&self) -> String {
        let full = self.to_string();
        let short = full.strip_prefix("docker.io/").unwrap_or(&full);
        short.strip_prefix("library/").unwrap_or(short).to_owned()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id),
            Self::Named { registry, repository, tag, digest } => {
                write!(f, "{registry}/{repository}")?;
                match (tag, digest) {
                    (_, Some(digest)) => write!(f, "@{digest}"),
                    (Some(tag), None) => write!(f, ":{tag}"),
                    (None, None) => Ok(()),
                }
            }
        }
    }
}

fn parse(text: &str, default_registry: &str) -> Result<Reference, &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.len() > NAME_LIMIT {
        return Err("it is too long");
    }
    if let Some(hash) = text.strip_prefix("sha256:") {
        let sound = hash.len() == 64 && hash.bytes().all(is_hex);
        return if sound { Ok(Reference::Id(text.to_owned())) } else { Err("an id has 64 hex digits") };
    }
    if text.contains("://") {
        return Err("it has no https:// before it");
    }
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest_of(digest)?)),
        None => (text, None),
    };
    // A colon after the last slash begins a tag; one before it belongs to a port.
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag_of(tag)?)),
        _ => (rest, None),
    };
    let (registry, repository) = place(name, default_registry)?;
    let tag = match (&tag, &digest) {
        (None, None) => Some("latest".to_owned()),
        _ => tag,
    };
    Ok(Reference::Named { registry, repository, tag, digest })
}

fn place(name: &str, default_registry: &str) -> Result<(String, String), &'static str> {
    let (registry, path) = match name.split_once('/') {
        Some((host, path)) if is_host(host) => (hub(host), path.to_owned()),
        Some(_) => (DOCKER_HUB.to_owned(), name.to_owned()),
        None => (hub(default_registry), name.to_owned()),
    };
    if path.is_empty() || !path.split('/').all(is_component) {
        return Err(if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
            "it must be lower-case"
        } else {
            "a part of its path has other characters than a-z, 0-9, ., _ and -"
        });
    }
    let path = if registry == DOCKER_HUB && !path.contains('/') { format!("library/{path}") } else { path };
    Ok((registry, path))
}

/// The registry under one name, however it was written.
fn hub(registry: &str) -> String {
    let bare = registry.trim().trim_end_matches('/');
    let bare = bare.strip_prefix("https://").or(bare.strip_prefix("http://")).unwrap_or(bare);
    match bare {
        "" | "docker.io" | "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" => {
            DOCKER_HUB.to_owned()
        }
        other => other.to_owned(),
    }
}

/// A first part names a host when it cannot be a folder of Docker Hub.
fn is_host(part: &str) -> bool {
    part == "localhost" || part.contains(['.', ':']) || part.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Lower-case words, parted by `.`, `_`, `__` or any number of `-`.
fn is_component(part: &str) -> bool {
    let bytes = part.as_bytes();
    let word =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    word(bytes.first())
        && word(bytes.last())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(byte))
        && !["..", "___", "._", "_.", ".-", "-.", "_-", "-_"].iter().any(|pair| part.contains(pair))
}

fn tag_of(tag: &str) -> Result<String, &'static str> {
    let first = tag.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let rest = tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if first && rest && tag.len() <= 128 { Ok(tag.to_owned()) } else { Err("its tag is not one") }
}

fn digest_of(digest: &str) -> Result<String, &'static str> {
    let sound = digest.split_once(':').is_some_and(|(kind, hash)| {
        !kind.is_empty()
            && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+._-".contains(&byte))
            && hash.len() >= 32
            && hash.bytes().all(is_hex)
    });
    if sound { Ok(digest.to_owned()) } else { Err("its digest is not one") }
}

const fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (byte >= b'a' && byte <= b'f')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn full(text: &str, registry: &str) -> String {
        Reference::parse(text, registry).unwrap().to_string()
    }

    #[test]
    fn names_are_completed_as_docker_completes_them() {
        for (text, name) in [
            ("python:3.11", "docker.io/library/python:3.11"),
            ("python", "docker.io/library/python:latest"),
            ("team/tools", "docker.io/team/tools:latest"),
            ("docker.io/python", "docker.io/library/python:latest"),
            ("ghcr.io/a/b/c:1", "ghcr.io/a/b/c:1"),
            ("localhost:5000/x", "localhost:5000/x:latest"),
            ("127.0.0.1:5000/library/python:3.11", "127.0.0.1:5000/library/python:3.11"),
            ("oven/bun:1", "docker.io/oven/bun:1"),
        ] {
            assert_eq!(full(text, "docker.io"), name, "{text}");
        }
    }

    #[test]
    fn the_configured_registry_completes_bare_names_alone() {
        assert_eq!(full("python:3.11", "mirror.example.com"), "mirror.example.com/python:3.11");
        assert_eq!(full("python:3.11", "mirror.example.com/cache"), "mirror.example.com/cache/python:3.11");
        assert_eq!(full("team/tools:1", "mirror.example.com"), "docker.io/team/tools:1");
        assert_eq!(full("python", "https://index.docker.io/"), "docker.io/library/python:latest");
        assert_eq!(full("python", ""), "docker.io/library/python:latest");
    }

    #[test]
    fn a_digest_or_an_id_needs_no_tag() {
        let hash = "a".repeat(64);
        let named = Reference::parse(&format!("python:3.11@sha256:{hash}"), DOCKER_HUB).unwrap();
        assert_eq!(named.version(), Some(format!("sha256:{hash}").as_str()));
        assert_eq!(named.to_string(), format!("docker.io/library/python@sha256:{hash}"));
        let id = Reference::parse(&format!("sha256:{hash}"), DOCKER_HUB).unwrap();
        assert_eq!((id.registry(), id.version()), (None, None));
    }

    #[test]
    fn what_is_no_name_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "empty"),
            ("Python:3.11", "lower-case"),
            ("https://ghcr.io/a", "https"),
            ("a b", "characters"),
            ("python:", "tag"),
            ("python@sha256:12", "digest"),
            ("sha256:12", "64"),
            ("a..b", "characters"),
            ("ghcr.io/", "characters"),
        ] {
            let error = Reference::parse(text, DOCKER_HUB).unwrap_err();
            assert!(error.reason.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn people_see_the_short_name() {
        assert_eq!(Reference::parse("python:3.11", "").unwrap().familiar(), "python:3.11");
        assert_eq!(Reference::parse("ghcr.io/a:1", "").unwrap().familiar(), "ghcr.io/a:1");
    }

    proptest! {
        #[test]
        fn a_complete_name_reads_back_as_itself(
            registry in "[a-z]{1,8}\\.[a-z]{2,3}(:[1-9][0-9]{1,3})?",
            repository in "[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,3}",
            tag in "[A-Za-z0-9_][A-Za-z0-9._-]{0,20}",
        ) {
            let name = format!("{registry}/{repository}:{tag}");
            prop_assert_eq!(full(&name, "other.example.com"), name);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,80}", registry in ".{0,20}") {
            let _ = Reference::parse(&text, &registry);
        }
    }
}
