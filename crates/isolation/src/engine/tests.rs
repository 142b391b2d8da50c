//! The Engine API as a real engine speaks it.
#![cfg(unix)]
use std::collections::HashMap;

use bytes::Bytes;
use tokio::net::{TcpListener, UnixStream};

use super::testing::{self, PATIENCE, finder_of, tar, word};
use super::*;
use crate::images::ProgressSink;

/// The smallest image with a shell.
const IMAGE: &str = "alpine:3.18";

/// An engine that has the image, and a label for what a test makes in it.
async fn scene() -> Option<(Engine, HashMap<String, String>)> {
    let engine = testing::engine().await?;
    engine.ensure_image(IMAGE, &ProgressSink::ignore(), &Default::default()).await.unwrap();
    Some((engine, HashMap::from([("com.mcpproxy.instance".to_owned(), format!("test-{}", word()))])))
}

fn body(labels: &HashMap<String, String>, command: &str) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(IMAGE.to_owned()),
        entrypoint: Some(["/bin/sh", "-c", command].map(str::to_owned).to_vec()),
        labels: Some(labels.clone()),
        host_config: Some(HostConfig { network_mode: Some("none".to_owned()), ..HostConfig::default() }),
        ..ContainerCreateBody::default()
    }
}

fn name() -> String {
    format!("mcpproxy-test-{}", word())
}

#[tokio::test]
async fn the_engines_refusals_are_told_apart() {
    let Some((engine, labels)) = scene().await else { return };
    let api = engine.api();
    let taken = name();
    let created = api.create(&taken, None, body(&labels, "true")).await.unwrap();
    assert_eq!(
        api.create(&taken, None, body(&labels, "true")).await.unwrap_err().code(),
        "engine_name_taken"
    );
    let mut missing = body(&labels, "true");
    missing.image = Some("mcpproxy-no-such-image:1".to_owned());
    assert_eq!(api.create(&name(), None, missing).await.unwrap_err().code(), "engine_no_such_image");
    let mut bound = body(&labels, "true");
    let mount = Mount {
        typ: Some(MountType::BIND),
        source: Some("/there/is/no/such/folder".to_owned()),
        target: Some("/x".to_owned()),
        ..Mount::default()
    };
    bound.host_config = Some(HostConfig { mounts: Some(vec![mount]), ..HostConfig::default() });
    assert_eq!(api.create(&name(), None, bound).await.unwrap_err().code(), "engine_bind_missing");
    assert_eq!(api.start("nobody").await.unwrap_err().code(), "engine_not_found");
    assert_eq!(engine.attach("nobody").await.unwrap_err().code(), "engine_not_found");
    assert!(engine.wait("nobody").await.is_err_and(|error| error.is_not_found()));
    api.remove(&created.id).await.unwrap();
    api.remove(&created.id).await.unwrap();
}

#[tokio::test]
async fn a_program_that_is_not_in_the_image_fails_at_start_with_its_cause() {
    let Some((engine, labels)) = scene().await else { return };
    let mut absent = body(&labels, "");
    absent.entrypoint = Some(vec!["/no/such/program".to_owned()]);
    let created = engine.api().create(&name(), None, absent).await.unwrap();
    let error = engine.api().start(&created.id).await.unwrap_err();
    engine.api().remove(&created.id).await.unwrap();
    assert_eq!(error.code(), "engine_entrypoint", "{error}");
}

#[tokio::test]
async fn an_exit_that_was_ordered_before_the_start_is_told() {
    let Some((engine, labels)) = scene().await else { return };
    let created = engine.api().create(&name(), None, body(&labels, "exit 7")).await.unwrap();
    let wait = engine.wait(&created.id).await.unwrap();
    engine.api().start(&created.id).await.unwrap();
    let code = tokio::time::timeout(PATIENCE, wait.exit()).await.unwrap().unwrap();
    engine.api().remove(&created.id).await.unwrap();
    assert_eq!(code, 7);
}

#[tokio::test]
async fn an_attached_stream_is_handed_over_with_the_first_output_in_it() {
    use tokio::io::AsyncReadExt;
    let Some((engine, labels)) = scene().await else { return };
    let mut talking = body(&labels, "echo hello");
    talking.attach_stdout = Some(true);
    let created = engine.api().create(&name(), None, talking).await.unwrap();
    let mut attached = engine.attach(&created.id).await.unwrap();
    engine.api().start(&created.id).await.unwrap();
    let mut seen = attached.head.to_vec();
    tokio::time::timeout(PATIENCE, attached.stream.read_to_end(&mut seen)).await.unwrap().unwrap();
    engine.api().remove(&created.id).await.unwrap();
    assert_eq!(seen, b"\x01\0\0\0\0\0\0\x06hello\n");
}

#[tokio::test]
async fn files_go_in_and_out_and_a_refusal_arrives_although_the_engine_did_not_read_them() {
    let Some((engine, labels)) = scene().await else { return };
    let api = engine.api();
    let open = api.create(&name(), None, body(&labels, "true")).await.unwrap();
    let archive = Bytes::from(tar(&[("note", b"written")]));
    api.put_archive(&open.id, "/", archive).await.unwrap();
    let back = api.get_archive(&open.id, "/note", 4096).await.unwrap();
    assert!(back.windows(7).any(|part| part == b"written"));
    assert_eq!(api.get_archive(&open.id, "/note", 100).await.unwrap_err().code(), "engine_protocol");
    assert!(api.get_archive(&open.id, "/nothing", 4096).await.unwrap_err().is_not_found());
    let mut closed = body(&labels, "true");
    closed.host_config = Some(HostConfig { readonly_rootfs: Some(true), ..HostConfig::default() });
    let closed = api.create(&name(), None, closed).await.unwrap();
    let large = Bytes::from(tar(&[("large", &vec![7; 4 << 20])]));
    let error = api.put_archive(&closed.id, "/", large).await.unwrap_err();
    for id in [&open.id, &closed.id] {
        api.remove(id).await.unwrap();
    }
    // Old engines say 500, newer ones 400; both say why.
    assert!(error.to_string().contains("read-only"), "{error:?}");
}

#[tokio::test]
async fn volumes_are_found_by_their_labels_and_removed_once_or_twice() {
    let Some((engine, labels)) = scene().await else { return };
    let (api, volume) = (engine.api(), name());
    api.create_volume(&volume, labels.clone()).await.unwrap();
    let label: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let found: Vec<String> = api.list_volumes(&label).await.unwrap().into_iter().map(|v| v.name).collect();
    assert_eq!(found, std::slice::from_ref(&volume));
    api.remove_volume(&volume).await.unwrap();
    api.remove_volume(&volume).await.unwrap();
    assert!(api.inspect_volume(&volume).await.unwrap().is_none());
}

#[tokio::test]
async fn events_tell_what_happens_to_containers_with_a_label() {
    let Some((engine, labels)) = scene().await else { return };
    let label: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mut events = engine.events(&["container"], &label).await.unwrap();
    let created = engine.api().create(&name(), None, body(&labels, "exit 3")).await.unwrap();
    engine.api().start(&created.id).await.unwrap();
    let died = async {
        loop {
            let event = events.next().await.unwrap().unwrap();
            assert_eq!((event.kind.as_str(), &event.actor.id), ("container", &created.id));
            if event.action == "die" {
                break event;
            }
        }
    };
    let event = tokio::time::timeout(PATIENCE, died).await.unwrap();
    engine.api().remove(&created.id).await.unwrap();
    assert_eq!(event.actor.attributes.get("exitCode").map(String::as_str), Some("3"));
    assert!(event.time_nano > 0);
}

#[tokio::test]
async fn an_engine_behind_tcp_answers_as_one_behind_a_socket() {
    let Some(direct) = testing::engine().await else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let mut open = tokio::task::JoinSet::new();
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            open.spawn(async move {
                let mut far = UnixStream::connect(testing::SOCKET).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    let status = finder_of(&format!("tcp://{address}")).find().await;
    let engine = status.engine().expect("ready");
    assert_eq!((&engine.info().id, engine.info().remote), (&direct.info().id, false));
    engine.ping().await.unwrap();
    assert_eq!(engine.attach("nobody").await.unwrap_err().code(), "engine_not_found");
    server.abort();
}
