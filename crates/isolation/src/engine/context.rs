//! Docker contexts as they lie on disk: which one is current, and where it points.
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::endpoint::{Endpoint, EndpointError};
use super::surroundings::Surroundings;

/// The name that means “no context”: the usual sockets.
const DEFAULT: &str = "default";
/// Settings beyond this size are not Docker's.
const FILE_LIMIT: u64 = 1024 * 1024;

/// Why a context cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// No context of that name is stored.
    #[error("There is no Docker context named {name}.")]
    Missing {
        /// The name.
        name: String,
    },
    /// Its file cannot be read or says nothing useful.
    #[error("The Docker context {name} cannot be read from {}: {detail}.", path.display())]
    Broken {
        /// The name.
        name: String,
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// It points to an address that cannot be used.
    #[error("The Docker context {name}: {error}")]
    Endpoint {
        /// The name.
        name: String,
        /// What is wrong with the address.
        error: EndpointError,
    },
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Endpoints", default)]
    endpoints: Endpoints,
}

#[derive(Deserialize, Default)]
struct Endpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize)]
struct DockerEndpoint {
    #[serde(rename = "Host", default)]
    host: String,
}

/// The context that the docker command would use, if it is not the default one.
pub(crate) fn current(around: &Surroundings) -> Option<String> {
    #[derive(Deserialize)]
    struct Settings {
        #[serde(rename = "currentContext", default)]
        current: String,
    }
    if let Some(name) = around.variable("DOCKER_CONTEXT") {
        return (name != DEFAULT).then(|| name.to_owned());
    }
    let text = read(&settings_file(around)).ok()?;
    let settings: Settings = serde_json::from_str(&text).ok()?;
    Some(settings.current).filter(|name| !name.is_empty() && name != DEFAULT)
}

/// Docker's settings, which name the current context.
pub(crate) fn settings_file(around: &Surroundings) -> PathBuf {
    around.docker_folder().join("config.json")
}

/// The file that describes a context.
pub(crate) fn meta_file(around: &Surroundings, name: &str) -> PathBuf {
    around.docker_folder().join("contexts/meta").join(id(name)).join("meta.json")
}

/// Where a context points.
pub(crate) fn endpoint(around: &Surroundings, name: &str) -> Result<Endpoint, ContextError> {
    let path = meta_file(around, name);
    let broken = |detail: String| ContextError::Broken { name: name.to_owned(), path: path.clone(), detail };
    let text = match read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(ContextError::Missing { name: name.to_owned() });
        }
        Err(error) => return Err(broken(error.to_string())),
    };
    let meta: Meta = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
    if meta.name != name {
        return Err(broken(format!("it describes {} instead", meta.name)));
    }
    let docker = meta.endpoints.docker.ok_or_else(|| broken("it has no Docker endpoint".to_owned()))?;
    let tls = around.docker_folder().join("contexts/tls").join(id(name)).join("docker").is_dir();
    Endpoint::parse(&docker.host, tls)
        .map_err(|error| ContextError::Endpoint { name: name.to_owned(), error })
}

/// The folder name of a context: the hash of its name.
fn id(name: &str) -> String {
    Sha256::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > FILE_LIMIT {
        return Err(std::io::Error::other("the file is too large"));
    }
    std::fs::read_to_string(path)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::surroundings::tests::linux;
    use super::*;

    /// Stores a context as the docker command does.
    pub(crate) fn store(around: &Surroundings, name: &str, host: &str) {
        let file = meta_file(around, name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let meta = serde_json::json!({"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": false}}});
        std::fs::write(file, meta.to_string()).unwrap();
    }

    /// Makes a context the current one.
    pub(crate) fn choose(around: &Surroundings, name: &str) {
        let file = settings_file(around);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, serde_json::json!({"auths": {}, "currentContext": name}).to_string()).unwrap();
    }

    #[test]
    fn a_context_lies_under_the_hash_of_its_name() {
        for (name, start, end) in [
            ("desktop-linux", "fe9c6bd7", "91e"),
            ("colima", "f24fd374", "d16"),
            ("orbstack", "2d89b732", "896"),
            ("rootless", "12b961af", "05f"),
            ("rancher-desktop", "b547d66a", "7c8"),
        ] {
            assert!(id(name).starts_with(start) && id(name).ends_with(end), "{name}: {}", id(name));
        }
    }

    #[test]
    fn the_current_context_is_the_variables_before_the_settings_and_default_means_none() {
        let root = tempfile::tempdir().unwrap();
        let around = linux(root.path(), &[]);
        assert_eq!(current(&around), None);
        choose(&around, "colima");
        assert_eq!(current(&around).as_deref(), Some("colima"));
        assert_eq!(current(&linux(root.path(), &[("DOCKER_CONTEXT", "box")])).as_deref(), Some("box"));
        assert_eq!(current(&linux(root.path(), &[("DOCKER_CONTEXT", "default")])), None);
        choose(&around, "default");
        assert_eq!(current(&around), None);
    }

    #[test]
    fn a_context_gives_its_endpoint_or_says_what_is_wrong() {
        let root = tempfile::tempdir().unwrap();
        let around = linux(root.path(), &[]);
        assert_eq!(endpoint(&around, "colima"), Err(ContextError::Missing { name: "colima".into() }));
        store(&around, "colima", "unix:///home/me/.colima/default/docker.sock");
        assert_eq!(
            endpoint(&around, "colima").unwrap(),
            Endpoint::unix("/home/me/.colima/default/docker.sock")
        );
        store(&around, "box", "ssh://me@box");
        assert!(matches!(endpoint(&around, "box"), Err(ContextError::Endpoint { .. })));
        std::fs::write(meta_file(&around, "box"), "{").unwrap();
        assert!(matches!(endpoint(&around, "box"), Err(ContextError::Broken { .. })));
        std::fs::write(meta_file(&around, "box"), r#"{"Name":"other"}"#).unwrap();
        assert!(endpoint(&around, "box").unwrap_err().to_string().contains("other"));
    }

    #[test]
    fn a_context_with_certificates_wants_tls_which_is_named() {
        let root = tempfile::tempdir().unwrap();
        let around = linux(root.path(), &[]);
        store(&around, "safe", "tcp://box:2376");
        std::fs::create_dir_all(around.docker_folder().join("contexts/tls").join(id("safe")).join("docker"))
            .unwrap();
        assert!(endpoint(&around, "safe").unwrap_err().to_string().contains("TLS"));
    }
}
