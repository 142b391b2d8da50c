//! Started as a desktop starts programs: with hardly any environment, and start-up files of every temper.

use std::{os::unix::fs::PermissionsExt as _, time::Duration};

use crate::home::{Home, ready, wait};
use mcpproxy_core::{Core, Placement};
use serde_json::json;
use tokio::time::timeout;

/// Far less than the start-up file that never ends, far more than a busy machine needs.
const SOON: Duration = Duration::from_secs(100);

/// A home whose start-up files say this, and a program that only they make known. Nothing for root, whose start-up
/// files are left alone.
fn home(profile: &str) -> Option<Home> {
    let mut home = Home::new();
    if std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(home.folder.path()).unwrap()) == 0 {
        eprintln!("skipped: root's start-up files are left alone; run it as an ordinary user");
        return None;
    }
    let tools = home.settings.home.join("tools");
    std::fs::create_dir(&tools).unwrap();
    let server = format!("#!/bin/sh\nexec python3 '{}'\n", home.script().display());
    for (name, text) in [("only-in-the-terminal", server.as_str()), ("docker", "#!/bin/sh\nexit 1\n")] {
        std::fs::write(tools.join(name), text).unwrap();
        std::fs::set_permissions(tools.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    for name in [".profile", ".bash_profile", ".zshrc"] {
        std::fs::write(home.settings.home.join(name), profile).unwrap();
    }
    let own = [("PATH", "/usr/bin:/bin"), ("HOME", &home.settings.home.display().to_string())];
    home.settings.environment = own.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Some(home)
}

fn configure(home: &Home, command: &str, args: &[String]) {
    home.write(&json!({
        "api_key": "k".repeat(64),
        "shell_environment": "always",
        "docker_isolation": {"enabled": true},
        "mcpServers": [{"name": "a", "command": command, "args": args, "isolation": {"enabled": false}}],
    }));
}

async fn start(home: &Home) -> Core {
    timeout(SOON, home.start()).await.expect("a start that waits for no shell")
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_and_docker_are_found_as_in_the_persons_terminal_as_user() {
    let lines = "export PATH=$HOME/tools:$PATH\nexport DOCKER_HOST=unix://$HOME/engine.sock\necho noise\n";
    let Some(home) = home(lines) else { return };
    configure(&home, "only-in-the-terminal", &[]);
    let core = start(&home).await;
    assert_eq!(ready(&core, "a").await.placement, Placement::Host);
    let socket = home.settings.home.join("engine.sock").display().to_string();
    let seen = wait(&core, "the engine of the terminal", |snapshot| {
        snapshot.engine.endpoint.as_deref().is_some_and(|endpoint| endpoint.contains(&socket))
    })
    .await;
    assert!(!seen.engine.available);
    core.shutdown().await;
    // The next start knows it at once.
    let core = start(&home).await;
    wait(&core, "docker of the terminal", |snapshot| {
        let found = snapshot.engine.docker_path.as_ref();
        found.is_some_and(|path| path.starts_with(home.settings.home.join("tools")))
    })
    .await;
    core.shutdown().await;
}

/// Slower than a start waits for, and faster than the shell's own deadline.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_late_still_finds_server_and_engine_as_user() {
    let lines = "sleep 3\nexport PATH=$HOME/tools:$PATH\nexport DOCKER_HOST=unix://$HOME/engine.sock\n";
    let Some(home) = home(lines) else { return };
    configure(&home, "only-in-the-terminal", &[]);
    let core = start(&home).await;
    timeout(SOON, ready(&core, "a")).await.expect("the server");
    let socket = home.settings.home.join("engine.sock").display().to_string();
    wait(&core, "the engine of the terminal", |snapshot| {
        snapshot.engine.endpoint.as_deref().is_some_and(|endpoint| endpoint.contains(&socket))
    })
    .await;
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_up_file_that_never_ends_delays_nothing_as_user() {
    let Some(home) = home("sleep 1000\n") else { return };
    configure(&home, "python3", &[home.script().display().to_string()]);
    let core = start(&home).await;
    timeout(SOON, ready(&core, "a")).await.expect("a server that waits for no shell");
    core.shutdown().await;
}
