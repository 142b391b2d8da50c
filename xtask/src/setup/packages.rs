//! Debian packages: one table of what is looked for, what brings it, and why.

use std::path::PathBuf;

use anyhow::Result;

use super::{Purpose, is_debian, is_root};
use crate::commands::{command, find, quiet};

/// A program or file that must be here, the package that brings it, and the reason.
struct Need {
    program: &'static str,
    package: &'static str,
    purpose: Purpose,
    why: &'static str,
}

const fn need(program: &'static str, package: &'static str, purpose: Purpose, why: &'static str) -> Need {
    Need { program, package, purpose, why }
}

const NEEDS: &[Need] = &[
    need("cc", "build-essential", Purpose::Run, "links Rust programs"),
    need("dockerd", "docker.io", Purpose::Run, "the container engine that servers run in"),
    need("iptables", "iptables", Purpose::Run, "the engine's bridge network"),
    need("pkg-config", "pkg-config", Purpose::Desktop, "finds the libraries of the window's webview"),
    need("Xvfb", "xvfb", Purpose::Test, "a screen without a monitor for the desktop suites"),
    need("dbus-daemon", "dbus-daemon", Purpose::Test, "the bus between tray and panel in the desktop suites"),
    need("openbox", "openbox", Purpose::Test, "the window manager of the desktop suites"),
    need("xfce4-panel", "xfce4-panel", Purpose::Test, "a panel with a real tray for the desktop suites"),
    need("xdotool", "xdotool", Purpose::Test, "finds and closes windows in the desktop suites"),
    need("import", "imagemagick", Purpose::Test, "takes pictures of the screen in the desktop suites"),
    need("WebKitWebDriver", "webkit2gtk-driver", Purpose::Test, "drives the window in the desktop suites"),
    need("gio", "libglib2.0-bin", Purpose::Test, "starts the entry for start at login as desktops do"),
    need(
        "desktop-file-validate",
        "desktop-file-utils",
        Purpose::Test,
        "checks the menu entry of the packages",
    ),
    need("appstreamcli", "appstream", Purpose::Test, "checks what software centres show of the packages"),
    need("rpmbuild", "rpm", Purpose::Dist, "makes the .rpm"),
    need("dpkg-shlibdeps", "dpkg-dev", Purpose::Dist, "finds the packages whose libraries the programs need"),
    need("chromium", "chromium", Purpose::Test, "the browser of the window's suite"),
    need("zsh", "zsh", Purpose::Test, "a login shell that is asked for its environment"),
    need("fish", "fish", Purpose::Test, "a login shell that is asked for its environment"),
    need("git", "git", Purpose::Test, "the repository that the git server reads in its test"),
    need("ip", "iproute2", Purpose::Test, "gives a second engine a network of its own"),
    need(
        "debootstrap",
        "debootstrap",
        Purpose::Test,
        "makes stand-in images where Docker Hub cannot be reached",
    ),
    need("docker-registry", "docker-registry", Purpose::Test, "a registry on loopback for the pull tests"),
    need("python3", "python3", Purpose::Test, "hostile servers and the official Python client"),
];

/// Files that stand for a package without a program of its own; `LIB` is the folder of this machine's libraries.
const FILES: &[Need] = &[
    need(
        "LIB/pkgconfig/webkit2gtk-4.1.pc",
        "libwebkit2gtk-4.1-dev",
        Purpose::Desktop,
        "the webview of the window",
    ),
    need(
        "LIB/pkgconfig/dbus-1.pc",
        "libdbus-1-dev",
        Purpose::Desktop,
        "how the application speaks to the desktop",
    ),
    need(
        "/usr/lib/systemd/user-generators/systemd-xdg-autostart-generator",
        "systemd",
        Purpose::Test,
        "makes units of the entry for start at login as GNOME and KDE have it",
    ),
    need(
        "/usr/lib/python3.11/ensurepip/__init__.py",
        "python3-venv",
        Purpose::Test,
        "a Python environment for the clients and tools",
    ),
    need("/etc/ssl/certs/ca-certificates.crt", "ca-certificates", Purpose::Test, "trust for PyPI and npm"),
];

/// Installs what is missing where that is possible; elsewhere says what to install and goes on.
pub(crate) fn ensure(purpose: Purpose) -> Result<()> {
    let missing = missing(purpose);
    if missing.is_empty() {
        return Ok(());
    }
    for (package, why) in &missing {
        println!("Missing: {package} ({why})");
    }
    let packages: Vec<&str> = missing.iter().map(|(package, _)| *package).collect();
    if !(is_root() && is_debian()) {
        println!(
            "Install them yourself; on Debian: sudo apt-get install --no-install-recommends {}",
            packages.join(" ")
        );
        return Ok(());
    }
    println!("Installing with apt-get: {}", packages.join(" "));
    quiet(command("apt-get", ["update", "-qq"]).env("DEBIAN_FRONTEND", "noninteractive"))?;
    let mut install = command("apt-get", ["install", "-y", "-qq", "--no-install-recommends"]);
    quiet(install.args(&packages).env("DEBIAN_FRONTEND", "noninteractive"))?;
    Ok(())
}

fn missing(purpose: Purpose) -> Vec<(&'static str, &'static str)> {
    let wanted = |need: &&Need| purpose.needs(need.purpose);
    let programs = NEEDS
        .iter()
        .filter(wanted)
        .filter(|need| find(need.program).is_none())
        .map(|need| (need.package, need.why));
    let files = FILES
        .iter()
        .filter(wanted)
        .filter(|need| is_debian() && !place(need.program).exists())
        .map(|need| (need.package, need.why));
    programs.chain(files).collect()
}

fn place(file: &str) -> PathBuf {
    let libraries = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    PathBuf::from(file.replacen("LIB", &libraries, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_package_is_listed_once_and_with_a_reason() {
        let mut packages: Vec<&str> = NEEDS.iter().map(|need| need.package).collect();
        packages.extend(FILES.iter().map(|need| need.package));
        let count = packages.len();
        packages.sort_unstable();
        packages.dedup();
        assert_eq!(packages.len(), count);
        assert!(NEEDS.iter().chain(FILES).all(|need| need.why.len() > 10));
    }
}
