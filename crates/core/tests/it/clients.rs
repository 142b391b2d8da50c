//! Other clients beside a running core: keys that follow their files, servers taken over with their secrets.
use std::{fs, path::PathBuf};

use mcpproxy_core::{ClientAction, ClientState, Core, ImportChoice};
use serde_json::json;

use crate::home::Home;

const CONNECT: ClientAction = ClientAction::Connect { take: None };

fn home(files: &[(&str, &str)]) -> Home {
    let mut home = Home::new();
    let config = home.settings.home.join(".config").display().to_string();
    home.settings.environment.push(("XDG_CONFIG_HOME".to_owned(), config));
    home.write(&json!({"api_key": "admin-key", "listen": "0.0.0.0:8123", "mcpServers": []}));
    for (path, text) in files {
        let path = home.settings.home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    home
}

async fn connect(core: &Core, id: &str) {
    let preview = core.preview_client(id, CONNECT).await.unwrap();
    core.change_client(id, CONNECT, &preview.fingerprint).await.unwrap();
}

fn keys(core: &Core) -> Vec<String> {
    core.keys().into_iter().map(|key| key.name).collect()
}

fn text(home: &Home, path: &str) -> String {
    fs::read_to_string(PathBuf::from(&home.settings.home).join(path)).unwrap()
}

#[tokio::test]
async fn a_preview_makes_no_key_and_writes_nothing() {
    let home = home(&[(".cursor/mcp.json", "{}\n")]);
    let core = home.start().await;
    let preview = core.preview_client("cursor", CONNECT).await.unwrap();
    let shown: String = preview.difference.iter().map(|line| line.text.as_str()).collect();
    assert!(shown.contains("http://127.0.0.1:8123/mcp"), "an address that programs can reach: {shown}");
    assert_eq!(text(&home, ".cursor/mcp.json"), "{}\n");
    assert!(keys(&core).is_empty());
    let wrong = core.change_client("cursor", CONNECT, "another").await.unwrap_err();
    assert_eq!(wrong.code(), "client_file_changed");
    assert!(keys(&core).is_empty());
    core.shutdown().await;
}

#[tokio::test]
async fn clients_connected_at_the_same_time_each_get_their_key() {
    let home = home(&[(".cursor/mcp.json", "{}"), (".codex/config.toml", ""), (".claude.json", "{}")]);
    let core = home.start().await;
    tokio::join!(connect(&core, "cursor"), connect(&core, "codex"), connect(&core, "claude-code"));
    let mut names = keys(&core);
    names.sort();
    assert_eq!(names, ["claude-code", "codex", "cursor"]);
    let file = fs::read_to_string(home.config_path()).unwrap();
    for path in [".cursor/mcp.json", ".codex/config.toml", ".claude.json"] {
        let text = text(&home, path);
        let known = core.config().keys.iter().filter(|key| text.contains(&key.key)).count();
        assert_eq!(known, 1, "{path} has a key of its own: {text}");
        assert!(!text.contains("admin-key"), "the admin key goes to nobody");
    }
    assert!(file.contains("\"keys\""));
    core.shutdown().await;
}

#[tokio::test]
async fn a_key_follows_what_stands_in_the_clients_file() {
    let home = home(&[(".cursor/mcp.json", "{\n  \"x\": 1 // mine\n}\n")]);
    let core = home.start().await;
    connect(&core, "cursor").await;
    let connected = text(&home, ".cursor/mcp.json");
    let key = core.config().keys[0].key.clone();
    let disconnect = core.preview_client("cursor", ClientAction::Disconnect).await.unwrap();
    assert!(disconnect.taken.is_empty());
    core.change_client("cursor", ClientAction::Disconnect, &disconnect.fingerprint).await.unwrap();
    assert!(keys(&core).is_empty(), "a key that nobody has opens nothing");
    assert!(core.undo_client("cursor").await.unwrap().whole);
    assert_eq!(text(&home, ".cursor/mcp.json"), connected);
    assert_eq!(core.config().keys[0].key, key, "what was given back works again");
    core.undo_client("cursor").await.unwrap();
    assert_eq!(text(&home, ".cursor/mcp.json"), "{\n  \"x\": 1 // mine\n}\n");
    assert!(keys(&core).is_empty());
    assert_eq!(core.undo_client("cursor").await.unwrap_err().code(), "client_nothing_to_undo");
    core.shutdown().await;
}

#[tokio::test]
async fn a_client_is_connected_once_it_was_heard_of() {
    let home = home(&[(".cursor/mcp.json", "{}")]);
    let core = home.start().await;
    assert_eq!(core.client("cursor").await.unwrap().state, ClientState::NotConnected);
    connect(&core, "cursor").await;
    assert_eq!(core.client("cursor").await.unwrap().state, ClientState::Waiting);
    let revision = core.snapshot().revision;
    core.client_heard("cursor");
    core.client_heard("cursor");
    assert_eq!(core.snapshot().revision, revision + 1, "a busy client changes snapshots now and then only");
    let client = core.client("cursor").await.unwrap();
    assert_eq!(
        (client.state, client.seen_at),
        (ClientState::Connected, core.snapshot().clients.get("cursor").copied())
    );
    fs::write(home.settings.home.join(".cursor/mcp.json"), "{}").unwrap();
    assert_eq!(core.client("cursor").await.unwrap().state, ClientState::Removed);
    let elsewhere = text(&home, ".cursor/mcp.json")
        .replace("{}", "{\"mcpServers\": {\"mcpproxy\": {\"url\": \"http://127.0.0.1:9/mcp\"}}}");
    fs::write(home.settings.home.join(".cursor/mcp.json"), elsewhere).unwrap();
    let client = core.client("cursor").await.unwrap();
    assert_eq!((client.state, client.problem), (ClientState::Elsewhere, Some("client_elsewhere")));
    assert!(client.sentence.contains("port 9"), "{}", client.sentence);
    core.shutdown().await;
}

#[tokio::test]
async fn an_import_keeps_secrets_apart_and_fails_for_one_server_alone() {
    let servers = json!({"mcpServers": {
        "remote": {"url": "http://127.0.0.1:9/mcp", "headers": {"Authorization": "Bearer abcdefghijklmn"}},
        "off": {"command": "sh", "disabled": true},
    }})
    .to_string();
    let home = home(&[(".cursor/mcp.json", &servers), (".codex/config.toml", "= broken")]);
    let core = home.start().await;
    let (found, unread) = core.importable(None).await.unwrap();
    assert_eq!(
        unread.iter().map(|one| (one.client, one.code)).collect::<Vec<_>>(),
        [("codex", "client_file_broken")]
    );
    let shown: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.kind, one.ticked)).collect();
    assert_eq!(shown, [("remote", "remote", true), ("off", "stdio", false)]);
    assert!(!format!("{found:?}").contains("abcdefgh"));
    let choice = |id: &str| ImportChoice { id: id.to_owned(), ..ImportChoice::default() };
    let done = core.import(&[choice("unknown"), choice(&found[0].id)]).await.unwrap();
    assert_eq!(done[0].failure.as_ref().unwrap().code, "import_unknown");
    assert_eq!(done[1].secrets, ["${keyring:remote.Authorization}"]);
    assert_eq!(core.config().servers["remote"].headers["Authorization"], "${keyring:remote.Authorization}");
    assert!(!fs::read_to_string(home.config_path()).unwrap().contains("abcdefgh"));
    let again = core.import(&[choice(&found[0].id)]).await.unwrap();
    assert_eq!(again[0].failure.as_ref().unwrap().code, "server_exists");
    let named = ImportChoice { name: Some("remote".to_owned()), ..choice(&found[0].id) };
    assert_eq!(core.import(&[named]).await.unwrap()[0].failure.as_ref().unwrap().code, "server_exists");
    let vault = mcpproxy_core::vault(&home.settings);
    assert_eq!(vault.list().await.unwrap(), ["remote.Authorization"], "nothing is kept for what was refused");
    let (found, _) = core.importable(Some("cursor")).await.unwrap();
    assert_eq!(found[0].exists.as_deref(), Some("remote"));
    core.shutdown().await;
}

#[tokio::test]
async fn what_came_with_the_code_of_a_project_is_offered_and_not_chosen() {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join(".mcp.json"), r#"{"mcpServers": {"foreign": {"command": "sh"}}}"#).unwrap();
    let own = json!({
        "mcpServers": {"mine": {"command": "python3"}},
        "projects": {project.path().to_str().unwrap(): {"mcpServers": {"here": {"command": "true"}}}},
    });
    let home = home(&[(".claude.json", &own.to_string())]);
    let core = home.start().await;
    let (found, _) = core.importable(None).await.unwrap();
    let shown: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.ticked)).collect();
    assert_eq!(shown, [("mine", true), ("here", true), ("foreign", false)]);
    core.shutdown().await;
}
