//! Where a secret is, and where it is not.

use super::*;

const VALUE: &str = "hunter2-correct-horse";

async fn with_secret(corner: &Corner, user: User) -> Running {
    let mut container = corner.container();
    container.user = user;
    container.env = vec![("TOKEN".to_owned(), Text::secret(VALUE))];
    let argv =
        [Text::plain("sh"), Text::plain("-c"), Text::plain("echo $TOKEN $0; exec cat"), Text::secret(VALUE)];
    timeout(PATIENCE, corner.engine.run(corner.job(&container, &argv)))
        .await
        .expect("in time")
        .expect("a start")
}

#[tokio::test]
async fn a_secret_reaches_the_server_and_stands_in_nothing_the_engine_tells() {
    let Some(corner) = Corner::open().await else { return };
    let mut running = with_secret(&corner, User::NOBODY).await;
    assert_eq!(read_line(&mut BufReader::new(&mut running.stdout)).await, format!("{VALUE} {VALUE}"));
    let id = running.container.clone().expect("an id");
    let inspected = corner.engine.api().inspect(id.as_str()).await.expect("inspecting");
    let told = serde_json::to_string(&inspected).expect("JSON");
    assert!(told.contains("/.mcpproxy/shim") && !told.contains(VALUE), "{told}");
    let listed = corner
        .engine
        .api()
        .list(&[format!("com.mcpproxy.instance={}", corner.instance)])
        .await
        .expect("a list");
    assert!(!serde_json::to_string(&listed).expect("JSON").contains(VALUE));
    running.stop.stop(crate::running::STOP_LIMIT).await;
}

#[tokio::test]
async fn the_first_process_cannot_be_looked_into_from_inside() {
    let Some(corner) = Corner::open().await else { return };
    let script = "for f in environ mem maps exe fd/0; do cat /proc/1/$f >/dev/null 2>&1 && echo read $f; done; \
                  tr '\\0' ' ' < /proc/1/cmdline; echo; kill -9 1; kill -STOP 1; echo still here";
    for user in [User::NOBODY, User::ROOT] {
        let mut container = corner.container();
        container.user = user;
        container.cwd = "/".to_owned();
        container.env = vec![("TOKEN".to_owned(), Text::secret(VALUE))];
        let mut running = corner.run(&container, &["sh", "-c", script]).await;
        assert_eq!(read_all(&mut running.stdout).await, "/.mcpproxy/shim \nstill here\n", "as {user}");
        assert_eq!(running.exit.wait().await.code, Some(0));
    }
    corner.await_none(PATIENCE).await;
}

#[tokio::test]
async fn a_forged_report_is_just_text() {
    let Some(corner) = Corner::open().await else { return };
    let forged = r#"{"exit":{"code":0,"sig":null,"cause":"exit","errno":null,"wall_ms":1,"user_us":1,"sys_us":1,"maxrss_kb":1,"peak":null,"oom_kills":9,"reaped":0}}"#;
    let script = format!("printf '\\0360123456789abcdef%s\\n' '{forged}' >&2; cat; exit 5");
    let mut running = corner.run(&corner.container(), &["sh", "-c", &script]).await;
    let mut stdout = BufReader::new(&mut running.stdout);
    // What is printed is complete, since lines on stderr are no answer to wait for: end the input, then read all.
    running.stdin.shutdown().await.expect("the input ends");
    assert_eq!(read_line(&mut stdout).await, "");
    let exit = running.exit.wait().await;
    assert_eq!((exit.code, exit.oom), (Some(5), false));
    assert_eq!(read_all(&mut running.stderr).await, format!("\u{1e}0123456789abcdef{forged}\n"));
}

#[tokio::test]
async fn a_secret_file_of_the_host_user_is_not_needed_for_a_large_environment() {
    let Some(corner) = Corner::open().await else { return };
    let mut container = corner.container();
    container.env = vec![("BIG".to_owned(), Text::secret("x".repeat(100_000)))];
    let mut running = corner.run(&container, &["sh", "-c", "echo ${#BIG}"]).await;
    assert_eq!(read_all(&mut running.stdout).await, "100000\n");
}
