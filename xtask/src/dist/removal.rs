//! What the packages' script does after removal, tried on a home in a folder.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use super::product::ID;
use crate::workspace;

/// A person whom the script finds, with an entry for start at login.
struct Home(PathBuf);

impl Home {
    fn new(name: &str, exec: &str) -> Self {
        let home = Self(workspace::target().join("tmp/removal").join(name));
        let _ = fs::remove_dir_all(&home.0);
        fs::create_dir_all(home.entry().parent().unwrap()).unwrap();
        fs::write(home.entry(), format!("[Desktop Entry]\nType=Application\nExec={exec}\n")).unwrap();
        // The script asks these for who there is and who it is itself.
        home.program("getent", &format!("echo 'anna:x:1000:1000::{}:/bin/sh'", home.0.display()));
        home.program("id", "echo 1000");
        home
    }

    fn entry(&self) -> PathBuf {
        self.0.join(format!(".config/autostart/{ID}.desktop"))
    }

    fn program(&self, name: &str, line: &str) {
        let path = self.0.join("bin").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{line}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs the script as the package system does, and answers whether the entry is still there.
    fn keeps_its_entry_after(&self, word: &str) -> bool {
        let script = workspace::root().join("installers/linux/post-remove.sh");
        let path = format!("{}:/usr/bin:/bin", self.0.join("bin").display());
        let ended = Command::new("sh").arg(script).arg(word).env("PATH", path).status().unwrap();
        assert!(ended.success(), "{word}: {ended}");
        self.entry().exists()
    }
}

#[test]
fn removal_takes_the_entry_away_whoever_removes() {
    for word in ["remove", "purge", "0"] {
        let home = Home::new(&format!("gone-{word}"), "/usr/bin/mcpproxy-desktop --hidden");
        assert!(!home.keeps_its_entry_after(word), "{word}");
    }
}

#[test]
fn an_upgrade_leaves_the_entry_alone() {
    let home = Home::new("upgrade", "/usr/bin/mcpproxy-desktop --hidden");
    for word in ["upgrade", "failed-upgrade", "abort-install", "1"] {
        assert!(home.keeps_its_entry_after(word), "{word}");
    }
}

#[test]
fn the_entry_of_another_copy_stays() {
    for (name, exec) in
        [("image", "/home/anna/MCPProxy.AppImage --hidden"), ("like", "/usr/bin/mcpproxy-desktop-beta")]
    {
        assert!(Home::new(name, exec).keeps_its_entry_after("remove"), "{exec}");
    }
}

#[test]
fn a_pipe_in_the_place_of_the_entry_does_not_hold_the_removal_up() {
    let home = Home::new("pipe", "");
    fs::remove_file(home.entry()).unwrap();
    assert!(Command::new("mkfifo").arg(home.entry()).status().unwrap().success());
    assert!(home.keeps_its_entry_after("remove"));
}
