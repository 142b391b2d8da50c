use mcpproxy_config::Document;
use proptest::prelude::*;

use super::*;

fn config(command: &str) -> Config {
    let text = format!(
        r#"{{"docker_isolation": {{"enabled": true}},
            "mcpServers": [{{"name": "a", "command": "{command}"}}, {{"name": "b", "command": "npx"}}]}}"#
    );
    Document::parse(&text).unwrap().config().clone()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn hour() -> Span {
    Span::For(Duration::from_secs(3600))
}

#[tokio::test]
async fn an_exemption_is_kept_over_a_restart_and_ends_at_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let config = config("npx");
    let mut first = Exemptions::load(folder.path(), at(0));
    first.grant(&config.servers["a"], hour(), at(0)).unwrap();
    let mut second = Exemptions::load(folder.path(), at(60));
    assert_eq!(second.of(&config.servers["a"]), Some(Unprotected::Until(at(3600))));
    assert_eq!(second.of(&config.servers["b"]), None);
    assert_eq!(second.sweep(&config, at(3599)), Vec::<String>::new());
    assert_eq!(second.sweep(&config, at(3600)), ["a"]);
    assert!(!folder.path().join(FILE).exists(), "nothing is left to keep");
}

#[tokio::test]
async fn one_that_is_over_at_the_start_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let config = config("npx");
    Exemptions::load(folder.path(), at(0)).grant(&config.servers["a"], hour(), at(0)).unwrap();
    assert_eq!(Exemptions::load(folder.path(), at(4000)).of(&config.servers["a"]), None);
    assert_eq!(
        Exemptions::load(folder.path(), at(-1)).of(&config.servers["a"]),
        None,
        "a clock that was set back"
    );
}

#[tokio::test]
async fn what_ends_with_the_program_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let config = config("npx");
    let mut exemptions = Exemptions::load(folder.path(), at(0));
    exemptions.grant(&config.servers["a"], Span::UntilQuit, at(0)).unwrap();
    assert_eq!(exemptions.of(&config.servers["a"]), Some(Unprotected::UntilQuit));
    assert_eq!(exemptions.sweep(&config, at(1_000_000)), Vec::<String>::new());
    assert_eq!(Exemptions::load(folder.path(), at(1)).of(&config.servers["a"]), None);
}

#[tokio::test]
async fn another_command_under_the_same_name_has_no_exemption() {
    let folder = tempfile::tempdir().unwrap();
    let mut exemptions = Exemptions::load(folder.path(), at(0));
    exemptions.grant(&config("npx").servers["a"], hour(), at(0)).unwrap();
    let changed = config("sh");
    assert_eq!(exemptions.of(&changed.servers["a"]), None, "even before it is swept");
    assert_eq!(exemptions.sweep(&changed, at(1)), ["a"]);
}

#[tokio::test]
async fn an_exemption_that_cannot_be_kept_is_not_given() {
    let folder = tempfile::tempdir().unwrap();
    let config = config("npx");
    let mut exemptions = Exemptions::load(&folder.path().join("missing"), at(0));
    assert!(exemptions.grant(&config.servers["a"], hour(), at(0)).is_err());
    assert_eq!(exemptions.of(&config.servers["a"]), None);
}

#[tokio::test]
async fn a_damaged_file_exempts_nobody() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), "{\"servers\": {\"a\": {\"until\": \"9999").unwrap();
    assert_eq!(Exemptions::load(folder.path(), at(0)).next_look(at(0)), None);
}

#[tokio::test(start_paused = true)]
async fn a_calendar_that_stands_still_does_not_make_it_last_longer() {
    let folder = tempfile::tempdir().unwrap();
    let config = config("npx");
    let mut exemptions = Exemptions::load(folder.path(), at(0));
    exemptions.grant(&config.servers["a"], hour(), at(0)).unwrap();
    tokio::time::advance(Duration::from_secs(3601)).await;
    assert_eq!(exemptions.sweep(&config, at(10)), ["a"]);
}

proptest! {
    #[test]
    fn it_holds_exactly_between_its_beginning_and_its_end(
        length in 1u64..10_000_000, seen in -1_000_000i64..11_000_000, restart in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let config = config("npx");
        let mut exemptions = Exemptions::load(folder.path(), at(0));
        exemptions.grant(&config.servers["a"], Span::For(Duration::from_secs(length)), at(0)).unwrap();
        if restart {
            exemptions = Exemptions::load(folder.path(), at(seen));
        }
        exemptions.sweep(&config, at(seen));
        let length = i64::try_from(length.min(LONGEST.as_secs())).unwrap();
        prop_assert_eq!(exemptions.of(&config.servers["a"]).is_some(), (0..length).contains(&seen));
    }
}
