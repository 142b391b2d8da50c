//! The mount policy, in every spelling that would get round it.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::testing::{facts, facts_of};

fn none() -> BTreeSet<String> {
    BTreeSet::new()
}

/// The word that lifts the refusal of a mount.
#[track_caller]
fn refused_by(line: &str, facts: &Facts) -> &'static str {
    let ask = Ask::read(line, facts.system.os).unwrap();
    match allow(&ask, facts, &none()) {
        Err(refusal) => refusal.lift().unwrap_or_else(|| refusal.code()),
        Ok(allowed) => panic!("{line} was let through: {allowed:?}"),
    }
}

#[test]
fn the_engines_socket_is_refused_in_every_spelling() {
    let facts = facts()
        .with_link("/var/run/docker.sock", "/run/docker.sock", Kind::Socket)
        .with_link("/home/me/innocent", "/run/docker.sock", Kind::Socket)
        .with_link("/home/me/folder", "/run", Kind::Folder)
        .with_link("/proc/self/root/run/docker.sock", "/run/docker.sock", Kind::Socket)
        .with_folder("/home/me/.colima/default", &["docker.sock"]);
    for source in [
        "/var/run/docker.sock",
        "/run/docker.sock",
        "//var/run//docker.sock",
        "/var/run/docker.sock/",
        "/var/run/./docker.sock",
        "/var/lib/../run/docker.sock",
        "/home/me/innocent",
        "/proc/self/root/run/docker.sock",
        "/var/run",
        "/run/user/1000/docker.sock",
        "~/.docker/run/docker.sock",
        "$HOME/.colima/default/docker.sock",
        "/home/me/.colima/default",
        "/run/podman/podman.sock",
        "/run/containerd/containerd.sock",
        "file:///var/run/docker.sock",
    ] {
        assert_eq!(
            refused_by(&format!("{}:/x", source.replace("file://", "")), &facts),
            "docker_socket",
            "{source}"
        );
    }
    assert_eq!(refused_by("/home/me/folder:/x", &facts), "docker_socket", "a link to its folder");
    assert_eq!(refused_by("//./pipe/docker_engine:/x", &facts_of(Os::Windows)), "docker_socket");
    assert_eq!(refused_by(r"\\.\pipe\docker_engine:/x", &facts_of(Os::Windows)), "docker_socket");
}

#[test]
fn an_engine_at_an_unusual_place_is_protected_too() {
    let mut facts = facts().with_link("/srv/engine", "/srv/engine", Kind::Socket).with_folder("/srv", &[]);
    facts.engine.socket = Some("/srv/engine".to_owned());
    assert_eq!(refused_by("/srv/engine:/x", &facts), "docker_socket");
    assert_eq!(refused_by("/srv:/x", &facts), "docker_socket");
}

#[test]
fn places_with_keys_are_refused_by_what_they_are() {
    let facts = facts()
        .with_link("/home/me/link", "/home/me/.ssh", Kind::Folder)
        .with_link("/home/me/.aws", "/mnt/keys", Kind::Folder)
        .with_folder("/mnt/keys", &[]);
    for (source, lift) in [
        ("/", "root"),
        ("/home/..", "root"),
        ("/home/me", "home"),
        ("~", "home"),
        ("/home", "home"),
        ("/root", "home"),
        ("/home/me/.ssh", "credentials"),
        ("/home/me/.ssh/id_ed25519", "credentials"),
        ("/home/me/x/../.ssh", "credentials"),
        ("/home/me/link", "credentials"),
        ("/mnt/keys", "credentials"),
        ("/mnt", "credentials"),
        ("/home/other/.gnupg", "credentials"),
        ("/home/me/.config", "credentials"),
        ("/home/me/.docker/config.json", "credentials"),
        ("/home/me/.colima", "credentials"),
        ("/home/me/.config/colima/default", "credentials"),
        ("/home/me/.lima/_config/user", "credentials"),
        ("/home/me/.orbstack/ssh/id_ed25519", "credentials"),
        ("~/.rd", "credentials"),
        ("/home/me/.mozilla/firefox", "browser"),
        ("/home/me/.config/google-chrome", "browser"),
        ("/home/me/.mcpproxy/mcp_config.json", "own_data"),
        ("/etc/shadow", "system"),
        ("/var", "docker_socket"),
        ("/proc/1", "system"),
        ("/dev/sda", "system"),
        ("/var/lib/docker/volumes", "system"),
    ] {
        assert_eq!(refused_by(&format!("{source}:/x"), &facts), lift, "{source}");
    }
}

#[test]
fn case_is_no_way_round_where_the_system_ignores_it() {
    let mac = facts_of(Os::MacOs);
    for source in
        ["/Users/me/.SSH", "/users/ME/.ssh", "/USERS/me/Library/Keychains", "/Users/Me/LIBRARY/keychains/x"]
    {
        assert_eq!(refused_by(&format!("{source}:/x"), &mac), "credentials", "{source}");
    }
    assert_eq!(refused_by("/PRIVATE/etc/passwd:/x", &mac), "system");
    let windows = facts_of(Os::Windows);
    for (source, lift) in [
        (r"C:\Users\ME\.ssh", "credentials"),
        ("c:/users/me/.ssh/", "credentials"),
        (r"C:\Users\me\.ssh.", "credentials"),
        (r"C:\Users\me", "home"),
        (r"C:\Users", "home"),
        (r"C:\", "root"),
        ("D:/", "root"),
        (r"C:\WINDOWS\System32", "system"),
        (r"C:\Users\me\AppData\Local\Google\Chrome\User Data\Default", "browser"),
    ] {
        assert_eq!(refused_by(&format!("{source}:/x"), &windows), lift, "{source}");
    }
    assert_eq!(refused_by(r"\\server\share:/x", &windows), "volume_invalid");
}

#[test]
fn a_plain_folder_is_mounted_read_only_where_its_links_lead() {
    let facts = facts().with_link("/home/me/docs", "/mnt/big/docs", Kind::Folder);
    let ask = Ask::read("~/docs:/home/me/docs", Os::Linux).unwrap();
    let mount = allow(&ask, &facts, &none()).unwrap().mount;
    assert_eq!(mount.source, MountSource::Bind("/mnt/big/docs".to_owned()));
    assert_eq!((mount.target.as_str(), mount.read_only), ("/home/me/docs", true));
}

#[test]
fn volume_lines_are_read_with_their_suffix() {
    for (line, read_only) in
        [("/a:/b", true), ("/a:/b:ro", true), ("/a:/b:rw", false), ("/a:/b:rw,cached", false)]
    {
        assert_eq!(Ask::read(line, Os::Linux).unwrap().read_only, read_only, "{line}");
    }
    let ask = Ask::read(r"C:\a b:/x:rw", Os::Windows).unwrap();
    assert_eq!((ask.source.as_str(), ask.target.as_str(), ask.read_only), (r"C:\a b", "/x", false));
    for line in
        ["/a", ":/b", "/a:b", "/a:/b:x", "/a:/", "/a:/proc", "/a:/b/../proc/x", "/a:/.mcpproxy", "/a:/b:z"]
    {
        assert_eq!(Ask::read(line, Os::Linux).unwrap_err().code(), "volume_invalid", "{line}");
    }
}

#[test]
fn a_source_that_does_not_exist_is_an_error_and_never_made() {
    assert_eq!(refused_by("/home/me/nothing:/x", &facts()), "volume_missing");
    assert_eq!(refused_by("./relative:/x", &facts()), "volume_invalid");
}

#[test]
fn volumes_of_the_engine_are_allowed_but_ours_are_not() {
    let named = allow(&Ask::read("notes:/notes:rw", Os::Linux).unwrap(), &facts(), &none()).unwrap();
    assert_eq!(named.mount.source, MountSource::Volume("notes".to_owned()));
    assert_eq!(refused_by("mcpproxy-shim-0:/x", &facts()), "volume_invalid");
}

#[test]
fn a_trust_store_is_allowed_though_it_lies_in_etc() {
    let file = "/etc/ssl/certs/ca-certificates.crt";
    let facts = facts().with_file(file).with_file("/etc/ssl/private/key.pem");
    let ask = Ask::read(&format!("{file}:/certs.crt:ro"), Os::Linux).unwrap();
    let allowed = allow(&ask, &facts, &none()).unwrap();
    assert_eq!((allowed.owner, allowed.lifted.len()), (None, 0), "everybody may read it");
    assert_eq!(refused_by("/etc/ssl/private/key.pem:/x", &facts), "system");
}

#[test]
fn the_named_word_lifts_and_only_it() {
    let facts = facts().with_folder("/home/me/.ssh", &[]).with_folder("/home/me", &[".env"]);
    let lift = |words: &[&str], line: &str| {
        let words = words.iter().map(|&word| word.to_owned()).collect();
        allow(&Ask::read(line, Os::Linux).unwrap(), &facts, &words)
    };
    assert!(lift(&["home"], "/home/me/.ssh:/x").is_err());
    let lifted = lift(&["credentials"], "/home/me/.ssh:/x").unwrap().lifted;
    assert_eq!(lifted[0].row.name, "credentials");
    assert!(lift(&["home"], "/home/me:/x").is_ok(), "who opens the home folder opens what lies in it");
    assert!(lift(&["credentials"], "/home/me:/x").is_err());
}

#[test]
fn a_remote_engine_gets_no_folder_of_this_computer() {
    let mut facts = facts().with_folder("/home/me/docs", &[]);
    facts.engine.remote = true;
    assert_eq!(refused_by("/home/me/docs:/x", &facts), "volume_remote");
    let words = ["remote_folder".to_owned()].into();
    assert!(allow(&Ask::read("/srv/there:/x", Os::Linux).unwrap(), &facts, &words).is_ok());
}

proptest! {
    #[test]
    fn no_detour_reaches_the_keys(detours in prop::collection::vec("(/|/\\./|/x/\\.\\./|//)", 3..=3)) {
        let path = format!("{}home{}me{}.ssh", detours[0], detours[1], detours[2]);
        let ask = Ask::read(&format!("{path}:/x"), Os::Linux).unwrap();
        let refusal = allow(&ask, &facts(), &none()).unwrap_err();
        prop_assert_eq!(refusal.lift(), Some("credentials"));
    }

    #[test]
    fn no_line_panics(line in "\\PC{0,40}") {
        for os in [Os::Linux, Os::MacOs, Os::Windows] {
            if let Ok(ask) = Ask::read(&line, os) {
                let _ = allow(&ask, &facts_of(os), &none());
            }
        }
    }
}
