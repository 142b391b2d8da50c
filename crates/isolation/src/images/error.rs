//! Why an image could not be had, told apart by what a person can do about it.
use std::time::Duration;

use super::reference::{DOCKER_HUB, ReferenceError};
use crate::engine::EngineError;

/// Why an image is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PullError {
    /// Not a name at all.
    #[error(transparent)]
    Name(#[from] ReferenceError),
    /// Neither on the engine nor in its registry.
    #[error("The image {image} does not exist in its registry or on this computer.")]
    Missing {
        /// The image.
        image: String,
    },
    /// The registry counts downloads and has had enough of them.
    #[error("{registry} limits downloads from your address. Sign in there or try again later.")]
    RateLimit {
        /// The registry.
        registry: String,
        /// The image.
        image: String,
    },
    /// The registry wants to know who asks.
    #[error("{registry} wants a sign-in for {image}. Sign in with: docker login {registry}")]
    SignIn {
        /// The registry.
        registry: String,
        /// The image.
        image: String,
    },
    /// The registry wants to know who asks, and the program that keeps the credentials failed.
    #[error("Docker's helper {helper} failed ({reason}), and {registry} wants a sign-in for {image}.")]
    Helper {
        /// The program.
        helper: String,
        /// What went wrong with it.
        reason: String,
        /// The registry.
        registry: String,
        /// The image.
        image: String,
    },
    /// The image does not run on the engine's processor.
    #[error("The image {image} exists only for {have}; the engine runs on {want}.")]
    Architecture {
        /// The image.
        image: String,
        /// What there is.
        have: String,
        /// What the engine is.
        want: String,
    },
    /// The download broke on its way.
    #[error(
        "The download of {image} stopped after {done_bytes} bytes: {detail}. It continues where it stopped."
    )]
    Broke {
        /// The image.
        image: String,
        /// Bytes that had come.
        done_bytes: u64,
        /// Bytes in all, as far as known.
        total_bytes: Option<u64>,
        /// The engine's words.
        detail: String,
    },
    /// No registry answers.
    #[error("{registry} does not answer, so {image} could not be downloaded: {detail}")]
    RegistryUnreachable {
        /// The registry.
        registry: String,
        /// The image.
        image: String,
        /// The engine's words.
        detail: String,
    },
    /// The registry's certificate is not trusted by the engine.
    #[error("The engine does not trust the certificate of {registry}: {detail}")]
    Certificate {
        /// The registry.
        registry: String,
        /// The engine's words.
        detail: String,
    },
    /// No room on the engine's disk.
    #[error("The engine's disk is full, so {image} could not be downloaded.")]
    DiskFull {
        /// The image.
        image: String,
    },
    /// Nothing came for too long.
    #[error("The download of {image} stands still: nothing came for {} s.", after.as_secs())]
    Stalled {
        /// The image.
        image: String,
        /// For how long.
        after: Duration,
    },
    /// Everybody who waited for it has gone.
    #[error("The download of {image} was cancelled.")]
    Cancelled {
        /// The image.
        image: String,
    },
    /// The engine itself failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Anything else.
    #[error("{image} could not be downloaded: {detail}")]
    Failed {
        /// The image.
        image: String,
        /// The engine's words.
        detail: String,
    },
}

impl PullError {
    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Name(error) => error.code(),
            Self::Missing { .. } => "image_missing",
            Self::RateLimit { .. } => "image_rate_limit",
            Self::SignIn { .. } => "image_sign_in",
            Self::Helper { .. } => "image_credential_helper",
            Self::Architecture { .. } => "image_architecture",
            Self::Broke { .. } => "image_download_broke",
            Self::RegistryUnreachable { .. } => "image_registry_unreachable",
            Self::Certificate { .. } => "image_registry_certificate",
            Self::DiskFull { .. } => "image_disk_full",
            Self::Stalled { .. } => "image_download_stalled",
            Self::Cancelled { .. } => "image_cancelled",
            Self::Engine(error) => error.code(),
            Self::Failed { .. } => "image_failed",
        }
    }

    /// What fills the sentence of the code.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let image = |image: &String| ("image", image.clone());
        let registry = |registry: &String| ("registry", registry.clone());
        match self {
            Self::Name(error) => vec![("text", error.text.clone()), ("reason", error.reason.to_owned())],
            Self::Missing { image: name }
            | Self::DiskFull { image: name }
            | Self::Cancelled { image: name } => {
                vec![image(name)]
            }
            Self::RateLimit { registry: host, image: name }
            | Self::SignIn { registry: host, image: name } => {
                vec![registry(host), image(name)]
            }
            Self::Helper { helper, reason, registry: host, image: name } => {
                vec![("helper", helper.clone()), ("reason", reason.clone()), registry(host), image(name)]
            }
            Self::Architecture { image: name, have, want } => {
                vec![image(name), ("have", have.clone()), ("want", want.clone())]
            }
            Self::Broke { image: name, done_bytes, total_bytes, detail } => vec![
                image(name),
                ("done", done_bytes.to_string()),
                ("total", total_bytes.map(|total| total.to_string()).unwrap_or_default()),
                ("detail", detail.clone()),
            ],
            Self::RegistryUnreachable { registry: host, image: name, detail } => {
                vec![registry(host), image(name), ("detail", detail.clone())]
            }
            Self::Certificate { registry: host, detail } => vec![registry(host), ("detail", detail.clone())],
            Self::Stalled { image: name, after } => {
                vec![image(name), ("seconds", after.as_secs().to_string())]
            }
            Self::Engine(error) => vec![("detail", error.to_string())],
            Self::Failed { image: name, detail } => vec![image(name), ("detail", detail.clone())],
        }
    }

    /// True when trying again may help without a change by the person.
    pub const fn can_pass(&self) -> bool {
        match self {
            Self::RateLimit { .. }
            | Self::Broke { .. }
            | Self::RegistryUnreachable { .. }
            | Self::Stalled { .. } => true,
            Self::Engine(error) => error.is_engine_away(),
            Self::Name(_)
            | Self::Missing { .. }
            | Self::SignIn { .. }
            | Self::Helper { .. }
            | Self::Architecture { .. }
            | Self::Certificate { .. }
            | Self::DiskFull { .. }
            | Self::Cancelled { .. }
            | Self::Failed { .. } => false,
        }
    }
}

/// What an engine's words about a pull point to.
#[derive(Debug, Clone, Copy)]
enum Sign {
    DiskFull,
    RateLimit,
    Certificate,
    Architecture,
    Missing,
    Hidden,
    Login,
    Broke,
    Unreachable,
}

/// The words, the most telling first.
const SIGNS: &[(&[&str], Sign)] = &[
    (&["no space left on device", "disk quota exceeded"], Sign::DiskFull),
    (&["toomanyrequests", "too many requests", "rate limit"], Sign::RateLimit),
    (&["x509:", "certificate signed by unknown", "certificate has expired"], Sign::Certificate),
    (
        &["no matching manifest", "no match for platform", "does not match the specified platform"],
        Sign::Architecture,
    ),
    (
        &["manifest unknown", "name unknown", "not known to registry", "name_unknown", "manifest_unknown"],
        Sign::Missing,
    ),
    (&["repository does not exist", "pull access denied"], Sign::Hidden),
    (
        &["unauthorized", "no basic auth credentials", "authentication required", "denied", "401 "],
        Sign::Login,
    ),
    (
        &["verification failed", "unexpected eof", "connection reset", "unexpected commit", "short read"],
        Sign::Broke,
    ),
    (
        &[
            "dial tcp",
            "no such host",
            "connection refused",
            "network is unreachable",
            "name resolution",
            "i/o timeout",
            "deadline exceeded",
            "request canceled",
            "server misbehaving",
            "handshake timeout",
            "failed to do request",
            "proxyconnect",
            "503 service unavailable",
            "502 bad gateway",
        ],
        Sign::Unreachable,
    ),
    (&["not found"], Sign::Missing),
];

/// What a pull was about, for the texts of its errors.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// The image as people write it.
    pub(crate) image: String,
    /// Its registry.
    pub(crate) registry: String,
    /// The engine's processor.
    pub(crate) arch: String,
    /// A helper program that failed before, and how.
    pub(crate) helper: Option<(String, String)>,
    /// Bytes done and in all.
    pub(crate) bytes: (u64, Option<u64>),
}

impl Attempt {
    /// Sorts an engine's message. Old engines answer 500 for nearly everything, so the words decide.
    pub(crate) fn classify(&self, message: &str) -> PullError {
        let text = message.to_ascii_lowercase();
        let sign = SIGNS.iter().find(|(words, _)| words.iter().any(|word| text.contains(word)));
        let image = self.image.clone();
        let registry = self.shown_registry();
        let detail = message.to_owned();
        match sign.map(|(_, sign)| *sign) {
            Some(Sign::DiskFull) => PullError::DiskFull { image },
            Some(Sign::RateLimit) => PullError::RateLimit { registry, image },
            Some(Sign::Certificate) => PullError::Certificate { registry, detail },
            Some(Sign::Architecture) => {
                let have = "other processors".to_owned();
                PullError::Architecture { image, have, want: self.arch.clone() }
            }
            Some(Sign::Missing) => PullError::Missing { image },
            // Docker Hub does not say whether an image is private or absent; absent is what people meet.
            Some(Sign::Hidden) if self.registry == DOCKER_HUB && self.helper.is_none() => {
                PullError::Missing { image }
            }
            Some(Sign::Hidden | Sign::Login) => self.sign_in(registry, image),
            Some(Sign::Broke) => self.broke(message),
            Some(Sign::Unreachable) => self.unreachable(registry, image, detail),
            None if text.ends_with("eof") => self.unreachable(registry, image, detail),
            None => PullError::Failed { image, detail },
        }
    }

    fn sign_in(&self, registry: String, image: String) -> PullError {
        match self.helper.clone() {
            Some((helper, reason)) => PullError::Helper { helper, reason, registry, image },
            None => PullError::SignIn { registry, image },
        }
    }

    /// A network that goes after the first bytes broke a download; before them nobody answered.
    fn unreachable(&self, registry: String, image: String, detail: String) -> PullError {
        match self.bytes {
            (0, _) => PullError::RegistryUnreachable { registry, image, detail },
            _ => self.broke(&detail),
        }
    }

    /// The download stopped on its way.
    pub(crate) fn broke(&self, detail: &str) -> PullError {
        PullError::Broke {
            image: self.image.clone(),
            done_bytes: self.bytes.0,
            total_bytes: self.bytes.1,
            detail: detail.to_owned(),
        }
    }

    fn shown_registry(&self) -> String {
        if self.registry == DOCKER_HUB { "Docker Hub".to_owned() } else { self.registry.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(registry: &str) -> Attempt {
        Attempt {
            image: "team/tools:1".into(),
            registry: registry.into(),
            arch: "arm64".into(),
            helper: None,
            bytes: (0, None),
        }
    }

    #[test]
    fn what_engines_say_about_pulls_is_told_apart() {
        let hub = attempt(DOCKER_HUB);
        let own = attempt("images.example.com");
        for (attempt, message, code) in [
            (&hub, "manifest for python:9 not found: manifest unknown: manifest unknown", "image_missing"),
            (
                &hub,
                "pull access denied for x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
                "image_missing",
            ),
            (
                &own,
                "pull access denied for x, repository does not exist or may require 'docker login'",
                "image_sign_in",
            ),
            (&own, "Get \"https://images.example.com/v2/\": no basic auth credentials", "image_sign_in"),
            (&own, "unauthorized: authentication required", "image_sign_in"),
            (&hub, "toomanyrequests: You have reached your pull rate limit.", "image_rate_limit"),
            (
                &hub,
                "Get https://registry-1.docker.io/v2/: dial tcp: lookup registry-1.docker.io: no such host",
                "image_registry_unreachable",
            ),
            (
                &hub,
                "Get \"https://registry-1.docker.io/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
                "image_registry_unreachable",
            ),
            (
                &hub,
                "no matching manifest for linux/arm64/v8 in the manifest list entries",
                "image_architecture",
            ),
            (&own, "x509: certificate signed by unknown authority", "image_registry_certificate"),
            (&own, "write /var/lib/docker/tmp/GetImageBlob1: no space left on device", "image_disk_full"),
            (&own, "filesystem layer verification failed for digest sha256:00", "image_download_broke"),
            (&own, "something new", "image_failed"),
        ] {
            assert_eq!(attempt.classify(message).code(), code, "{message}");
        }
    }

    #[test]
    fn a_failed_helper_is_the_reason_when_a_sign_in_was_needed() {
        let mut attempt = attempt(DOCKER_HUB);
        attempt.helper = Some(("docker-credential-desktop".into(), "it was not found".into()));
        let error = attempt
            .classify("pull access denied for x, repository does not exist or may require 'docker login'");
        assert_eq!(error.code(), "image_credential_helper");
    }

    #[test]
    fn a_network_that_goes_away_after_the_first_bytes_broke_the_download() {
        let mut attempt = attempt("r.example.com");
        attempt.bytes = (213, Some(349));
        let error = attempt.classify("dial tcp 127.0.0.1:5000: connect: connection refused");
        assert!(matches!(error, PullError::Broke { done_bytes: 213, total_bytes: Some(349), .. }));
        assert!(error.can_pass());
    }
}
