//! The files of a stand-in image, in a folder that becomes its only layer.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::commands::{command, find, quiet};
use crate::setup::tools;
use crate::workspace;

/// What the real `node` image starts programs with.
const NODE_ENTRYPOINT: &str = "#!/bin/sh
# Runs its arguments under node unless they name a program of their own.
set -e
if [ \"${1#-}\" != \"$1\" ] || [ -z \"$(command -v \"$1\")\" ] || { [ -f \"$1\" ] && [ ! -x \"$1\" ]; }; then
  set -- node \"$@\"
fi
exec \"$@\"
";

/// A folder with the root file system of an image.
pub(super) struct Root(PathBuf);

impl Root {
    /// Debian 12 with nothing but what is essential.
    pub(super) fn debian() -> Result<Self> {
        let root = Self::empty("debian")?;
        let debootstrap = find("debootstrap").context("there is no debootstrap")?;
        quiet(command(&debootstrap.to_string_lossy(), ["--variant=minbase", "bookworm"]).arg(&root.0))?;
        root.tidy()?;
        Ok(root)
    }

    /// A static busybox and its links.
    pub(super) fn busybox() -> Result<Self> {
        let package = workspace::target().join("images/busybox-package");
        fs::create_dir_all(&package)?;
        quiet(&mut command("apt-get", ["update", "-qq"]))?;
        quiet(command("apt-get", ["download", "-qq", "busybox-static"]).current_dir(&package))?;
        let archive =
            files_of(&package)?.into_iter().find(|file| file.extension().is_some_and(|end| end == "deb"));
        let root = Self::empty("alpine")?;
        quiet(command("dpkg-deb", ["-x"]).arg(archive.context("no busybox package came")?).arg(&package))?;
        for folder in [
            "bin", "sbin", "usr/bin", "usr/sbin", "etc", "root", "home", "proc", "sys", "dev", "var", "run",
            "tmp",
        ] {
            fs::create_dir_all(root.0.join(folder))?;
        }
        set_mode("1777", &root.0.join("tmp"))?;
        let busybox = root.0.join("bin/busybox");
        fs::copy(package.join("bin/busybox"), &busybox)?;
        for link in quiet(&mut command(&busybox.to_string_lossy(), ["--list-full"]))?.lines() {
            let link = root.0.join(link);
            if link.parent().is_some_and(Path::exists) && !link.exists() {
                symlink("/bin/busybox", link)?;
            }
        }
        root.write(
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
        )?;
        root.write("etc/group", "root:x:0:\nnobody:x:65534:\n")?;
        fs::remove_dir_all(package)?;
        Ok(root)
    }

    /// Python, pip, git and trust for the public certificates, in the places of the real image.
    pub(super) fn add_python(&self) -> Result<()> {
        fs::copy("/etc/resolv.conf", self.0.join("etc/resolv.conf"))?;
        self.inside(&["apt-get", "update", "-qq"])?;
        let packages = ["python3", "python3-venv", "python3-pip", "ca-certificates", "git", "curl"];
        self.inside(
            &[&["apt-get", "install", "-y", "-qq", "--no-install-recommends"][..], &packages[..]].concat(),
        )?;
        // The real image takes packages into its own Python; Debian's forbids it by this file.
        fs::remove_file(self.0.join("usr/lib/python3.11/EXTERNALLY-MANAGED"))?;
        symlink("python3", self.0.join("usr/bin/python"))?;
        for program in ["python", "python3", "pip", "pip3"] {
            symlink(format!("../../bin/{program}"), self.0.join("usr/local/bin").join(program))?;
        }
        self.tidy()
    }

    /// Node, npm and the `node` user; the real image has Debian's own Python and no pip links of its own.
    pub(super) fn replace_python_by_node(&self) -> Result<()> {
        let node = tools::node()?;
        let local = self.0.join("usr/local");
        for program in ["python", "python3", "pip", "pip3"] {
            fs::remove_file(local.join("bin").join(program))?;
        }
        fs::copy(node.join("bin/node"), local.join("bin/node"))?;
        fs::create_dir_all(local.join("lib/node_modules"))?;
        quiet(
            command("cp", ["-r"])
                .arg(node.join("lib/node_modules/npm"))
                .arg(local.join("lib/node_modules/npm")),
        )?;
        symlink("node", local.join("bin/nodejs"))?;
        symlink("../lib/node_modules/npm/bin/npm-cli.js", local.join("bin/npm"))?;
        symlink("../lib/node_modules/npm/bin/npx-cli.js", local.join("bin/npx"))?;
        self.write("usr/local/bin/docker-entrypoint.sh", NODE_ENTRYPOINT)?;
        let programs = [
            "bin/node",
            "bin/docker-entrypoint.sh",
            "lib/node_modules/npm/bin/npm-cli.js",
            "lib/node_modules/npm/bin/npx-cli.js",
        ];
        for program in programs {
            set_mode("755", &local.join(program))?;
        }
        self.inside(&["groupadd", "--gid", "1000", "node"])?;
        self.inside(&[
            "useradd",
            "--uid",
            "1000",
            "--gid",
            "node",
            "--shell",
            "/bin/bash",
            "--create-home",
            "node",
        ])
    }

    /// Packs the files into an archive that the engine imports.
    pub(super) fn pack(&self) -> Result<PathBuf> {
        let archive = self.0.with_extension("tar");
        let mut tar =
            command("tar", ["--numeric-owner", "--exclude=./proc/*", "--exclude=./sys/*", "-c", "-f"]);
        quiet(tar.arg(&archive).arg("-C").arg(&self.0).arg("."))?;
        Ok(archive)
    }

    /// Removes the folder; what it held lives in the engine now.
    pub(super) fn remove(self) -> Result<()> {
        Ok(fs::remove_dir_all(self.0)?)
    }

    fn empty(name: &str) -> Result<Self> {
        let folder = workspace::target().join("images").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.0.join(path), text)?)
    }

    fn inside(&self, arguments: &[&str]) -> Result<()> {
        let mut chroot = command("chroot", [&self.0]);
        quiet(chroot.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C.UTF-8"))?;
        Ok(())
    }

    /// Takes away what the making left behind, this machine's name and name servers above all.
    fn tidy(&self) -> Result<()> {
        self.write("etc/resolv.conf", "")?;
        self.write("etc/hostname", "localhost\n")?;
        for folder in ["var/cache/apt/archives", "var/lib/apt/lists", "var/log"] {
            for file in files_of(&self.0.join(folder))?.iter().filter(|file| file.is_file()) {
                fs::remove_file(file)?;
            }
        }
        Ok(())
    }
}

fn set_mode(mode: &str, path: &Path) -> Result<()> {
    quiet(command("chmod", [mode]).arg(path))?;
    Ok(())
}

fn symlink(target: impl AsRef<Path>, link: impl AsRef<Path>) -> Result<()> {
    quiet(command("ln", ["-s"]).arg(target.as_ref()).arg(link.as_ref()))?;
    Ok(())
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>> {
    Ok(fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect())
}
