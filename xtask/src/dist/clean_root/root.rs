//! A fresh Debian in a folder, with one person on it.
//!
//! Each command runs in mount and process namespaces of its own, so that nothing it mounts or starts outlives it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::commands::{command, find, quiet};

/// Who uses the package.
pub(super) const PERSON: &str = "anna";

/// What changes by itself: the package system's own memory, and caches that other packages keep.
const OWN_LIFE: &[&str] = &[
    "proc",
    "sys",
    "dev",
    "run",
    "tmp",
    "var/lib/dpkg",
    "var/lib/apt",
    "var/lib/rpm",
    "var/cache",
    "var/log",
    "etc/ld.so.cache",
];

/// The folder with that computer.
pub(super) struct Root(PathBuf);

impl Root {
    pub(super) fn make() -> Result<Self> {
        let root = Self(super::super::folder().join("root"));
        if root.0.exists() {
            fs::remove_dir_all(&root.0)?;
        }
        fs::create_dir_all(&root.0)?;
        let debootstrap =
            find("debootstrap").context("there is no debootstrap (Debian: apt-get install debootstrap)")?;
        println!("Making a clean Debian (about two minutes)");
        quiet(command(&debootstrap.to_string_lossy(), ["--variant=minbase", "bookworm"]).arg(&root.0))?;
        fs::copy("/etc/resolv.conf", root.0.join("etc/resolv.conf"))?;
        for file in ["etc/apt/apt.conf.d", "etc/ssl/certs/ca-certificates.crt", "etc/apt/sources.list"] {
            root.take_if_there(file)?;
        }
        // Services are not for a folder.
        fs::write(root.0.join("usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n")?;
        quiet(command("chmod", ["755"]).arg(root.0.join("usr/sbin/policy-rc.d")))?;
        // Nobody switches this computer off while it writes.
        fs::write(root.0.join("etc/dpkg/dpkg.cfg.d/quick"), "force-unsafe-io\n")?;
        root.apt(&["update"])?;
        root.run(&["useradd", "--create-home", "--shell", "/bin/bash", PERSON])?;
        Ok(root)
    }

    /// Copies a file into a folder of that computer and answers its path there.
    pub(super) fn take(&self, file: &Path, folder: &str) -> Result<String> {
        let name = file.file_name().context("a file has a name")?;
        fs::copy(file, self.0.join(folder).join(name))?;
        quiet(command("chmod", ["644"]).arg(self.0.join(folder).join(name)))?;
        Ok(format!("/{folder}/{}", name.to_string_lossy()))
    }

    /// How this computer reaches its packages is how that one does.
    fn take_if_there(&self, path: &str) -> Result<()> {
        let from = Path::new("/").join(path);
        if from.exists() {
            let to = self.0.join(path);
            fs::create_dir_all(to.parent().context("a path has a parent")?)?;
            quiet(command("cp", ["-aLT"]).arg(from).arg(to))?;
        }
        Ok(())
    }

    pub(super) fn apt(&self, words: &[&str]) -> Result<()> {
        let apt = ["apt-get", "--yes", "--quiet", "--quiet", "-o", "APT::Sandbox::User=root"];
        self.run(&[&apt[..], &["--no-install-recommends"], words].concat())?;
        Ok(())
    }

    /// Runs a command as that computer's root.
    pub(super) fn run(&self, words: &[&str]) -> Result<String> {
        let enter = r#"mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount -t tmpfs tmpfs "$0/run" && exec chroot "$0" "$@""#;
        let mut run =
            command("unshare", ["--mount", "--pid", "--fork", "--kill-child", "--", "sh", "-c", enter]);
        run.arg(&self.0).args(words);
        run.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8");
        quiet(run.env("HOME", "/").env("DEBIAN_FRONTEND", "noninteractive"))
    }

    /// Runs a line of the shell as the person, with their environment.
    pub(super) fn as_person(&self, line: &str) -> Result<String> {
        self.run(&["runuser", "--login", PERSON, "--command", line])
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.0.join(path).symlink_metadata().is_ok()
    }

    pub(super) fn text(&self, path: &str) -> Result<String> {
        fs::read_to_string(self.0.join(path)).with_context(|| format!("{path} cannot be read"))
    }

    /// Every file and link that does not change by itself.
    pub(super) fn files(&self) -> Result<BTreeSet<String>> {
        let mut files = BTreeSet::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.0.join(&folder))? {
                let entry = entry?;
                let path = folder.join(entry.file_name());
                if OWN_LIFE.iter().any(|own| path == Path::new(own)) {
                    continue;
                }
                if entry.file_type()?.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(path.to_string_lossy().into_owned());
                }
            }
        }
        Ok(files)
    }

    pub(super) fn remove(self) -> Result<()> {
        Ok(fs::remove_dir_all(self.0)?)
    }
}
