use std::process::{Command, Stdio};

use super::*;

const EXE: &str = "/Applications/MCPProxy.app/Contents/MacOS/mcpproxy-desktop";

/// Paths that break a property list made by joining texts.
const NASTY: &[&str] = &["/a & b/x", "/a < b/x", "/it's/x", "/a \"b\"/x", "/ü/x", "/]]>/x"];

fn surroundings(home: &Path, exe: &str) -> Surroundings {
    Surroundings {
        home: home.to_path_buf(),
        config_home: None,
        config_dirs: Vec::new(),
        exe: PathBuf::from(exe),
        search: Vec::new(),
        desktops: Vec::new(),
        by_systemd: false,
        sandboxed: false,
    }
}

fn here(exe: &str) -> Surroundings {
    surroundings(Path::new("/Users/a"), exe)
}

#[test]
fn the_agent_is_written_to_the_letter() {
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>com.mcpproxy.MCPProxy</string>
	<key>ProgramArguments</key>
	<array>
		<string>/Applications/MCPProxy.app/Contents/MacOS/mcpproxy-desktop</string>
		<string>--hidden</string>
	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>LimitLoadToSessionType</key>
	<string>Aqua</string>
	<key>ProcessType</key>
	<string>Interactive</string>
	<key>AssociatedBundleIdentifiers</key>
	<array>
		<string>com.mcpproxy.MCPProxy</string>
	</array>
</dict>
</plist>
"#;
    assert_eq!(String::from_utf8(render(&agent(EXE)).unwrap()).unwrap(), expected);
}

#[test]
fn any_path_is_read_back_as_it_was_written() {
    for path in NASTY {
        let bytes = render(&agent(path)).unwrap();
        let read = Value::from_reader(io::Cursor::new(bytes)).unwrap();
        assert_eq!(program(&read), Some(*path));
        assert_eq!(judge(&read, false, &here(path)), State::On);
    }
}

#[test]
fn python_reads_the_same_agent() {
    let python = "import plistlib,sys; print(plistlib.loads(sys.stdin.buffer.read())['ProgramArguments'][0])";
    for path in NASTY {
        let child = Command::new("python3")
            .args(["-X", "utf8", "-c", python])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            println!("passed over: there is no python3");
            return;
        };
        io::Write::write_all(child.stdin.as_mut().unwrap(), &render(&agent(path)).unwrap()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            String::from_utf8(output.stdout).unwrap().trim_end(),
            *path,
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn what_the_person_switched_off_is_told_as_such() {
    let disabled = State::DisabledByPerson { place: Place::LoginItems };
    assert_eq!(judge(&agent(EXE), true, &here(EXE)), disabled);
    let mut agent = agent(EXE);
    agent.as_dictionary_mut().unwrap().insert("Disabled".into(), Value::Boolean(true));
    assert_eq!(judge(&agent, false, &here(EXE)), disabled);
}

#[test]
fn the_listing_of_both_generations_of_launchctl_is_understood() {
    let listing = |state| {
        format!("disabled services = {{\n\t\"com.other\" => disabled\n\t\"{APP_ID}\" => {state}\n}}\n")
    };
    for (state, expected) in [("disabled", true), ("true", true), ("enabled", false), ("false", false)] {
        assert_eq!(is_listed_as_disabled(&listing(state)), expected, "{state}");
    }
    assert!(!is_listed_as_disabled(""));
    assert!(!is_listed_as_disabled("\"com.mcpproxy.MCPProxy.other\" => disabled"));
}

#[test]
fn an_agent_that_starts_nothing_at_login_is_off() {
    let mut without = agent(EXE);
    without.as_dictionary_mut().unwrap().remove("RunAtLoad");
    assert_eq!(judge(&without, false, &here(EXE)), State::Off);
    assert_eq!(judge(&Value::Boolean(true), false, &here(EXE)), State::Off);
}

#[test]
fn a_place_that_is_gone_at_login_is_refused() {
    let moved = "/private/var/folders/x/AppTranslocation/1/d/MCPProxy.app/Contents/MacOS/mcpproxy-desktop";
    assert_eq!(refusal(moved), Some(Refusal::Translocated));
    assert_eq!(refusal("/Volumes/MCPProxy/MCPProxy.app/x"), Some(Refusal::MountedVolume));
    assert_eq!(refusal(EXE), None);
}

#[test]
fn it_is_written_mended_and_removed_and_keeps_what_the_person_added() {
    let home = tempfile::tempdir().unwrap();
    let before = surroundings(home.path(), "/Old/MCPProxy.app/Contents/MacOS/mcpproxy-desktop");
    let now = surroundings(home.path(), EXE);
    set(&before, true).unwrap();
    assert_eq!(state(&before), State::On);
    assert_eq!(state(&now), State::Stale { path: before.exe.clone() });

    let mut edited = read(&path(&now)).unwrap().unwrap();
    edited.as_dictionary_mut().unwrap().insert("Nice".into(), Value::Integer(5.into()));
    put(&path(&now), &edited).unwrap();
    assert!(repair(&now).unwrap());
    assert_eq!(state(&now), State::On);
    let mended = read(&path(&now)).unwrap().unwrap();
    assert_eq!(mended.as_dictionary().unwrap().get("Nice"), Some(&Value::Integer(5.into())));

    set(&now, false).unwrap();
    assert_eq!(state(&now), State::Off);
    assert!(!path(&now).exists());
}

#[test]
fn a_file_that_is_no_property_list_is_said_to_be_unreadable() {
    let home = tempfile::tempdir().unwrap();
    let here = surroundings(home.path(), EXE);
    std::fs::create_dir_all(path(&here).parent().unwrap()).unwrap();
    std::fs::write(path(&here), "<plist><dict>").unwrap();
    assert_eq!(state(&here).code(), "autostart_unreadable");
}
