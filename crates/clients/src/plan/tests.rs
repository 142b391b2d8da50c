use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::{System, find};

struct Home {
    folder: TempDir,
    around: Surroundings,
    backups: Backups,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let around = Surroundings::new(folder.path().to_owned(), System::Linux, Vec::new());
        let backups = Backups::in_data_dir(&folder.path().join("data"));
        Self { folder, around, backups }
    }

    fn with(client: &str, text: &str) -> Self {
        let home = Self::new();
        let path = find(client).unwrap().file(&home.around);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        home
    }

    fn text(&self, client: &str) -> String {
        fs::read_to_string(find(client).unwrap().file(&self.around)).unwrap()
    }

    fn draw(&self, client: &str, action: &Action, key: Option<&str>) -> Result<Plan, ClientError> {
        let ours = Ours {
            url: "http://127.0.0.1:8080/mcp".to_owned(),
            program: "/opt/mcpproxy".to_owned(),
            args: vec!["stdio".to_owned()],
        };
        Plan::draw(find(client).unwrap(), &self.around, &ours, action, key)
    }

    fn make(&self, client: &str, action: &Action) -> Result<(), ClientError> {
        self.draw(client, action, Some(KEY))?.write(&self.around, &self.backups)
    }

    fn undo(&self, client: &str) -> Result<crate::Undone, ClientError> {
        self.backups.undo(find(client).unwrap(), &self.around)
    }
}

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const CURSOR: &str = "{\n  // mine\n  \"mcpServers\": {\n    \"time\": {\"command\": \"uvx\"}, // keep\n    \"github\": \
                      {\n      \"command\": \"npx\",\n      \"env\": {\"GITHUB_TOKEN\": \"ghp_aaaabbbbccccdddd\"}\n    \
                      }\n  }\n}\n";

fn connect(take: &[&str]) -> Action {
    Action::Connect { take: take.iter().map(|name| (*name).to_owned()).collect() }
}

#[test]
fn a_connection_adds_ours_takes_what_was_named_and_leaves_the_rest() {
    let home = Home::with("cursor", CURSOR);
    home.make("cursor", &connect(&["github"])).unwrap();
    let text = home.text("cursor");
    assert!(text.contains("// mine") && text.contains("\"time\": {\"command\": \"uvx\"}"), "{text}");
    assert!(text.contains("// keep") && !text.contains("npx") && text.contains(KEY), "{text}");
    assert!(home.draw("cursor", &connect(&[]), Some(KEY)).unwrap().is_done());
}

#[test]
fn a_difference_shows_no_secret_neither_ours_nor_anothers() {
    let home = Home::with("cursor", CURSOR);
    for key in [None, Some(KEY)] {
        let plan = home.draw("cursor", &connect(&["github"]), key).unwrap();
        let shown: String =
            plan.difference.iter().map(|line| format!("{}{}\n", line.kind, line.text)).collect();
        assert!(!shown.contains("ghp_aaaa") && !shown.contains(&KEY[..20]), "{shown}");
        assert!(shown.contains("+    \"mcpproxy\": {") && shown.contains("-    \"github\":"), "{shown}");
        assert_eq!(plan.taken(), ["github"]);
    }
}

#[test]
fn the_fingerprint_is_the_same_before_and_after_the_key_was_made() {
    let home = Home::with("cursor", CURSOR);
    let action = connect(&["github"]);
    let preview = home.draw("cursor", &action, None).unwrap();
    assert_eq!(preview.fingerprint, home.draw("cursor", &action, Some(KEY)).unwrap().fingerprint);
    assert_ne!(preview.fingerprint, home.draw("cursor", &connect(&[]), None).unwrap().fingerprint);
    fs::write(find("cursor").unwrap().file(&home.around), CURSOR.replace("mine", "thine")).unwrap();
    assert_ne!(preview.fingerprint, home.draw("cursor", &action, None).unwrap().fingerprint);
    let error = preview.write(&home.around, &home.backups).unwrap_err();
    assert_eq!(error.code(), "client_file_changed");
    assert!(!home.backups.has(find("cursor").unwrap()), "a change that was not made cannot be undone");
}

#[test]
fn a_broken_file_is_named_by_line_and_never_written() {
    let broken = "{\n  \"mcpServers\": {\n    \"a\": {}\n    \"b\": {}\n  }\n}\n";
    let home = Home::with("cursor", broken);
    let error = home.make("cursor", &connect(&[])).unwrap_err();
    assert_eq!((error.code(), error.position().unwrap().0), ("client_file_broken", 3));
    assert!(error.to_string().contains("~/.cursor/mcp.json"), "{error}");
    assert_eq!(home.text("cursor"), broken);
}

#[test]
fn a_key_that_stands_twice_is_left_to_the_person() {
    let twice =
        "{\"mcpServers\": {\"a\": {\"command\": \"a\"}}, \"mcpServers\": {\"b\": {\"command\": \"b\"}}}";
    let home = Home::with("cursor", twice);
    assert_eq!(home.make("cursor", &connect(&[])).unwrap_err().code(), "client_file_unusable");
    assert_eq!(home.text("cursor"), twice);
}

#[test]
fn a_file_that_was_not_there_is_made_and_undo_removes_it() {
    let home = Home::new();
    assert_eq!(home.make("cursor", &connect(&[])).unwrap_err().code(), "client_absent");
    fs::create_dir(home.folder.path().join(".cursor")).unwrap();
    home.make("cursor", &connect(&[])).unwrap();
    assert!(home.text("cursor").contains("mcpproxy"));
    assert!(home.undo("cursor").unwrap().whole);
    assert!(!home.folder.path().join(".cursor/mcp.json").exists());
    assert_eq!(home.undo("cursor").unwrap_err().code(), "client_nothing_to_undo");
}

#[test]
fn undo_after_an_edit_takes_back_only_what_was_ours() {
    let home = Home::with("cursor", CURSOR);
    home.make("cursor", &connect(&["github"])).unwrap();
    let path = find("cursor").unwrap().file(&home.around);
    fs::write(&path, home.text("cursor").replace("\"uvx\"", "\"other\"")).unwrap();
    assert!(!home.undo("cursor").unwrap().whole);
    let text = home.text("cursor");
    let servers = read(crate::Format::Json, &text).unwrap()["mcpServers"].clone();
    assert_eq!(servers["time"]["command"], "other");
    assert_eq!(servers["github"]["env"]["GITHUB_TOKEN"], "ghp_aaaabbbbccccdddd");
    assert!(servers.get("mcpproxy").is_none() && text.contains("// mine"), "{text}");
}

#[test]
fn an_entry_that_somebody_replaced_is_left_alone() {
    let home = Home::with("cursor", CURSOR);
    home.make("cursor", &connect(&["github"])).unwrap();
    let path = find("cursor").unwrap().file(&home.around);
    let own = "{\"mcpServers\": {\"mcpproxy\": {\"command\": \"x\"}, \"github\": {\"command\": \"y\"}}}";
    fs::write(&path, own).unwrap();
    home.undo("cursor").unwrap();
    assert_eq!(home.text("cursor"), own);
}

#[test]
fn a_copy_that_a_broken_off_change_left_stands_in_no_ones_way() {
    let home = Home::with("cursor", CURSOR);
    let folder = home.folder.path().join("data/client-backups/cursor");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("000001.copy"), "half a change").unwrap();
    home.make("cursor", &connect(&[])).unwrap();
    assert_ne!(home.text("cursor"), CURSOR);
    home.undo("cursor").unwrap();
    assert_eq!(home.text("cursor"), CURSOR);
}

#[test]
fn several_changes_are_undone_one_after_the_other() {
    let home = Home::with("cursor", CURSOR);
    home.make("cursor", &connect(&[])).unwrap();
    let connected = home.text("cursor");
    home.make("cursor", &Action::Disconnect).unwrap();
    assert!(!home.text("cursor").contains("mcpproxy"));
    home.undo("cursor").unwrap();
    assert_eq!(home.text("cursor"), connected);
    home.undo("cursor").unwrap();
    assert_eq!(home.text("cursor"), CURSOR);
}

#[test]
fn a_renamed_entry_of_ours_stays_where_it_is_and_is_corrected() {
    let text = "{\"mcpServers\": {\"all\": {\"command\": \"/old/mcpproxy\", \"args\": [\"stdio\"]}}}";
    let home = Home::with("claude-desktop", text);
    home.make("claude-desktop", &connect(&[])).unwrap();
    let after = home.text("claude-desktop");
    assert!(
        after.contains("/opt/mcpproxy") && after.contains("\"all\"") && !after.contains("\"mcpproxy\""),
        "{after}"
    );
    assert_eq!(home.make("claude-desktop", &connect(&["all"])).unwrap_err().code(), "client_entry_unknown");
}

#[cfg(unix)]
#[test]
fn kept_copies_are_the_owners_alone_and_few() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::with("cursor", CURSOR);
    for _ in 0..8 {
        home.make("cursor", &connect(&[])).unwrap();
        home.make("cursor", &Action::Disconnect).unwrap();
    }
    let folder = home.folder.path().join("data/client-backups/cursor");
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 20);
    assert!(files.iter().all(|path| fs::metadata(path).unwrap().permissions().mode() & 0o777 == 0o600));
}

#[test]
fn every_client_that_can_be_written_is_connected_and_undone() {
    for client in crate::clients() {
        let home = Home::new();
        let path = client.file(&home.around);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        home.make(client.id, &connect(&[])).unwrap();
        assert!(crate::is_connected(client, &home.around).unwrap(), "{}", client.id);
        home.undo(client.id).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "", "{}", client.id);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn connect_then_undo_gives_back_the_same_bytes(
        text in crate::text::tests::jsonc(), toml in crate::text::tests::tables(), take in any::<bool>(),
    ) {
        for (client, text) in [("cursor", text), ("codex", toml)] {
            let home = Home::with(client, &text);
            let servers = Contents::of(&File::of(find(client).unwrap(), &home.around), find(client).unwrap()).unwrap();
            let names: Vec<String> = servers.servers(find(client).unwrap()).keys().cloned().collect();
            let taken: Vec<&str> = names.iter().take(usize::from(take)).map(String::as_str).collect();
            home.make(client, &connect(&taken)).unwrap();
            prop_assert!(home.text(client).contains("127.0.0.1:8080"));
            prop_assert!(home.undo(client).unwrap().whole);
            prop_assert_eq!(home.text(client), text);
        }
    }
}
