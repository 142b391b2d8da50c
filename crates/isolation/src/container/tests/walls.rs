//! What a server finds when it looks around.

use super::*;

/// Runs a script in the hardened container and gives its output.
async fn output(corner: &Corner, container: &Container, script: &str) -> String {
    let mut running = corner.run(container, &["sh", "-c", script]).await;
    let output = read_all(&mut running.stdout).await;
    corner.await_none(PATIENCE).await;
    output
}

#[tokio::test]
async fn a_server_has_no_capability_and_can_gain_none() {
    let Some(corner) = Corner::open().await else { return };
    let status = output(
        &corner,
        &corner.container(),
        "grep -E 'Cap|NoNewPrivs|Seccomp:|SigIgn|SigBlk' /proc/self/status; id -u",
    )
    .await;
    for line in [
        "CapEff:\t0000000000000000",
        "CapBnd:\t0000000000000000",
        "CapPrm:\t0000000000000000",
        "NoNewPrivs:\t1",
    ] {
        assert!(status.contains(line), "{line} is missing in {status}");
    }
    // Above 31 stand signals that C libraries keep for themselves: what the engine was started with shows there.
    for name in ["SigIgn:", "SigBlk:"] {
        let mask = status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let mask = mask.and_then(|mask| u64::from_str_radix(mask, 16).ok());
        assert_eq!(mask.map(|mask| mask & 0x7fff_ffff), Some(0), "{status}");
    }
    assert!(status.trim_end().ends_with("65532"), "{status}");
}

#[tokio::test]
async fn the_root_is_read_only_and_scratch_is_not() {
    let Some(corner) = Corner::open().await else { return };
    let script = "touch /x 2>&1; touch /.mcpproxy/x 2>&1; touch /tmp/x && touch $HOME/x && echo scratch; \
                  cp /bin/busybox /tmp/busybox && /tmp/busybox echo ran";
    let seen = output(&corner, &corner.container(), script).await;
    assert_eq!(seen.matches("Read-only file system").count(), 2, "{seen}");
    assert!(seen.contains("scratch") && seen.contains("ran"), "{seen}");
}

#[tokio::test]
async fn there_is_no_network_but_loopback_where_none_is_planned() {
    let Some(corner) = Corner::open().await else { return };
    assert_eq!(
        output(&corner, &corner.container(), "ls /sys/class/net; wc -l < /proc/net/route").await,
        "lo\n1\n"
    );
}

#[tokio::test]
async fn a_fork_bomb_ends_at_the_limit_and_the_next_server_starts() {
    let Some(corner) = Corner::open().await else { return };
    let script = "i=0; while [ $i -lt 300 ]; do sleep 60 & i=$((i+1)); done; echo survived";
    let mut running = corner.run(&corner.container(), &["sh", "-c", script]).await;
    let text = read_all(&mut running.stderr).await;
    assert!(text.contains("can't fork") || text.contains("Resource temporarily unavailable"), "{text}");
    let mut second = corner.run(&corner.container(), &["cat"]).await;
    let mut stdout = BufReader::new(&mut second.stdout);
    assert_eq!(exchange(&mut second.stdin, &mut stdout, "alive").await, "alive");
    drop((running, second));
    corner.await_none(PATIENCE).await;
}

#[tokio::test]
async fn folders_that_an_image_declares_as_volumes_are_small_and_in_memory() {
    let Some(corner) = Corner::open().await else { return };
    let (container, volumes) = (corner.container(), ["/srv".to_owned()]);
    let argv = ["sh", "-c", "grep ' /srv ' /proc/mounts"].map(Text::plain);
    let job = Job { image_volumes: &volumes, ..corner.job(&container, &argv) };
    let mut running = corner.engine.run(job).await.expect("a start");
    let mount = read_all(&mut running.stdout).await;
    assert!(mount.starts_with("tmpfs /srv tmpfs rw,") && mount.contains("size=1024k"), "{mount}");
    corner.await_none(PATIENCE).await;
}
