//! The places where engines usually listen, per system, in the order in which they win.
use std::path::{Path, PathBuf};

use super::endpoint::Endpoint;
use super::info::Product;
use super::surroundings::Surroundings;
use crate::facts::Os;

/// One usual place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Where.
    pub(crate) endpoint: Endpoint,
    /// Whose place it is.
    pub(crate) product: Product,
    /// True for an engine that runs as the user.
    pub(crate) rootless: bool,
}

impl Candidate {
    fn socket(path: PathBuf, product: Product) -> Self {
        Self { endpoint: Endpoint::Unix(path), product, rootless: false }
    }
}

/// A product that is installed on this computer, and how a person starts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Which one.
    pub product: Product,
    /// The command that starts it.
    pub start: String,
}

/// The usual places of this system.
pub(crate) fn usual(around: &Surroundings) -> Vec<Candidate> {
    let mut list = match around.os {
        Os::Linux => linux(around),
        Os::MacOs => macos(around),
        Os::Windows => windows(),
    };
    let mut seen = Vec::new();
    list.retain(|candidate| {
        let new = !seen.contains(&candidate.endpoint);
        seen.push(candidate.endpoint.clone());
        new
    });
    list
}

fn linux(around: &Surroundings) -> Vec<Candidate> {
    let mut list = vec![
        Candidate::socket(around.system("/var/run/docker.sock"), Product::Docker),
        Candidate::socket(around.system("/run/docker.sock"), Product::Docker),
    ];
    let rootless = match around.runtime_folder() {
        Some(runtime) => runtime.join("docker.sock"),
        None => around.at_home(".docker/run/docker.sock"),
    };
    list.push(Candidate { rootless: true, ..Candidate::socket(rootless, Product::Docker) });
    list.push(Candidate::socket(around.at_home(".docker/desktop/docker.sock"), Product::DockerDesktop));
    if let Some(runtime) = around.runtime_folder() {
        let socket = runtime.join("podman/podman.sock");
        list.push(Candidate { rootless: true, ..Candidate::socket(socket, Product::Podman) });
    }
    list.push(Candidate::socket(around.system("/run/podman/podman.sock"), Product::Podman));
    list.extend(machines(around));
    list
}

fn macos(around: &Surroundings) -> Vec<Candidate> {
    let mut list = vec![Candidate::socket(around.at_home(".docker/run/docker.sock"), Product::DockerDesktop)];
    list.extend(machines(around));
    if let Some(temporary) = around.folder("TMPDIR") {
        let folder = temporary.join("podman");
        for name in names(&folder) {
            if name.ends_with("-api.sock") {
                list.push(Candidate::socket(folder.join(name), Product::Podman));
            }
        }
    }
    let podman = around.at_home(".local/share/containers/podman/machine/podman.sock");
    list.push(Candidate::socket(podman, Product::Podman));
    list.push(Candidate::socket(around.system("/var/run/docker.sock"), Product::Docker));
    list
}

fn windows() -> Vec<Candidate> {
    [
        ("dockerDesktopLinuxEngine", Product::DockerDesktop),
        ("docker_engine", Product::DockerDesktop),
        ("podman-machine-default", Product::Podman),
    ]
    .into_iter()
    .map(|(name, product)| Candidate {
        endpoint: Endpoint::Pipe(format!(r"\\.\pipe\{name}")),
        product,
        rootless: false,
    })
    .collect()
}

/// Engines in virtual machines, the same on macOS and Linux.
fn machines(around: &Surroundings) -> Vec<Candidate> {
    let mut list = vec![Candidate::socket(around.at_home(".orbstack/run/docker.sock"), Product::OrbStack)];
    let colima = colima_folder(around);
    list.push(Candidate::socket(colima.join("default/docker.sock"), Product::Colima));
    list.push(Candidate::socket(colima.join("docker.sock"), Product::Colima));
    for profile in names(&colima) {
        if !profile.starts_with('_') && exists(&colima.join(&profile).join("docker.sock")) {
            list.push(Candidate::socket(colima.join(profile).join("docker.sock"), Product::Colima));
        }
    }
    list.push(Candidate::socket(around.at_home(".rd/docker.sock"), Product::RancherDesktop));
    let lima = around.folder("LIMA_HOME").unwrap_or_else(|| around.at_home(".lima"));
    for instance in names(&lima) {
        let socket = lima.join(instance).join("sock/docker.sock");
        if exists(&socket) {
            list.push(Candidate::socket(socket, Product::Lima));
        }
    }
    list
}

/// Colima's folder by its own rules.
fn colima_folder(around: &Surroundings) -> PathBuf {
    let plain = around.at_home(".colima");
    if let Some(chosen) = around.folder("COLIMA_HOME").filter(|folder| folder.is_dir()) {
        return chosen;
    }
    if plain.is_dir() {
        return plain;
    }
    let config = around.at_home(".config/colima");
    match around.folder("XDG_CONFIG_HOME") {
        Some(folder) => folder.join("colima"),
        None if config.is_dir() || around.os == Os::Linux => config,
        None => plain,
    }
}

/// Names in a folder, sorted, so that the order does not change between starts.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).take(200).collect();
    names.sort();
    names
}

/// True for anything at that path, a link into nowhere included.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The products that are installed here, the most likely one first.
pub(crate) fn installed(around: &Surroundings) -> Vec<Installed> {
    let app = |name: &str| {
        around.system(&format!("/Applications/{name}.app")).is_dir()
            || around.at_home(&format!("Applications/{name}.app")).is_dir()
    };
    let has = |program: &str| around.program(program).is_some();
    let checks: &[(Product, bool, &str)] = match around.os {
        Os::Linux => &[
            (Product::Docker, has("dockerd"), "sudo systemctl start docker"),
            (Product::Docker, has("dockerd-rootless.sh"), "systemctl --user start docker"),
            (
                Product::DockerDesktop,
                around.system("/opt/docker-desktop").is_dir(),
                "systemctl --user start docker-desktop",
            ),
            (Product::Podman, has("podman"), "systemctl --user start podman.socket"),
            (Product::Colima, has("colima"), "colima start"),
            (Product::RancherDesktop, has("rdctl"), "rdctl start"),
            (Product::Lima, has("limactl"), "limactl start docker"),
        ],
        Os::MacOs => &[
            (Product::DockerDesktop, app("Docker"), "open -g -a Docker"),
            (Product::OrbStack, app("OrbStack"), "open -g -a OrbStack"),
            (Product::Colima, has("colima"), "colima start"),
            (Product::RancherDesktop, app("Rancher Desktop"), "rdctl start"),
            (Product::Podman, has("podman"), "podman machine start"),
            (Product::Lima, has("limactl"), "limactl start docker"),
        ],
        Os::Windows => &[
            (Product::DockerDesktop, has("docker"), "docker desktop start"),
            (Product::RancherDesktop, has("rdctl"), "rdctl start"),
            (Product::Podman, has("podman"), "podman machine start"),
        ],
    };
    checks
        .iter()
        .filter(|(_, found, _)| *found)
        .map(|(product, _, start)| Installed { product: *product, start: (*start).to_owned() })
        .collect()
}

/// How a product is started, whether it was seen installed or not.
pub(crate) fn start_of(around: &Surroundings, product: Product, rootless: bool) -> String {
    let known = installed(around)
        .into_iter()
        .find(|installed| installed.product == product && installed.start.contains("--user") == rootless);
    known.map_or_else(
        || {
            match (product, around.os) {
                (Product::Docker, _) if rootless => "systemctl --user start docker",
                (Product::Docker, _) => "sudo systemctl start docker",
                (Product::DockerDesktop, Os::Linux) => "systemctl --user start docker-desktop",
                (Product::DockerDesktop, Os::MacOs) => "open -g -a Docker",
                (Product::DockerDesktop, Os::Windows) => "docker desktop start",
                (Product::OrbStack, _) => "orb start",
                (Product::Colima, _) => "colima start",
                (Product::RancherDesktop, _) => "rdctl start",
                (Product::Lima, _) => "limactl start docker",
                (Product::Podman, Os::Linux) if rootless => "systemctl --user start podman.socket",
                (Product::Podman, Os::Linux) => "sudo systemctl start podman.socket",
                (Product::Podman, _) => "podman machine start",
            }
            .to_owned()
        },
        |installed| installed.start,
    )
}

#[cfg(test)]
mod tests {
    use super::super::surroundings::tests::linux;
    use super::*;

    fn sockets(around: &Surroundings) -> Vec<String> {
        let slashes = |text: String| text.replace('\\', "/");
        let root = slashes(around.root.display().to_string());
        usual(around).iter().map(|place| slashes(place.endpoint.to_string()).replace(&root, "")).collect()
    }

    #[test]
    fn linux_is_searched_in_the_tables_order() {
        let root = tempfile::tempdir().unwrap();
        let around = linux(root.path(), &[]);
        assert_eq!(
            sockets(&around),
            [
                "unix:///var/run/docker.sock",
                "unix:///run/docker.sock",
                "unix:///run/user/1000/docker.sock",
                "unix:///home/me/.docker/desktop/docker.sock",
                "unix:///run/user/1000/podman/podman.sock",
                "unix:///run/podman/podman.sock",
                "unix:///home/me/.orbstack/run/docker.sock",
                "unix:///home/me/.config/colima/default/docker.sock",
                "unix:///home/me/.config/colima/docker.sock",
                "unix:///home/me/.rd/docker.sock",
            ]
        );
    }

    #[test]
    fn profiles_of_colima_and_machines_of_lima_are_found_where_they_are() {
        let root = tempfile::tempdir().unwrap();
        let mut around = linux(root.path(), &[]);
        for path in [".colima/job", ".colima/_lima", ".lima/docker/sock"] {
            std::fs::create_dir_all(around.at_home(path)).unwrap();
        }
        for socket in [".colima/job/docker.sock", ".lima/docker/sock/docker.sock"] {
            std::fs::write(around.at_home(socket), "").unwrap();
        }
        for os in [Os::Linux, Os::MacOs] {
            around.os = os;
            let found = sockets(&around);
            assert!(found.contains(&"unix:///home/me/.colima/job/docker.sock".to_owned()), "{found:?}");
            assert!(found.contains(&"unix:///home/me/.lima/docker/sock/docker.sock".to_owned()), "{found:?}");
        }
    }

    #[test]
    fn colima_keeps_to_its_plain_folder_when_that_exists_even_with_a_config_home() {
        let root = tempfile::tempdir().unwrap();
        let config = root.path().join("conf").display().to_string();
        let around = linux(root.path(), &[("XDG_CONFIG_HOME", &config)]);
        assert_eq!(colima_folder(&around), root.path().join("conf/colima"));
        std::fs::create_dir_all(around.at_home(".colima")).unwrap();
        assert_eq!(colima_folder(&around), around.at_home(".colima"));
    }

    #[test]
    fn every_product_can_be_started_on_every_system() {
        let root = tempfile::tempdir().unwrap();
        let mut around = linux(root.path(), &[]);
        for os in [Os::Linux, Os::MacOs, Os::Windows] {
            around.os = os;
            for candidate in usual(&around) {
                assert!(!start_of(&around, candidate.product, candidate.rootless).is_empty());
            }
        }
    }
}
