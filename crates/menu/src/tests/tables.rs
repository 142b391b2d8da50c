//! Whole menus, headlines and tooltips for the snapshots that matter.

use super::*;
use crate::command::Command;

fn lines(input: &Input) -> Vec<String> {
    menu(input).outline().lines().map(str::to_owned).collect()
}

fn first(input: &Input) -> (IconState, String, String) {
    (icon(input), headline(input), tooltip(input))
}

fn row(input: &Input, id: &str) -> Item {
    let menu = menu(input);
    let found = menu.walk().into_iter().find_map(|(_, entry)| match entry {
        Entry::Item(item) if item.id.to_string() == id => Some(item.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no {id} in\n{}", menu.outline()))
}

fn has(input: &Input, id: &str) -> bool {
    menu(input).walk().iter().any(|(_, entry)| match entry {
        Entry::Item(item) => item.id.to_string() == id,
        Entry::Submenu(sub) => sub.id.to_string() == id,
        Entry::Separator => false,
    })
}

#[test]
fn a_healthy_menu_reads_from_state_to_quit() {
    let mut input = running(vec![ready("github")]);
    input.today = Some(Today { calls: 84, failed: 3, blocked: 2 });
    input.autostart = Autostart::On;
    let wanted = "\
MCPProxy: 1 server isolated
Today: 84 calls, 2 blocked
---
● github >
  Ready, 26 tools.
  Isolated in a container
  ---
  [x] Isolation
  [x] Turned on
  Restart
  Show logs
---
Docker: Ready, OrbStack
Pause all servers
Open MCPProxy
Open logs
---
[x] Start at login
Settings…
Quit MCPProxy
";
    assert_eq!(menu(&input).outline(), wanted);
    let tip = "MCPProxy: 1 server isolated, 84 calls today, 2 blocked";
    assert_eq!(first(&input), (IconState::Healthy, "MCPProxy: 1 server isolated".into(), tip.into()));
}

#[test]
fn without_servers_the_menu_still_offers_window_logs_and_quit() {
    let input = running(Vec::new());
    let wanted = "\
MCPProxy: no servers yet
---
Docker: Ready, OrbStack
Open MCPProxy
Open logs
---
[ ] Start at login
Settings…
Quit MCPProxy
";
    assert_eq!(menu(&input).outline(), wanted);
    assert_eq!(icon(&input), IconState::Healthy);
}

#[test]
fn while_it_starts_servers_have_no_switches_and_quit_works() {
    let mut input = running(vec![with("github", "state_starting", "Starting.", Stand::Running)]);
    input.phase = Phase::Starting;
    assert!(!has(&input, "toggle-isolation:github"));
    assert!(row(&input, "quit").enabled);
    assert_eq!(row(&input, "show:github").text, "◔ github, starting");
    assert_eq!(
        first(&input),
        (IconState::Starting, "MCPProxy: starting".into(), "MCPProxy: starting".into())
    );
}

#[test]
fn a_missing_engine_is_told_with_the_number_of_those_that_wait() {
    let input = without_engine(running(vec![ready("a"), ready("b")]), "engine_not_running");
    let tip = "MCPProxy: Docker is not running, 2 servers are waiting";
    assert_eq!(first(&input), (IconState::EngineDown, "MCPProxy: Docker is not running".into(), tip.into()));
    assert!(lines(&input).contains(&"◷ a, waiting for Docker >".to_owned()));
    assert_eq!(row(&input, "engine").text, "Docker: Not running");
    assert!(has(&input, "check-engine"));
}

#[test]
fn each_reason_of_a_missing_engine_has_words_of_its_own() {
    let told = |code| headline(&without_engine(running(vec![ready("a")]), code));
    assert_eq!(told("engine_not_installed"), "MCPProxy: no container engine was found");
    assert_eq!(told("engine_no_permission"), "MCPProxy: your user may not use Docker");
    assert_eq!(told("engine_too_old"), "MCPProxy: the engine is too old");
    assert_eq!(told("engine_wrong_os"), "MCPProxy: Docker runs Windows containers");
    assert_eq!(told("engine_disk_full"), "MCPProxy: the engine's disk is full");
    assert_eq!(told("engine_stopped"), "MCPProxy: Docker is not running");
}

#[test]
fn an_engine_that_nobody_waits_for_is_no_alarm() {
    let mut input = running(vec![Server { protection: Protection::Elsewhere, ..ready("remote") }]);
    input.engine = Engine { code: "engine_not_installed".into(), product: String::new(), available: false };
    assert_eq!(icon(&input), IconState::Healthy);
    assert_eq!(headline(&input), "MCPProxy: 1 server");
}

#[test]
fn a_failed_server_is_named_with_its_verb() {
    let failed = with("puppeteer", "state_failed", "Stopped with an error.", Stand::NeedsYou);
    let input = running(vec![ready("a"), failed]);
    assert_eq!(icon(&input), IconState::NeedsYou);
    assert_eq!(headline(&input), "MCPProxy: 1 server needs you");
    assert_eq!(row(&input, "attend:puppeteer").text, "puppeteer: stopped with an error. See why…");
}

#[test]
fn a_server_out_of_memory_offers_more_in_its_line_and_in_its_submenu() {
    let mut server = with("p", "server_out_of_memory", "Ran out of memory at 512m.", Stand::NeedsYou);
    server.mend = Some(Mend::RaiseMemory { to: "1g".into() });
    let input = running(vec![server]);
    assert_eq!(row(&input, "attend:p").text, "p: out of memory. Raise to 1g");
    assert_eq!(row(&input, "raise-memory:p").text, "Raise memory to 1g");
}

#[test]
fn a_held_server_asks_for_a_look() {
    let mut server = with("notes", "state_quarantined", "New; held until you look.", Stand::NeedsYou);
    server.mend = Some(Mend::Review);
    assert_eq!(row(&running(vec![server]), "attend:notes").text, "notes: held, new. Review…");
}

#[test]
fn at_most_three_lines_name_what_needs_a_person() {
    let failed = |name: &str| with(name, "state_failed", "Stopped.", Stand::NeedsYou);
    let input = running(["a", "b", "c", "d"].map(failed).to_vec());
    assert_eq!(lines(&input).iter().filter(|line| line.ends_with("See why…")).count(), 3);
    assert_eq!(headline(&input), "MCPProxy: 4 servers need you");
}

#[test]
fn pause_gives_way_to_resume() {
    let mut input = running(vec![ready("a")]);
    input.paused = Some("14:10".into());
    let told = "MCPProxy: paused by you at 14:10";
    assert_eq!(first(&input), (IconState::Paused, told.into(), told.into()));
    assert!(has(&input, "resume") && !has(&input, "pause"));
}

#[test]
fn an_unprotected_server_is_named_with_the_time_that_is_left() {
    let input = running(vec![ready("a"), open("obsidian", Some(42)), open("b", None)]);
    let tip = "MCPProxy: 2 servers run unprotected, 42 min left";
    assert_eq!(
        first(&input),
        (IconState::Unprotected, "MCPProxy: 2 servers run unprotected".into(), tip.into())
    );
    assert_eq!(row(&input, "isolate:obsidian").text, "obsidian runs unprotected. Isolate now");
    assert_eq!(row(&input, "protection:obsidian").text, "Unprotected, isolated again in 42 min");
    assert_eq!(row(&input, "toggle-isolation:obsidian").checked, Some(false));
    assert!(lines(&input).contains(&"◇ obsidian, unprotected >".to_owned()));
}

#[test]
fn with_the_global_switch_off_one_line_turns_it_on() {
    let mut input = running(vec![open("a", None), open("b", None)]);
    input.isolation_enabled = false;
    assert_eq!(row(&input, "isolate-all").text, "Isolation is off for all 2 servers. Turn it on");
    assert!(!has(&input, "isolate:a"));
}

#[test]
fn a_turned_off_server_that_would_run_unprotected_alarms_nobody() {
    let server =
        Server { enabled: false, stand: Stand::Off, code: "state_disabled".into(), ..open("a", None) };
    let input = running(vec![server]);
    assert_eq!(first(&input).0, IconState::Healthy);
    assert_eq!(headline(&input), "MCPProxy: all servers are turned off");
    assert_eq!(row(&input, "toggle:a").checked, Some(false));
    assert!(!has(&input, "restart:a") && !has(&input, "pause"));
}

#[test]
fn long_calls_show_as_busy() {
    let mut input = running(vec![ready("a")]);
    input.calls_running = 2;
    assert_eq!(first(&input).0, IconState::Busy);
    assert_eq!(headline(&input), "MCPProxy: 2 calls running");
}

#[test]
fn the_first_matching_state_wins() {
    let mut input = running(vec![
        with("f", "state_failed", "Stopped.", Stand::NeedsYou),
        open("o", None),
        with("w", "waiting_for_engine", "Waiting.", Stand::WaitsForEngine),
    ]);
    input.calls_running = 1;
    input.paused = Some("14:10".into());
    assert_eq!(icon(&input), IconState::NeedsYou);
    input.engine.available = false;
    assert_eq!(icon(&input), IconState::EngineDown);
    input.phase = Phase::Starting;
    assert_eq!(icon(&input), IconState::Starting);
    input.phase = Phase::Running;
    input.servers.retain(|server| server.name == "o");
    assert_eq!(icon(&input), IconState::Paused);
    input.paused = None;
    assert_eq!(icon(&input), IconState::Unprotected);
}

#[test]
fn a_start_that_failed_says_why_and_can_be_tried_again() {
    let mut input = running(Vec::new());
    input.phase = Phase::Failed { reason: "Port 8080 is used by another program.".into() };
    let wanted = "\
MCPProxy could not start
Port 8080 is used by another program. (off)
Try again
---
Open MCPProxy
Open logs
---
[ ] Start at login
Quit MCPProxy
";
    assert_eq!(menu(&input).outline(), wanted);
    assert_eq!(icon(&input), IconState::NeedsYou);
    assert!(tooltip(&input).contains("Port 8080"));
}

#[test]
fn an_unexpected_end_is_told_until_somebody_looks() {
    let mut input = running(Vec::new());
    input.crashed = true;
    assert_eq!(row(&input, "crash-report").text, "MCPProxy ended unexpectedly. Show the report…");
    input.crashed = false;
    assert!(!has(&input, "crash-report"));
}

#[test]
fn while_it_quits_only_that_is_said() {
    let mut input = running(vec![ready("a")]);
    input.phase = Phase::Quitting;
    assert_eq!(menu(&input).outline(), "MCPProxy: stopping all servers…\n");
}

#[test]
fn start_at_login_shows_what_the_system_says() {
    let mut input = running(Vec::new());
    assert_eq!(row(&input, "autostart").checked, Some(false));
    input.autostart = Autostart::Refused;
    assert_eq!(row(&input, "autostart").text, "Start at login: refused by the system. Open settings…");
    assert_eq!(row(&input, "autostart").checked, None);
    input.autostart = Autostart::Unknown;
    assert!(!has(&input, "autostart"));
}

#[test]
fn servers_elsewhere_and_in_their_own_container_have_no_isolation_switch() {
    let own = Server { protection: Protection::OwnContainer, ..ready("own") };
    let away = Server { protection: Protection::Elsewhere, ..ready("away") };
    let input = running(vec![own, away]);
    assert!(!has(&input, "toggle-isolation:own") && !has(&input, "toggle-isolation:away"));
    assert!(row(&input, "protection:own").text.contains("its own container"));
}

#[test]
fn ten_servers_stand_in_the_menu_and_eleven_are_grouped() {
    let many = |count: usize| running((0..count).map(|at| ready(&format!("s{at}"))).collect());
    assert!(has(&many(10), "server:s9") && !has(&many(10), "all/group:all"));
    assert!(!has(&many(11), "server:s9") && has(&many(11), "all/server:s9"));
    assert!(lines(&many(11)).contains(&"All servers (11) >".to_owned()));
    assert!(lines(&many(11)).contains(&"  Running (11) >".to_owned()));
}

#[test]
fn groups_add_up_to_their_heading_and_what_needs_a_person_stays_in_sight() {
    let mut servers: Vec<Server> = (0..20).map(|at| ready(&format!("s{at}"))).collect();
    servers.extend((0..12).map(|at| with(&format!("z{at}"), "state_asleep", "Asleep.", Stand::Asleep)));
    servers.push(with("bad", "state_failed", "Stopped.", Stand::NeedsYou));
    servers.extend((0..4).map(|at| Server {
        enabled: false,
        ..with(&format!("o{at}"), "state_disabled", "Turned off.", Stand::Off)
    }));
    let input = running(servers);
    let lines = lines(&input);
    for heading in
        ["All servers (37) >", "  Needs you (1) >", "  Running (20) >", "  Asleep (12) >", "  Off (4) >"]
    {
        assert!(lines.contains(&heading.to_owned()), "{heading} is missing in {lines:#?}");
    }
    assert!(has(&input, "server:bad") && has(&input, "all/server:bad"));
}

#[test]
fn a_change_of_state_keeps_the_shape_and_a_new_server_changes_it() {
    let before = menu(&running(vec![ready("a")]));
    let busy = menu(&running(vec![with("a", "state_restarting", "Restarting.", Stand::Running)]));
    let other = menu(&running(vec![ready("a"), ready("b")]));
    assert!(before.same_shape(&busy) && before != busy);
    assert!(!before.same_shape(&other));
}

#[test]
fn hostile_names_stay_on_one_line_and_in_one_direction() {
    let name = "evil\u{202e}\n\u{7}name with far too many letters in it to be read in any menu";
    let input = running(vec![ready(name)]);
    let text = lines(&input).iter().find(|line| line.contains("evil")).unwrap().clone();
    assert!(text.chars().all(|letter| !letter.is_control() && letter != '\u{202e}'), "{text:?}");
    assert!(text.chars().count() < 50, "{text}");
    assert!(has(&input, &Command::Restart(name.into()).to_string()));
}

#[test]
fn ids_are_texts_in_json_and_come_back() {
    let id = Id { command: Command::ToggleIsolation("a:b/c".into()), listed: true };
    assert_eq!(serde_json::to_string(&id).unwrap(), r#""all/toggle-isolation:a:b/c""#);
    assert_eq!(serde_json::from_str::<Id>(r#""all/toggle-isolation:a:b/c""#).unwrap(), id);
    let error = "format-disk:a".parse::<Command>().unwrap_err();
    assert_eq!(error.code(), "menu_row_unknown");
}
