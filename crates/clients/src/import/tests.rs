use std::fs;

use serde_json::json;

use super::*;
use crate::{System, find};

fn home(files: &[(&str, Value)]) -> (tempfile::TempDir, Surroundings) {
    let folder = tempfile::tempdir().unwrap();
    for (path, value) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, value.to_string()).unwrap();
    }
    let around = Surroundings::new(folder.path().to_owned(), System::Linux, Vec::new());
    (folder, around)
}

fn all(around: &Surroundings) -> Vec<Candidate> {
    let found = ["claude-code", "cursor", "vscode"].iter();
    merge(found.flat_map(|id| servers(find(id).unwrap(), around).unwrap()).collect(), |name| name == "taken")
}

fn candidate(entry: Value) -> Candidate {
    let origin = Origin {
        client: find("cursor").unwrap(),
        file: String::new(),
        name: "my server".to_owned(),
        project: false,
        shared: false,
    };
    merge(vec![(origin, Entry::read(&entry).unwrap())], |_| false).remove(0)
}

#[test]
fn equal_servers_of_several_clients_are_one_and_ours_is_none() {
    let time = json!({"command": "uvx", "args": ["mcp-server-time"]});
    let (_folder, around) = home(&[
        (
            ".claude.json",
            json!({"mcpServers": {"time": time, "mcpproxy": {"url": "http://127.0.0.1:8080/mcp"}}}),
        ),
        (
            ".cursor/mcp.json",
            json!({"mcpServers": {"clock": time, "taken": {"url": "https://a.example/mcp"}}}),
        ),
        (
            ".config/Code/User/mcp.json",
            json!({"servers": {"time": {"command": "docker", "args": ["run", "x"]}}}),
        ),
    ]);
    let found = all(&around);
    let names: Vec<_> =
        found.iter().map(|one| (one.name.as_str(), one.kind.id(), one.origins.len())).collect();
    assert_eq!(names, [("time", "stdio", 2), ("taken-2", "remote", 1), ("time-2", "docker", 1)]);
}

#[test]
fn servers_of_projects_are_found_too() {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join(".mcp.json"), json!({"mcpServers": {"b": {"command": "b"}}}).to_string())
        .unwrap();
    let folder = project.path().to_str().unwrap();
    let (_folder, around) = home(&[(
        ".claude.json",
        json!({"projects": {folder: {"mcpServers": {"a": {"command": "a", "env": {"K": "${HOME_TOKEN}"}}}}}}),
    )]);
    let found = all(&around);
    assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(found.iter().all(|one| one.origins[0].project));
    assert_eq!(found.iter().map(|one| one.origins[0].shared).collect::<Vec<_>>(), [false, true]);
    assert_eq!(found[0].references, ["${env:HOME_TOKEN}"]);
}

#[test]
fn secrets_go_by_reference_and_keep_their_place() {
    let server = candidate(json!({
        "command": "npx",
        "args": ["-y", "pkg", "--api-key=abcdefgh", "--token", "ijklmnop", "--level", "info"],
        "env": {"GITHUB_TOKEN": "ghp_0123456789", "REGION": "eu", "OTHER_TOKEN": "${env:OTHER}"},
    }));
    let (entry, kept) = server.server("github", &[], |secret| secret.name.clone());
    assert_eq!(
        entry,
        json!({
            "name": "github", "command": "npx",
            "args": ["-y", "pkg", "--api-key=${keyring:my-server.api-key}", "--token", "${keyring:my-server.token}",
                "--level", "info"],
            "env": {"GITHUB_TOKEN": "${keyring:GITHUB_TOKEN}", "REGION": "eu", "OTHER_TOKEN": "${env:OTHER}"},
            "enabled": true,
        })
    );
    let kept: Vec<_> = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        kept,
        [
            ("GITHUB_TOKEN", "ghp_0123456789"),
            ("my-server.api-key", "abcdefgh"),
            ("my-server.token", "ijklmnop")
        ]
    );
    assert!(!format!("{server:?}").contains("ghp_"), "values do not show in debug output");
}

#[test]
fn headers_of_a_remote_server_are_kept_as_secrets() {
    let server = candidate(json!({"url": "https://a.example/mcp", "type": "sse",
        "headers": {"Authorization": "Bearer abcdefghijkl", "X-Team": "blue"}}));
    let (entry, kept) = server.server("a", &[], |secret| secret.name.clone());
    assert_eq!(entry["headers"]["Authorization"], "${keyring:my-server.Authorization}");
    assert_eq!((&entry["headers"]["X-Team"], &entry["protocol"]), (&json!("blue"), &json!("sse")));
    assert_eq!(kept[0].1, "Bearer abcdefghijkl");
}

#[test]
fn folders_of_arguments_become_volumes_only_where_they_are_granted() {
    let folder = tempfile::tempdir().unwrap();
    let (data, code) = (folder.path().join("data"), folder.path().join("code"));
    fs::create_dir(&data).unwrap();
    fs::create_dir(&code).unwrap();
    let (data, code) = (data.to_str().unwrap(), code.to_str().unwrap());
    let server = candidate(json!({"command": "uv",
        "args": ["--directory", code, "run", "server", data, "/", "/does/not/exist", format!("--root={data}")]}));
    assert_eq!(server.folders, [data]);
    let (entry, _) = server.server("x", &server.folders, |secret| secret.name.clone());
    assert_eq!(entry["isolation"]["volumes"], json!([format!("{data}:{data}:rw")]));
    let (entry, _) = server.server("x", &["/etc".to_owned()], |secret| secret.name.clone());
    assert!(entry.get("isolation").is_none(), "nothing but what the arguments name is ever granted");
}

#[test]
fn questions_of_the_other_client_are_told() {
    let server = candidate(json!({"command": "x", "env": {"A": "${input:key} ${env:B}"}}));
    assert_eq!(
        (server.unknown_words, server.references),
        (vec!["${input:key}".to_owned()], vec!["${env:B}".to_owned()])
    );
}

#[test]
fn a_script_keeps_its_own_words() {
    let server = candidate(json!({"command": "sh", "args": ["-c", "echo ${value%%,} ${line#*: } $HOME"]}));
    assert_eq!(server.unknown_words, [] as [&str; 0]);
    let server =
        candidate(json!({"command": "x", "args": ["${workspaceFolder}/a", "${input:b}", "${C:-d}"]}));
    assert_eq!(server.unknown_words, ["${C:-d}", "${input:b}", "${workspaceFolder}"]);
}

#[test]
fn a_disabled_server_stays_off_unless_another_client_uses_it() {
    let server = candidate(json!({"command": "x", "disabled": true}));
    assert_eq!(server.server("x", &[], |secret| secret.name.clone()).0["enabled"], false);
    let origin = |id: &str| Origin {
        client: find(id).unwrap(),
        file: String::new(),
        name: "x".to_owned(),
        project: false,
        shared: false,
    };
    let off = Entry::read(&json!({"command": "x", "disabled": true})).unwrap();
    let on = Entry::read(&json!({"command": "x"})).unwrap();
    let merged = merge(vec![(origin("cursor"), off), (origin("vscode"), on)], |_| false);
    assert_eq!((merged.len(), merged[0].entry.disabled), (1, false));
}

#[test]
fn names_are_free_and_usable() {
    assert_eq!(free_name("my server!", |_| false), "my-server");
    assert_eq!(free_name("a", |name| name == "a" || name == "a-2"), "a-3");
    assert_eq!(free_name("///", |_| false), "server");
}
