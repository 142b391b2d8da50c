//! Each state of the engine: by real sockets where a machine can show it, by scripted ones where it cannot.
#![cfg(unix)]
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener as StdListener;
use std::path::Path;
use std::time::Instant;

use super::super::context::tests::{choose, store};
use super::super::state::Silence;
use super::super::surroundings::tests::linux;
use super::super::testing::{PATIENCE, SOCKET, engine, finder_of, scripted};
use super::super::{ApiVersion, EngineInfo, OLDEST_API};
use super::*;

fn finder(root: &Path, endpoint: Option<&str>, environment: &[(&str, &str)]) -> Finder {
    Finder::new(FinderOptions {
        endpoint: endpoint.map(str::to_owned),
        surroundings: linux(root, environment),
        last_engine: None,
    })
}

/// Puts the real engine's socket where a usual place is.
fn place_engine(root: &Path, place: &str) {
    let path = root.join(place);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(SOCKET, path).unwrap();
}

#[test]
fn configuration_beats_docker_host_beats_context_beats_usual_places() {
    let root = tempfile::tempdir().unwrap();
    let around = linux(root.path(), &[]);
    store(&around, "colima", "unix:///c.sock");
    let source = |choice: Choice| match choice {
        Choice::Chosen { source, endpoint } => format!("{source}: {endpoint}"),
        other => format!("{other:?}"),
    };
    assert_eq!(source(finder(root.path(), None, &[]).choice()), "Usual");
    choose(&around, "colima");
    assert_eq!(source(finder(root.path(), None, &[]).choice()), "context colima: unix:///c.sock");
    let host = &[("DOCKER_HOST", "unix:///h.sock"), ("DOCKER_CONTEXT", "colima")];
    assert_eq!(source(finder(root.path(), None, host).choice()), "DOCKER_HOST: unix:///h.sock");
    let ours = finder(root.path(), Some("unix:///o.sock"), host);
    assert_eq!(source(ours.choice()), "docker_isolation.endpoint: unix:///o.sock");
    let named = finder(root.path(), Some("context:colima"), host);
    assert_eq!(source(named.choice()), "context colima: unix:///c.sock");
    assert_eq!(source(finder(root.path(), Some("context:default"), host).choice()), "Usual");
}

#[tokio::test]
async fn nothing_anywhere_is_not_installed_and_says_what_was_tried() {
    let root = tempfile::tempdir().unwrap();
    let status = finder(root.path(), None, &[]).find().await;
    assert_eq!(status.state.code(), "engine_not_installed");
    assert_eq!(status.state.mend().unwrap().action, "get_engine");
    assert!(status.tried.len() >= 8 && status.tried.iter().all(|tried| tried.result == "engine_absent"));
}

#[tokio::test]
async fn an_installed_engine_that_is_off_is_not_running_and_tells_how_to_start_it() {
    let root = tempfile::tempdir().unwrap();
    let program = root.path().join("usr/sbin/dockerd");
    std::fs::create_dir_all(program.parent().unwrap()).unwrap();
    std::fs::write(&program, "").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let status = finder(root.path(), None, &[]).find().await;
    assert_eq!(status.state.code(), "engine_not_running");
    assert!(status.state.mend().unwrap().command.unwrap().contains("systemctl"));
}

#[tokio::test]
async fn a_socket_that_a_killed_engine_left_is_not_running() {
    let root = tempfile::tempdir().unwrap();
    let socket = root.path().join("home/me/.rd/docker.sock");
    std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
    drop(StdListener::bind(&socket).unwrap());
    let status = finder(root.path(), None, &[]).find().await;
    assert!(
        matches!(status.state, EngineState::NotRunning { product: Product::RancherDesktop, .. }),
        "{:?}",
        status.state
    );
}

#[tokio::test]
async fn an_old_engine_is_named_with_its_version() {
    let root = tempfile::tempdir().unwrap();
    let socket = root.path().join("old.sock");
    let server = scripted(
        &socket,
        &[
            ("/_ping", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nOstype: linux\r\n\r\nOK"),
            (
                "/version",
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"Version\":\"19.03.1\",\"ApiVersion\":\"1.40\",\"MinAPIVersion\":\"1.2\"}",
            ),
            ("/info", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"ID\":\"A\"}"),
        ],
    );
    let status = finder_of(&format!("unix://{}", socket.display())).find().await;
    match &status.state {
        EngineState::TooOld { version, api } => {
            assert_eq!((version.as_str(), *api < OLDEST_API), ("19.03.1", true));
        }
        other => panic!("{other:?}"),
    }
    server.abort();
}

#[tokio::test]
async fn windows_containers_are_told_from_the_ping_alone() {
    let root = tempfile::tempdir().unwrap();
    let socket = root.path().join("windows.sock");
    let server =
        scripted(&socket, &[("/_ping", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nOstype: windows\r\n\r\nOK")]);
    let status = finder_of(&format!("unix://{}", socket.display())).find().await;
    assert_eq!(status.state.code(), "engine_wrong_os");
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_says_nothing_is_not_answering_after_a_bounded_time() {
    let root = tempfile::tempdir().unwrap();
    let socket = root.path().join("mute.sock");
    let server = scripted(&socket, &[]);
    let begun = tokio::time::Instant::now();
    let status = finder_of(&format!("unix://{}", socket.display())).find().await;
    assert!(matches!(status.state, EngineState::NotAnswering { silence: Silence::Silent, .. }));
    assert!(begun.elapsed() < PATIENCE);
    server.abort();
}

#[tokio::test]
async fn a_front_without_its_machine_is_starting() {
    let root = tempfile::tempdir().unwrap();
    let socket = root.path().join("front.sock");
    let server = scripted(
        &socket,
        &[("/_ping", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")],
    );
    let status = finder_of(&format!("unix://{}", socket.display())).find().await;
    assert_eq!(status.state.code(), "engine_starting");
    server.abort();
}

#[tokio::test]
async fn what_is_no_engine_at_all_is_not_answering_with_its_reason() {
    let root = tempfile::tempdir().unwrap();
    let socket = root.path().join("other.sock");
    let server = scripted(&socket, &[("/_ping", "220 mail.example.com ESMTP\r\n")]);
    let status = finder_of(&format!("unix://{}", socket.display())).find().await;
    assert!(
        matches!(status.state, EngineState::NotAnswering { silence: Silence::Nonsense(_), .. }),
        "{:?}",
        status.state
    );
    server.abort();
}

#[tokio::test]
async fn a_chosen_address_that_fails_is_reported_and_others_are_only_offered() {
    if engine().await.is_none() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    place_engine(root.path(), "var/run/docker.sock");
    let status = finder(root.path(), None, &[("DOCKER_HOST", "unix:///gone.sock")]).find().await;
    assert_eq!(status.state.code(), "engine_chosen_absent");
    assert!(status.tried.iter().any(|tried| tried.result.starts_with("engine_ready")), "{:?}", status.tried);
    let broken = finder(root.path(), Some("context:nope"), &[]).find().await;
    assert_eq!(broken.state.code(), "engine_context_broken");
    let far = finder(root.path(), None, &[("DOCKER_HOST", "ssh://me@box")]).find().await;
    assert_eq!(far.state.code(), "engine_address_not_supported");
    assert!(far.state.arguments().iter().any(|(_, text)| text.contains("ssh")));
}

#[tokio::test]
async fn the_first_usual_place_that_answers_wins_by_the_order_of_the_table() {
    if engine().await.is_none() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    place_engine(root.path(), "home/me/.orbstack/run/docker.sock");
    place_engine(root.path(), "run/user/1000/docker.sock");
    let status = finder(root.path(), None, &[]).find().await;
    assert_eq!(status.endpoint, Some(Endpoint::Unix(root.path().join("run/user/1000/docker.sock"))));
    assert_eq!(status.source, Some(Source::Usual(Product::Docker)));
}

#[tokio::test]
async fn a_mute_place_earlier_in_the_table_does_not_hide_an_engine_that_answers() {
    if engine().await.is_none() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let mute = root.path().join("var/run/docker.sock");
    std::fs::create_dir_all(mute.parent().unwrap()).unwrap();
    let server = scripted(&mute, &[]);
    place_engine(root.path(), "run/podman/podman.sock");
    let begun = Instant::now();
    let status = finder(root.path(), None, &[]).find().await;
    assert!(status.state.engine().is_some(), "{:?}", status.state);
    assert!(begun.elapsed() < PATIENCE);
    server.abort();
}

#[tokio::test]
async fn the_real_engine_tells_its_facts() {
    let Some(engine) = engine().await else { return };
    let info: &EngineInfo = engine.info();
    assert!(info.api >= OLDEST_API && !info.id.is_empty() && !info.version.is_empty());
    assert!(info.limits.memory && info.limits.pids && !info.remote);
    assert!(["amd64", "arm64"].contains(&info.arch.as_str()));
    engine.ping().await.unwrap();
}

#[tokio::test]
async fn a_version_that_is_pinned_is_spoken() {
    if engine().await.is_none() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    place_engine(root.path(), "var/run/docker.sock");
    let status = finder(root.path(), None, &[("DOCKER_API_VERSION", "1.41")]).find().await;
    assert_eq!(status.state.engine().unwrap().info().api, ApiVersion(1, 41));
}

/// As root nothing is forbidden, so the look itself is made by a copy of this test that runs as nobody.
#[tokio::test]
async fn a_socket_behind_a_closed_door_is_no_permission() {
    const VARIABLE: &str = "MCPPROXY_TEST_CLOSED_SOCKET";
    const NOBODY: u32 = 65534;
    if let Ok(socket) = std::env::var(VARIABLE) {
        let status = finder_of(&format!("unix://{socket}")).find().await;
        println!("state={}", status.state.code());
        return;
    }
    let root = tempfile::tempdir().unwrap();
    std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let closed = root.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    let socket = closed.join("docker.sock");
    let _listener = StdListener::bind(&socket).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    let code = if std::fs::metadata(root.path()).unwrap().uid() == 0 {
        let program = root.path().join("look");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let mut command = tokio::process::Command::new(&program);
        command
            .args([
                "--exact",
                "--nocapture",
                "engine::finder::tests::a_socket_behind_a_closed_door_is_no_permission",
            ])
            .env(VARIABLE, &socket)
            .current_dir("/")
            .uid(NOBODY)
            .gid(NOBODY);
        let output = command.output().await.unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    } else {
        let status = finder_of(&format!("unix://{}", socket.display())).find().await;
        format!("state={}", status.state.code())
    };
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(code.contains("state=engine_no_permission"), "{code}");
}

#[test]
fn every_state_but_ready_and_checking_has_a_mend_and_a_code_of_its_own() {
    let endpoint = Endpoint::unix("/x.sock");
    let states = [
        EngineState::NotInstalled,
        EngineState::NotRunning { product: Product::Docker, start: "x".into() },
        EngineState::NoPermission { endpoint: endpoint.clone() },
        EngineState::TooOld { version: "19".into(), api: ApiVersion(1, 40) },
        EngineState::TooNew { version: "99".into(), api: ApiVersion(1, 99) },
        EngineState::NotAnswering { endpoint: endpoint.clone(), silence: Silence::Silent },
        EngineState::WrongOs,
        EngineState::ChosenAbsent { source: Source::DockerHost, endpoint },
        EngineState::ContextBroken(ContextError::Missing { name: "x".into() }),
    ];
    let mut codes: Vec<_> = states.iter().map(EngineState::code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), states.len());
    assert!(states.iter().all(|state| state.mend().is_some()));
}
