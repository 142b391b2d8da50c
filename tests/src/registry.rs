//! A real registry on loopback, with or without a sign-in, behind a throttle.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::docker::Docker;
use crate::http::Request;
use crate::process::{self, Running};
use crate::proxy::free_port;
use crate::throttle::Throttle;
use crate::wait::{GENEROUS, until_true};

/// Name and password of the registry that wants a sign-in.
pub const USER: &str = "tester";
/// The password of the user.
pub const PASSWORD: &str = "registry-password";
/// The same, with the password hashed, as the registry reads it.
const USERS: &str = "tester:$2b$05$LRrsJlb7.SzzD1niJdwDiej81ZcEvzErJuu0Ki4RTOjBw4XW0O3ei\n";

/// A registry that runs until the test lets go of it.
pub struct Registry {
    /// Its slow door.
    pub throttle: Throttle,
    port: u16,
    docker: Docker,
    images: Vec<String>,
    _program: Running,
    folder: TempDir,
}

impl Registry {
    /// Starts one whose slow door lets so many bytes a second through.
    pub fn start(pace: u64, sign_in: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let users = folder.path().join("users");
        fs::write(&users, USERS).expect("the users");
        let auth = format!("auth:\n  htpasswd:\n    realm: suites\n    path: {}\n", users.display());
        let config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{port}\n{}",
            folder.path().join("storage").display(),
            if sign_in { &auth } else { "" }
        );
        let file = folder.path().join("config.yml");
        fs::write(&file, config).expect("the configuration");
        let mut program = Command::new("docker-registry");
        program.arg("serve").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let program = Running(program.spawn().expect("Debian's docker-registry"));
        let address = format!("127.0.0.1:{port}");
        until_true("the registry to answer", GENEROUS, || {
            Request::new(&address, "GET", "/v2/").send().is_ok()
        });
        let throttle = Throttle::start(&address, pace);
        Self { throttle, port, docker: Docker::default(), images: Vec::new(), _program: program, folder }
    }

    /// Makes an image of `alpine:3.18` and some megabytes that do not compress, pushes it, forgets it locally, and
    /// answers its name at the slow door.
    pub fn publish(&mut self, name: &str, megabytes: usize) -> String {
        let filler = self.folder.path().join("filler");
        fill(&filler, megabytes);
        let container = self.docker.run(&["create", "alpine:3.18", "true"]);
        self.docker.run(&["cp", &filler.to_string_lossy(), &format!("{container}:/filler")]);
        let direct = format!("127.0.0.1:{}/{name}", self.port);
        self.docker.run(&["commit", &container, &direct]);
        self.docker.run(&["rm", &container]);
        let login = self.login();
        process::checked(
            self.docker.command(&["push", "--quiet", &direct]).env("DOCKER_CONFIG", login.path()),
        );
        self.docker.run(&["rmi", &direct]);
        let slow = format!("127.0.0.1:{}/{name}", self.throttle.port);
        self.images.push(slow.clone());
        slow
    }

    /// A folder with Docker's own configuration that signs in to this registry, by either door.
    pub fn login(&self) -> TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let token = encode(&format!("{USER}:{PASSWORD}"));
        let entry = |port: u16| format!("\"127.0.0.1:{port}\": {{ \"auth\": \"{token}\" }}");
        let config = format!("{{ \"auths\": {{ {}, {} }} }}", entry(self.port), entry(self.throttle.port));
        fs::write(folder.path().join("config.json"), config).expect("the sign-in");
        folder
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        for image in &self.images {
            drop(process::output(&mut self.docker.command(&["rmi", "--force", image])));
        }
    }
}

fn fill(path: &std::path::Path, megabytes: usize) {
    let random = fs::File::open("/dev/urandom").expect("random bytes");
    let mut file = fs::File::create(path).expect("the filler");
    std::io::copy(&mut std::io::Read::take(random, (megabytes << 20) as u64), &mut file).expect("the filler");
    file.flush().expect("the filler");
}

/// Base64, for the one place that needs it.
fn encode(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for group in text.as_bytes().chunks(3) {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            encoded.push(if place <= group.len() { char::from(letter) } else { '=' });
        }
    }
    encoded
}

/// Longest that a pull of a few megabytes may take in a test.
pub const PATIENCE: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        assert_eq!(["a", "ab", "abc", "abcd"].map(encode), ["YQ==", "YWI=", "YWJj", "YWJjZA=="]);
    }

    #[test]
    fn an_image_can_be_pulled_from_the_slow_door_and_only_with_a_sign_in() {
        let mut registry = Registry::start(8 << 20, true);
        let image = registry.publish("suites/self:1", 2);
        let docker = Docker::default();
        let pull = |config: &str| {
            process::output(docker.command(&["pull", "--quiet", &image]).env("DOCKER_CONFIG", config))
                .status
                .success()
        };
        let empty = tempfile::tempdir().unwrap();
        assert!(!pull(&empty.path().to_string_lossy()), "pulled without a sign-in");
        let before = registry.throttle.bytes();
        assert!(pull(&registry.login().path().to_string_lossy()), "not pulled with the sign-in");
        assert!(registry.throttle.bytes() - before > 2 << 20, "it did not come through the slow door");
    }
}
