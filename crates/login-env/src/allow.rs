//! Which variables are taken, and which a child process gets. Everything else is dropped at once.

use std::collections::BTreeMap;

use crate::environment::{Environment, Origin, Recipient};
use crate::path;

/// What is taken from the login shell besides `LC_*`.
const CAPTURED: &[&str] = &[
    "PATH",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "LANG",
    "SSH_AUTH_SOCK",
    "HOMEBREW_PREFIX",
    "NVM_DIR",
    "VOLTA_HOME",
    "PYENV_ROOT",
    "ASDF_DIR",
    "ASDF_DATA_DIR",
    "MISE_DATA_DIR",
    "COLIMA_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];

/// Where packages are fetched from: preparing a server needs them, and they may hold a password.
pub const INDEXES: &[&str] = &[
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_INDEX",
    "UV_INSECURE_HOST",
    "NPM_CONFIG_REGISTRY",
    "npm_config_registry",
    "NPM_CONFIG_PROXY",
    "NPM_CONFIG_HTTPS_PROXY",
];

/// What belongs to the session rather than to the shell: taken from our own process, never from the shell.
const SESSION: &[&str] = &[
    "HOME",
    "USER",
    "USERNAME",
    "LOGNAME",
    "SHELL",
    "TERM",
    "TMPDIR",
    "TEMP",
    "TMP",
    "TZ",
    "XDG_RUNTIME_DIR",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_DIRS",
    "XDG_CONFIG_DIRS",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PROGRAMFILES(X86)",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "COMSPEC",
    "PATHEXT",
];

/// Credentials and capabilities that a server on this computer gets only when its own settings say so.
const NOT_FOR_SERVERS: &[&str] =
    &["SSH_AUTH_SOCK", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// Whether a variable is taken from the login shell.
pub(crate) fn is_captured(name: &str) -> bool {
    CAPTURED.contains(&name) || INDEXES.contains(&name) || name.starts_with("LC_")
}

/// The environment of our own process, without anybody having been asked.
pub(crate) fn from_process(process: &[(String, String)]) -> Environment {
    merge(BTreeMap::new(), BTreeMap::new(), process, &[], Origin::Process)
}

/// What the shell answered and what our process has, joined.
///
/// For `PATH` the shell's folders come first; every other variable that the operator gave to our process stands
/// above the shell's.
pub(crate) fn merge(
    captured: BTreeMap<String, String>,
    wanted: BTreeMap<String, String>,
    process: &[(String, String)],
    bundle_dirs: &[std::path::PathBuf],
    origin: Origin,
) -> Environment {
    let own =
        |name: &str| process.iter().find(|(key, _)| same_name(key, name)).map(|(_, value)| value.as_str());
    let search = path::Search {
        captured: captured.get("PATH").map(String::as_str),
        process: own("PATH"),
        app_dir: own("APPDIR"),
        bundle_dirs,
    };
    let path = search.joined();
    let mut variables: BTreeMap<String, String> = captured;
    variables.extend(process.iter().filter(|(name, _)| is_captured(name)).cloned());
    variables.retain(|name, value| is_captured(name) && !value.is_empty());
    variables.insert("PATH".to_owned(), path);
    let session =
        SESSION.iter().filter_map(|name| Some(((*name).to_owned(), own(name)?.to_owned()))).collect();
    Environment { origin, variables, session, wanted }
}

/// Windows does not distinguish cases in names.
fn same_name(a: &str, b: &str) -> bool {
    if cfg!(windows) { a.eq_ignore_ascii_case(b) } else { a == b }
}

/// The complete environment of a child process.
pub(crate) fn for_child(environment: &Environment, recipient: Recipient) -> BTreeMap<String, String> {
    let withheld = |name: &str| match recipient {
        Recipient::HostServer => NOT_FOR_SERVERS.contains(&name) || INDEXES.contains(&name),
        Recipient::EngineTool => false,
    };
    let mut child = environment.session.clone();
    let allowed = environment.variables.iter().filter(|(name, _)| !withheld(name));
    child.extend(allowed.map(|(name, value)| (name.clone(), value.clone())));
    child
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        vars(pairs).into_iter().collect()
    }

    #[test]
    fn what_is_not_on_the_list_is_dropped() {
        let captured =
            map(&[("PATH", "/a"), ("AWS_SECRET_ACCESS_KEY", "x"), ("LD_PRELOAD", "x"), ("LC_TIME", "C")]);
        let environment =
            merge(captured, BTreeMap::new(), &vars(&[("GITHUB_TOKEN", "x")]), &[], Origin::Shell);
        assert_eq!(environment.variables, map(&[("LC_TIME", "C"), ("PATH", "/a")]));
    }

    #[test]
    fn the_operators_own_variable_stands_above_the_shells() {
        let captured = map(&[("DOCKER_HOST", "unix:///shell"), ("DOCKER_CONTEXT", "colima")]);
        let environment =
            merge(captured, BTreeMap::new(), &vars(&[("DOCKER_HOST", "tcp://own")]), &[], Origin::Shell);
        assert_eq!(environment.get("DOCKER_HOST"), Some("tcp://own"));
        assert_eq!(environment.get("DOCKER_CONTEXT"), Some("colima"));
    }

    #[test]
    fn the_session_comes_from_the_process_and_never_from_the_shell() {
        let captured = map(&[("HOME", "/evil"), ("SHELL", "/evil")]);
        let environment =
            merge(captured, BTreeMap::new(), &vars(&[("HOME", "/home/me")]), &[], Origin::Shell);
        assert_eq!(environment.get("HOME"), Some("/home/me"));
        assert_eq!(environment.get("SHELL"), None);
    }

    #[test]
    fn a_server_gets_neither_the_ssh_agent_nor_proxies() {
        let own =
            vars(&[("SSH_AUTH_SOCK", "/s"), ("https_proxy", "http://u:p@x"), ("PATH", "/b"), ("HOME", "/h")]);
        let environment = from_process(&own);
        let server = environment.for_child(Recipient::HostServer);
        assert_eq!(server, map(&[("HOME", "/h"), ("PATH", "/b")]));
        assert_eq!(environment.for_child(Recipient::EngineTool).len(), 4);
    }

    #[test]
    fn package_indexes_are_known_and_no_server_gets_their_passwords() {
        let captured = map(&[("PIP_INDEX_URL", "https://u:p@index/simple"), ("UV_INDEX", "https://index")]);
        let environment = merge(captured, BTreeMap::new(), &[], &[], Origin::Shell);
        assert_eq!(environment.get("PIP_INDEX_URL"), Some("https://u:p@index/simple"));
        assert!(environment.for_child(Recipient::HostServer).keys().all(|name| name == "PATH"));
    }

    #[test]
    fn debug_output_shows_names_only() {
        let environment = from_process(&vars(&[("https_proxy", "http://u:hunter2@x")]));
        assert!(!format!("{environment:?}").contains("hunter2"));
    }
}
