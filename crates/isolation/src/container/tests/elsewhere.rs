//! Engines that are far away, or go away.

use tokio::net::{TcpListener, UnixStream};
use tokio::task::JoinSet;

use super::*;
use crate::engine::testing::{Forwarder, SOCKET, finder_of};
use crate::running::ExitCause;

/// An address on loopback behind which the real engine answers, as a remote one would.
async fn over_tcp() -> (String, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("tcp://{}", listener.local_addr().expect("an address"));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut open = JoinSet::new();
        while let Ok((mut near, _)) = listener.accept().await {
            open.spawn(async move {
                let mut far = UnixStream::connect(SOCKET).await.expect("the engine");
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    (address, tasks)
}

#[tokio::test]
async fn a_server_runs_in_an_engine_that_is_reached_over_tcp() {
    let Some(near) = Corner::open().await else { return };
    let (address, _forwarding) = over_tcp().await;
    let engine = finder_of(&address).find().await.engine().expect("the engine over TCP").clone();
    let corner = Corner { engine, instance: near.instance.clone() };
    let mut running = corner.run(&corner.container(), &["cat"]).await;
    let mut stdout = BufReader::new(&mut running.stdout);
    assert_eq!(exchange(&mut running.stdin, &mut stdout, "from afar").await, "from afar");
    running.stop.stop(crate::running::STOP_LIMIT).await;
    assert_eq!(near.count().await, 0);
}

#[tokio::test]
async fn an_engine_that_goes_away_is_told_from_a_server_that_ends() {
    let Some(near) = Corner::open().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("engine.sock");
    let forwarder = Forwarder::start(&socket);
    let engine =
        finder_of(&format!("unix://{}", socket.display())).find().await.engine().expect("the engine").clone();
    let corner = Corner { engine, instance: near.instance.clone() };
    let mut running = corner.run(&corner.container(), &["cat"]).await;
    forwarder.kill().await;
    assert_eq!(read_all(&mut running.stdout).await, "");
    let exit = timeout(PATIENCE, running.exit.wait()).await.expect("an end");
    assert_eq!(exit.cause, ExitCause::EngineLost);
    near.await_none(PATIENCE).await;
}

#[tokio::test]
async fn certificates_are_found_where_the_variables_point() {
    let Some(corner) = Corner::open().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let bundle = folder.path().join("bundle.pem");
    std::fs::write(&bundle, format!("certificates of {}\n", corner.instance)).expect("the bundle");
    let container = corner.container();
    let argv = [Text::plain("cat"), Text::plain(crate::plan::CERTIFICATES_FILE)];
    let job = Job { certificates: Some(&bundle), ..corner.job(&container, &argv) };
    let mut running = corner.engine.run(job).await.expect("a start");
    assert_eq!(read_all(&mut running.stdout).await, format!("certificates of {}\n", corner.instance));
    corner.await_none(PATIENCE).await;
    let helpers =
        corner.engine.api().list_volumes(&["com.mcpproxy.kind=helper".to_owned()]).await.expect("a list");
    let digits = crate::container::delivery::digits(&std::fs::read(&bundle).expect("the bundle"));
    let ours: Vec<_> = helpers.iter().filter(|volume| volume.name.contains(&digits)).collect();
    assert_eq!(ours.len(), 2, "the certificates, and the seal that says they are right");
    for volume in ours {
        corner.engine.api().remove_volume(&volume.name).await.expect("removing it");
    }
}

#[tokio::test]
async fn a_named_volume_that_is_a_folder_of_the_host_is_refused() {
    let Some(corner) = Corner::open().await else { return };
    let name = format!("mcpproxy-test-{}", corner.instance);
    let options = ["--opt", "type=none", "--opt", "device=/", "--opt", "o=bind"];
    let made = std::process::Command::new("docker")
        .args(["--host", &format!("unix://{SOCKET}"), "volume", "create"])
        .args(options)
        .arg(&name)
        .output()
        .expect("the docker command");
    assert!(made.status.success(), "{made:?}");
    let mut container = corner.container();
    let source = crate::plan::MountSource::Volume(name.clone());
    container.mounts.push(crate::plan::Mount { source, target: "/x".to_owned(), read_only: true });
    let argv = [Text::plain("cat")];
    let error = corner.engine.run(corner.job(&container, &argv)).await.expect_err("no start");
    assert_eq!(error.code(), "volume_binds_host");
    corner.engine.api().remove_volume(&name).await.expect("removing it");
}
