//! The disk is real here: folders, links and sockets in a temporary place.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::*;
use crate::testing::{facts, server};

fn look_up(spec: &ServerSpec, policy: &Policy, home: &Path) -> PathFacts {
    let mut facts = facts();
    facts.system.home = home.to_str().unwrap().to_owned();
    gather(spec, policy, &facts.system, &facts.engine)
}

#[test]
fn links_sockets_and_projects_are_seen_as_what_they_are() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().canonicalize().unwrap();
    fs::create_dir_all(root.join("p/dist")).unwrap();
    fs::write(root.join("p/package.json"), "{}").unwrap();
    fs::write(root.join("p/.env"), "").unwrap();
    fs::write(root.join("p/dist/x.js"), "").unwrap();
    let _listener = UnixListener::bind(root.join("docker.sock")).unwrap();
    symlink(root.join("docker.sock"), root.join("innocent")).unwrap();
    let text = |name: &str| root.join(name).to_str().unwrap().to_owned();

    let policy = Policy { volumes: vec![format!("{}:/x:rw", text("innocent"))], ..Policy::default() };
    let seen = look_up(&server(&format!("node {}", text("p/dist/x.js"))), &policy, &root);
    let socket = seen.get(&text("innocent")).unwrap();
    assert_eq!((socket.kind, socket.canonical.as_str()), (Kind::Socket, text("docker.sock").as_str()));
    assert_eq!(seen.get(&text("p")).unwrap().holds, ["package.json", ".env"]);
    assert!(seen.get(&text("p/dist/x.js")).unwrap().owner.is_some());
    assert!(seen.get(root.to_str().unwrap()).unwrap().holds.contains(&"docker.sock".to_owned()));
    assert!(seen.get(&text("nothing")).is_none());
}

#[test]
fn programs_are_told_apart_by_their_first_bytes() {
    let place = tempfile::tempdir().unwrap();
    let check = |name: &str, content: &[u8]| {
        let path = place.path().join(name);
        fs::write(&path, content).unwrap();
        binary(&path)
    };
    assert_eq!(check("a", b"MZ\x90"), Some(Binary::Pe));
    assert_eq!(check("b", b"\xcf\xfa\xed\xfe\x07"), Some(Binary::MachO));
    assert_eq!(
        check("c", b"#!/usr/bin/env -S node --x\n"),
        Some(Binary::Script(["/usr/bin/env", "-S", "node", "--x"].map(str::to_owned).into()))
    );
    assert_eq!(check("d", b"hello"), None);
    assert_eq!(check("e", b"\x7fELF"), Some(Binary::StaticElf), "cut short, and no panic");
    let this = std::env::current_exe().unwrap();
    if cfg!(all(target_os = "linux", target_env = "gnu")) {
        assert_eq!(binary(&this), Some(Binary::DynamicElf));
    }
}

#[test]
fn what_a_project_lists_changes_its_fingerprint() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("pyproject.toml"), "a").unwrap();
    let before = fingerprint(place.path());
    fs::write(place.path().join("uv.lock"), "b").unwrap();
    assert!(before.is_some() && before != fingerprint(place.path()));
    fs::write(place.path().join("s.py"), "# /// script\n# dependencies = []\n# ///\nx = 1\n").unwrap();
    assert_eq!(inline_packages(&place.path().join("s.py")).0, ["pep723"]);
}

#[test]
fn paths_are_found_in_every_text_of_a_configuration() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().canonicalize().unwrap();
    let folder = |name: &str| {
        fs::create_dir_all(root.join(name)).unwrap();
        root.join(name).to_str().unwrap().to_owned()
    };
    let (flag, env, inner, mount) = (folder("flag"), folder("env"), folder("inner"), folder("mount"));
    let mut spec = server(&format!("npx x --dir={flag}"));
    spec.args.push(crate::spec::Text::plain(format!("cd {inner} && x")));
    spec.env.push(("DIR".to_owned(), crate::spec::Text::plain(&env)));
    let policy = Policy {
        extra_args: vec![format!("--mount=type=bind,source={mount},target=/x")],
        ..Policy::default()
    };
    let seen = look_up(&spec, &policy, &root);
    for path in [flag, env, inner, mount] {
        assert!(seen.get(&path).is_some(), "{path}");
    }
}
