//! Every default that can be weakened has one row here: the configuration key, the field of the Engine API it
//! changes, the sentence a person reads, and the points of the posture it costs.

/// One kind of relaxation.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Stable name; also the word in `allow_unsafe` where `unsafe_only` says so.
    pub name: &'static str,
    /// The configuration key that asks for it.
    pub key: &'static str,
    /// The field of the Engine API that it changes.
    pub field: &'static str,
    /// The sentence of the catalogue.
    pub sentence: &'static str,
    /// What it costs of the hundred points.
    pub points: u8,
    /// Whether it is refused unless `allow_unsafe` names it.
    pub unsafe_only: bool,
}

/// A default that this plan relaxes, and how far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relaxation {
    /// Its row.
    pub row: &'static Row,
    /// The value that stands in the place of the default.
    pub value: String,
    /// The package whose row in the runtime table asks for it; none where the person does.
    pub because: Option<String>,
}

impl Relaxation {
    /// A relaxation that the person asked for.
    pub fn asked(row: &'static Row, value: impl Into<String>) -> Self {
        Self { row, value: value.into(), because: None }
    }
}

macro_rules! rows {
    ($($id:ident = $name:literal, $key:literal, $field:literal, $sentence:literal, $points:literal, $lift:literal;)*) => {
        $(
            #[doc = concat!("`", $key, "` → `", $field, "`.")]
            pub static $id: Row = Row {
                name: $name, key: $key, field: $field, sentence: $sentence, points: $points, unsafe_only: $lift,
            };
        )*
        /// All rows.
        pub static ROWS: &[&Row] = &[$(&$id),*];
    };
}

rows! {
    // What a plain key relaxes.
    NETWORK_HOST = "network_host", "network_mode", "HostConfig.NetworkMode", "relaxed-network-host", 25, false;
    NETWORK_NAMED = "network_named", "network_mode", "HostConfig.NetworkMode", "relaxed-network-named", 15, false;
    FOLDER_READ = "folder_read", "volumes", "HostConfig.Mounts", "relaxed-folder-read", 5, false;
    FOLDER_WRITE = "folder_write", "volumes", "HostConfig.Mounts", "relaxed-folder-write", 11, false;
    KEEPS_DATA = "keeps_data", "volumes", "HostConfig.Mounts", "relaxed-keeps-data", 0, false;
    WRITABLE_ROOT = "writable_root", "read_only", "HostConfig.ReadonlyRootfs", "relaxed-writable-root", 5, false;
    CAPABILITY = "capability", "cap_add", "HostConfig.CapAdd", "relaxed-capability", 5, false;
    USER = "user", "user", "User", "relaxed-user", 2, false;
    ROOT_USER = "root_user", "user", "User", "relaxed-root-user", 5, false;
    FOLDER_OWNER_ROOT = "owner_root", "volumes", "User", "relaxed-owner-root", 5, false;
    LOG_DRIVER = "log_driver", "log_driver", "HostConfig.LogConfig", "relaxed-log-driver", 5, false;
    PIDS = "pids", "pids_limit", "HostConfig.PidsLimit", "relaxed-pids", 2, false;
    SWAP = "swap", "extra_args", "HostConfig.MemorySwap", "relaxed-swap", 2, false;
    SCRIPTS = "scripts", "allow_scripts", "prepare", "relaxed-scripts", 5, false;
    PORT = "port", "extra_args", "HostConfig.PortBindings", "relaxed-port", 2, false;
    ULIMIT = "ulimit", "extra_args", "HostConfig.Ulimits", "relaxed-ulimit", 1, false;
    // What only allow_unsafe lifts.
    ROOT = "root", "volumes", "HostConfig.Mounts", "unsafe-root", 80, true;
    HOME = "home", "volumes", "HostConfig.Mounts", "unsafe-home", 80, true;
    SYSTEM = "system", "volumes", "HostConfig.Mounts", "unsafe-system", 25, true;
    CREDENTIALS = "credentials", "volumes", "HostConfig.Mounts", "unsafe-credentials", 80, true;
    BROWSER = "browser", "volumes", "HostConfig.Mounts", "unsafe-browser", 80, true;
    DOCKER_SOCKET = "docker_socket", "volumes", "HostConfig.Mounts", "unsafe-docker-socket", 80, true;
    SOCKET = "socket", "volumes", "HostConfig.Mounts", "unsafe-socket", 25, true;
    OWN_DATA = "own_data", "volumes", "HostConfig.Mounts", "unsafe-own-data", 80, true;
    REMOTE_FOLDER = "remote_folder", "volumes", "HostConfig.Mounts", "unsafe-remote-folder", 25, true;
    PRIVILEGED = "privileged", "extra_args", "HostConfig.Privileged", "unsafe-privileged", 80, true;
    HOST_PID = "host_pid", "extra_args", "HostConfig.PidMode", "unsafe-host-pid", 50, true;
    HOST_IPC = "host_ipc", "extra_args", "HostConfig.IpcMode", "unsafe-host-ipc", 25, true;
    HOST_UTS = "host_uts", "extra_args", "HostConfig.UTSMode", "unsafe-host-uts", 5, true;
    HOST_USERNS = "host_userns", "extra_args", "HostConfig.UsernsMode", "unsafe-host-userns", 25, true;
    HOST_CGROUP = "host_cgroup", "extra_args", "HostConfig.CgroupnsMode", "unsafe-host-cgroup", 5, true;
    DEVICE = "device", "extra_args", "HostConfig.Devices", "unsafe-device", 25, true;
    STRONG_CAPABILITY = "strong_capability", "cap_add", "HostConfig.CapAdd", "unsafe-capability", 50, true;
    SECCOMP = "seccomp", "extra_args", "HostConfig.SecurityOpt", "unsafe-seccomp", 25, true;
    APPARMOR = "apparmor", "extra_args", "HostConfig.SecurityOpt", "unsafe-apparmor", 25, true;
    SELINUX = "selinux", "extra_args", "HostConfig.SecurityOpt", "unsafe-selinux", 25, true;
    NEW_PRIVILEGES = "new_privileges", "extra_args", "HostConfig.SecurityOpt", "unsafe-new-privileges", 15, true;
    FOREIGN_NETWORK = "foreign_network", "extra_args", "HostConfig.NetworkMode", "unsafe-foreign-network", 25, true;
    OPEN_PORT = "open_port", "extra_args", "HostConfig.PortBindings", "unsafe-open-port", 25, true;
    TCP_ENGINE = "tcp_engine", "endpoint", "engine", "unsafe-tcp-engine", 80, true;
}

/// The row that a word in `allow_unsafe` names.
pub fn lift(name: &str) -> Option<&'static Row> {
    ROWS.iter().copied().find(|row| row.unsafe_only && row.name == name)
}

/// All words that `allow_unsafe` knows.
pub fn lifts() -> Vec<&'static str> {
    ROWS.iter().filter(|row| row.unsafe_only).map(|row| row.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_has_a_name_and_a_sentence_of_its_own() {
        let names: BTreeSet<_> = ROWS.iter().map(|row| row.name).collect();
        let sentences: BTreeSet<_> = ROWS.iter().map(|row| row.sentence).collect();
        assert_eq!((names.len(), sentences.len()), (ROWS.len(), ROWS.len()));
    }

    #[test]
    fn allow_unsafe_knows_only_what_is_otherwise_refused() {
        assert!(lift("privileged").is_some());
        assert!(lift("network_host").is_none(), "network_mode: host is a setting, not an unsafe word");
    }
}
