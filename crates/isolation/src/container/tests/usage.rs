//! What a running container takes.

use super::*;

#[tokio::test]
async fn a_running_container_is_measured_and_one_that_ended_is_not() {
    let Some(corner) = Corner::open().await else { return };
    let script = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo worked; exec cat";
    let Running { stdin, mut stdout, container, mut stop, .. } =
        corner.run(&corner.container(), &["sh", "-c", script]).await;
    let id = container.expect("a container").as_str().to_owned();
    let mut reader = BufReader::new(&mut stdout);
    assert_eq!(read_line(&mut reader).await, "worked");
    let usage = corner.engine.usage(&id).await.expect("an answer").expect("it runs");
    assert!(usage.cpu > Duration::from_millis(1), "{usage:?}");
    assert!(usage.memory.is_some_and(|memory| memory > 50_000), "{usage:?}");
    assert_eq!(usage.memory_limit, Some(64 << 20), "{usage:?}");
    assert!(usage.pids.is_some_and(|pids| pids >= 1), "{usage:?}");
    let later = corner.engine.usage(&id).await.expect("an answer").expect("it runs");
    assert!(later.cpu >= usage.cpu, "{later:?}");
    drop(stdin);
    stop.stop(PATIENCE).await;
    assert_eq!(corner.engine.usage(&id).await.expect("an answer"), None);
    corner.close().await;
}
