//! The places of a computer that no server gets, as a table: each row with the word in `allow_unsafe` that lifts it.
//! A path is refused when it is such a place, lies in one, or encloses one.

use crate::facts::{Facts, Kind, Os};
use crate::relaxation::{self, Row};

use super::path::{comparable, inside, is_within};

/// Why a path is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// What would lift it.
    pub row: &'static Row,
    /// For people.
    pub reason: String,
    /// Whether the path encloses the place instead of lying in it.
    pub encloses: bool,
}

impl Denied {
    pub(super) fn holds(socket: &str) -> Self {
        let reason = format!("it holds {socket}, which is the whole computer to whoever can write to it");
        Self { row: &relaxation::DOCKER_SOCKET, reason, encloses: true }
    }

    /// The first refusal is the one a person reads: the strongest reason goes first.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let is_outer = self.encloses && self.row != &relaxation::HOME;
        (self.row != &relaxation::DOCKER_SOCKET, is_outer, 100 - self.row.points)
    }

    fn new(row: &'static Row, reason: impl Into<String>, encloses: bool) -> Self {
        Self { row, reason: reason.into(), encloses }
    }
}

/// Folders and files under the home folder, `/` between parts, by what they hold.
const KEYS: &[&str] = &[
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".config/gcloud",
    ".kube",
    ".docker",
    // Engines in a virtual machine keep its keys and the engine's socket here.
    ".colima",
    ".config/colima",
    ".lima",
    ".orbstack",
    ".rd",
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".config/gh",
    ".config/glab-cli",
    ".config/hub",
    ".config/op",
    ".config/1Password",
    ".config/Bitwarden",
    ".config/keepassxc",
    ".password-store",
    ".local/share/keyrings",
    ".local/share/kwalletd",
    ".terraform.d",
    ".vault-token",
    ".cargo/credentials.toml",
    ".config/rclone",
    ".config/containers/auth.json",
    "Library/Keychains",
    "Library/Application Support/1Password",
    "Library/Application Support/Bitwarden",
    "Library/Group Containers/2BUA8C4S2C.com.1password",
    "AppData/Roaming/gcloud",
    "AppData/Local/1Password",
    "AppData/Roaming/Bitwarden",
    "AppData/Roaming/Microsoft/Credentials",
    "AppData/Local/Microsoft/Credentials",
    "AppData/Roaming/Microsoft/Protect",
    "AppData/Roaming/gnupg",
    "AppData/Roaming/GitHub CLI",
];

const BROWSERS: &[&str] = &[
    ".mozilla",
    ".thunderbird",
    ".config/google-chrome",
    ".config/chromium",
    ".config/BraveSoftware",
    ".config/microsoft-edge",
    ".config/opera",
    ".config/vivaldi",
    ".var/app/org.mozilla.firefox",
    ".var/app/com.google.Chrome",
    "snap/firefox",
    "snap/chromium",
    "Library/Application Support/Google/Chrome",
    "Library/Application Support/Chromium",
    "Library/Application Support/Firefox",
    "Library/Application Support/Arc",
    "Library/Application Support/BraveSoftware",
    "Library/Application Support/Microsoft Edge",
    "Library/Safari",
    "Library/Cookies",
    "Library/Mail",
    "Library/Messages",
    "Library/Thunderbird",
    "AppData/Local/Google/Chrome/User Data",
    "AppData/Local/Chromium/User Data",
    "AppData/Local/Microsoft/Edge/User Data",
    "AppData/Local/BraveSoftware",
    "AppData/Roaming/Mozilla",
    "AppData/Roaming/Thunderbird",
    "AppData/Local/Microsoft/Outlook",
    "AppData/Roaming/Opera Software",
];

/// Names that hold keys wherever they lie: another person's home, a backup, a mounted disk.
const KEY_NAMES: &[&str] = &[
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".netrc",
    ".pypirc",
    ".git-credentials",
    ".password-store",
];

const SYSTEM_UNIX: &[&str] = &[
    "/etc",
    "/proc",
    "/sys",
    "/dev",
    "/boot",
    "/run",
    "/var/run",
    "/var/lib/docker",
    "/var/lib/containers",
    "/var/lib/containerd",
    "/var/lib/kubelet",
    "/var/spool/cron",
    "/private/etc",
    "/private/var/run",
    "/private/var/db",
    "/System",
    "/Library",
];

const SYSTEM_WINDOWS: &[&str] =
    &["c:/windows", "c:/program files", "c:/program files (x86)", "c:/programdata"];

/// Folders with the homes of everybody.
const HOMES: &[&str] = &["/home", "/root", "/Users", "c:/users"];

const TRUST_STORES: &[&str] = &[
    "/etc/ssl/certs",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
    "/etc/ca-certificates/extracted",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/var/lib/ca-certificates",
    "/private/etc/ssl/cert.pem",
    "/private/etc/ssl/certs",
];

/// Every reason to refuse a path that is absolute.
pub fn denied(absolute: &str, kind: Option<Kind>, facts: &Facts) -> Vec<Denied> {
    let os = facts.system.os;
    let path = comparable(absolute, os);
    let mut hits = Vec::new();
    socket(absolute, &path, kind, facts, &mut hits);
    if path == "/" || (os == Os::Windows && path.len() == 2 && path.ends_with(':')) {
        hits.push(Denied::new(&relaxation::ROOT, "it is the whole computer", true));
        return hits;
    }
    let homes = places(&facts.system.home, facts);
    let is_home = homes.iter().any(|home| is_within(home, &path));
    if is_home || HOMES.iter().any(|all| comparable(all, os) == path) {
        hits.push(Denied::new(
            &relaxation::HOME,
            "it is your home folder, with all keys and passwords in it",
            true,
        ));
    }
    for (names, row, reason) in [
        (KEYS, &relaxation::CREDENTIALS, "it holds keys or passwords"),
        (BROWSERS, &relaxation::BROWSER, "it holds the sessions and passwords of a browser or mail"),
    ] {
        for name in names {
            let place = format!("{}/{name}", facts.system.home);
            touch(&path, &place, facts, row, reason, &mut hits);
        }
    }
    if path.split('/').any(|part| KEY_NAMES.contains(&part)) {
        hits.push(Denied::new(&relaxation::CREDENTIALS, "it holds keys or passwords", false));
    }
    for folder in &facts.system.own_folders {
        let reason = "it holds the settings, keys and logs of MCPProxy";
        touch(&path, folder, facts, &relaxation::OWN_DATA, reason, &mut hits);
    }
    let system = if os == Os::Windows { SYSTEM_WINDOWS } else { SYSTEM_UNIX };
    for folder in system {
        touch(&path, folder, facts, &relaxation::SYSTEM, "it belongs to the system", &mut hits);
    }
    if kind == Some(Kind::Device) {
        hits.push(Denied::new(&relaxation::DEVICE, "it is a device", false));
    }
    hits
}

/// Every place of this table that a system has, so that links leading away from them can be resolved.
pub fn listed(home: &str, own_folders: &[String], os: Os) -> Vec<String> {
    let separator = if os == Os::Windows { "\\" } else { "/" };
    let under_home = KEYS.iter().chain(BROWSERS).map(|name| format!("{home}/{name}").replace('/', separator));
    let system = if os == Os::Windows { SYSTEM_WINDOWS } else { SYSTEM_UNIX };
    std::iter::once(home.to_owned())
        .chain(under_home)
        .chain(own_folders.iter().cloned())
        .chain(system.iter().map(|&folder| folder.replace('/', separator)))
        .collect()
}

/// Certificates that everybody may read, and that servers behind an inspecting network need.
pub(super) fn is_trust_store(canonical: &str, kind: Kind, os: Os) -> bool {
    let path = comparable(canonical, os);
    os != Os::Windows
        && kind == Kind::File
        && TRUST_STORES.iter().any(|store| is_within(&path, &comparable(store, os)))
}

pub(super) fn is_pipe(absolute: &str) -> bool {
    let path = absolute.replace('\\', "/").to_lowercase();
    path.starts_with("//./pipe") || path.starts_with("//?/pipe") || path.starts_with("//pipe/")
}

pub(super) fn is_engine_socket(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with(".sock")
        && ["docker", "podman", "containerd", "buildkit", "crio"].iter().any(|e| name.contains(e))
}

fn socket(absolute: &str, path: &str, kind: Option<Kind>, facts: &Facts, hits: &mut Vec<Denied>) {
    const REASON: &str = "it is the engine's socket, which is the whole computer to whoever can write to it";
    let name = path.rsplit('/').next().unwrap_or_default();
    let engine = facts.engine.socket.as_ref().is_some_and(|socket| {
        places(socket, facts).iter().any(|place| is_within(place, path) && path != "/")
    });
    if is_pipe(absolute) || is_engine_socket(name) {
        hits.push(Denied::new(&relaxation::DOCKER_SOCKET, REASON, false));
    } else if engine {
        hits.push(Denied::new(&relaxation::DOCKER_SOCKET, "it encloses the engine's socket", true));
    } else if kind == Some(Kind::Socket) {
        hits.push(Denied::new(&relaxation::SOCKET, "it is a socket of another program", false));
    }
}

/// A place in the form in which paths are compared: as listed, and where it leads.
fn places(place: &str, facts: &Facts) -> Vec<String> {
    let os = facts.system.os;
    let listed = comparable(place, os);
    // Facts are kept under the system's own spelling.
    let own = if os == Os::Windows { place.replace('/', "\\") } else { place.to_owned() };
    let leads =
        facts.paths.get(&own).map(|fact| comparable(&fact.canonical, os)).filter(|leads| *leads != listed);
    std::iter::once(listed).chain(leads).collect()
}

fn touch(path: &str, place: &str, facts: &Facts, row: &'static Row, reason: &str, hits: &mut Vec<Denied>) {
    for place in places(place, facts) {
        if is_within(path, &place) {
            hits.push(Denied::new(row, reason, false));
        } else if is_within(&place, path) {
            let shown = inside(&place, facts.system.os);
            hits.push(Denied::new(row, format!("{shown} lies in it"), true));
        }
    }
}
