use std::process::Command;

use proptest::prelude::*;

use super::*;

/// A person with a home of their own and a program in it.
struct Person {
    _home: tempfile::TempDir,
    surroundings: Surroundings,
}

impl Person {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let exe = home.path().join("mcpproxy-desktop");
        fs::write(&exe, "").unwrap();
        let surroundings = Surroundings {
            home: home.path().to_path_buf(),
            config_home: None,
            config_dirs: vec![home.path().join("etc/xdg")],
            exe,
            search: vec![home.path().to_path_buf()],
            desktops: vec!["GNOME".to_owned()],
            by_systemd: false,
            sandboxed: false,
        };
        Self { _home: home, surroundings }
    }

    /// Writes the person's entry as another program would.
    fn with(self, lines: &str) -> Self {
        let exe = self.surroundings.exe.display();
        self.put(
            &path(&self.surroundings),
            &format!("[Desktop Entry]\nType=Application\nExec={exe}\n{lines}\n"),
        );
        self
    }

    fn put(&self, path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn state(&self) -> State {
        crate::state(&self.surroundings)
    }

    fn set(&self, on: bool) -> State {
        crate::set(&self.surroundings, on).unwrap()
    }

    fn text(&self) -> String {
        fs::read_to_string(path(&self.surroundings)).unwrap()
    }
}

fn is_disabled(state: &State) -> bool {
    matches!(state, State::DisabledByPerson { place: Place::StartupApplications(_) })
}

#[test]
fn the_entry_is_written_to_the_letter() {
    let expected = "[Desktop Entry]\nType=Application\nVersion=1.0\nName=MCPProxy\n\
        Comment=Runs MCP servers in containers, behind one address\nExec=/usr/bin/mcpproxy-desktop --hidden\n\
        Icon=mcpproxy-desktop\nTerminal=false\nStartupNotify=false\nX-GNOME-Autostart-enabled=true\n";
    assert_eq!(render("/usr/bin/mcpproxy-desktop"), expected);
}

#[test]
fn a_path_is_quoted_for_the_command_line_and_then_for_the_string() {
    assert!(render("/a b/$x").contains("\nExec=\"/a b/\\\\$x\" --hidden\n"));
    assert!(render("/a\\b").contains("\nExec=\"/a\\\\\\\\b\" --hidden\n"));
}

#[test]
fn it_switches_on_and_off_and_leaves_no_file() {
    let person = Person::new();
    assert_eq!(person.state(), State::Off);
    assert_eq!(person.set(true), State::On);
    assert_eq!(person.set(true), State::On);
    assert_eq!(person.set(false), State::Off);
    assert!(!path(&person.surroundings).exists());
    assert_eq!(person.set(false), State::Off);
}

#[test]
fn the_folder_of_the_persons_choice_is_used() {
    let mut person = Person::new();
    person.surroundings.config_home = Some(person.surroundings.home.join("elsewhere"));
    person.set(true);
    assert!(person.surroundings.home.join("elsewhere/autostart/com.mcpproxy.MCPProxy.desktop").exists());
}

#[test]
fn what_a_person_switched_off_in_their_desktop_stays_off_until_they_click_here() {
    for line in ["Hidden=true", "X-GNOME-Autostart-enabled=false", "OnlyShowIn=KDE;", "NotShowIn=GNOME;"] {
        let person = Person::new().with(line);
        let before = person.text();
        assert!(is_disabled(&person.state()), "{line}");
        assert!(!crate::repair(&person.surroundings).unwrap(), "{line}");
        assert_eq!(person.text(), before, "{line}");
        assert_eq!(person.set(true), State::On, "{line}");
    }
}

#[test]
fn an_entry_for_this_desktop_is_on() {
    for line in
        ["OnlyShowIn=KDE;GNOME;", "NotShowIn=KDE;", "Hidden=false", "[Other]\nHidden=true", "#Hidden=true"]
    {
        assert_eq!(Person::new().with(line).state(), State::On, "{line}");
    }
}

#[test]
fn an_entry_that_starts_nothing_is_off() {
    for text in [
        "",
        "[Desktop Entry]\n",
        "[Desktop Entry]\nType=Link\nExec=/bin/true\n",
        "\0\u{fffd}",
        "Exec=/bin/true",
    ] {
        let person = Person::new();
        person.put(&path(&person.surroundings), text);
        assert_eq!(person.state(), State::Off, "{text:?}");
    }
}

#[test]
fn an_entry_copied_from_the_menu_or_with_env_in_front_is_ours() {
    for exec in ["mcpproxy-desktop %U", "env GDK_BACKEND=x11 mcpproxy-desktop --hidden"] {
        let person = Person::new().with(&format!("Exec={exec}"));
        assert_eq!(person.state(), State::On, "{exec}");
    }
}

#[test]
fn a_second_copy_that_exists_is_named_and_left_alone() {
    let person = Person::new().with("Exec=/bin/sh --hidden");
    assert_eq!(person.state(), State::Stale { path: "/bin/sh".into() });
    assert!(!crate::repair(&person.surroundings).unwrap());
}

#[test]
fn an_entry_for_a_program_that_is_gone_is_mended_and_keeps_what_the_person_added() {
    let person =
        Person::new().with("Exec=env A=1 \"/gone/My Apps/mcpproxy-desktop\" --hidden --verbose\nX-Mine=1");
    assert!(crate::repair(&person.surroundings).unwrap());
    assert_eq!(person.state(), State::On);
    let exe = person.surroundings.exe.display().to_string();
    assert!(person.text().contains(&format!("\nExec=env A=1 {exe} --hidden --verbose\nX-Mine=1\n")));
    assert!(!crate::repair(&person.surroundings).unwrap());
}

#[test]
fn the_administrators_entry_counts_and_the_person_can_decline_it() {
    let person = Person::new();
    let administrators = person.surroundings.home.join("etc/xdg/autostart/com.mcpproxy.MCPProxy.desktop");
    person.put(&administrators, &render(person.surroundings.exe.to_str().unwrap()));
    assert_eq!(person.state(), State::On);
    assert!(is_disabled(&person.set(false)));
    assert_eq!(person.set(true), State::On);
    person.put(&administrators, &render("/gone/mcpproxy-desktop"));
    fs::remove_file(path(&person.surroundings)).unwrap();
    assert!(!crate::repair(&person.surroundings).unwrap(), "it is not ours to mend");
}

#[test]
fn a_percent_sign_is_refused_before_anything_is_written() {
    let mut person = Person::new();
    person.surroundings.exe = "/home/a/100%/mcpproxy-desktop".into();
    assert_eq!(person.state(), State::Refused { reason: Refusal::Unstartable('%') });
    let error = crate::set(&person.surroundings, true).unwrap_err();
    assert_eq!(error.code(), "autostart_path_unstartable");
    assert!(!path(&person.surroundings).exists());
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_that_names_it() {
    let person = Person::new();
    person.put(&person.surroundings.home.join(".config"), "a file where the folder should be");
    let error = crate::set(&person.surroundings, true).unwrap_err();
    assert_eq!(error.code(), "autostart_write");
    assert!(error.to_string().contains("autostart"), "{error}");
}

#[test]
fn a_link_to_a_file_elsewhere_stays_a_link() {
    let person = Person::new();
    let kept = person.surroundings.home.join("dotfiles.desktop");
    fs::write(&kept, "").unwrap();
    let path = path(&person.surroundings);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&kept, &path).unwrap();
    person.set(true);
    assert!(path.is_symlink() && fs::read_to_string(kept).unwrap().contains("Exec="));
}

#[test]
fn inside_a_sandbox_nothing_is_written() {
    let mut person = Person::new();
    person.surroundings.sandboxed = true;
    assert_eq!(person.state(), State::Unsupported);
    assert!(crate::set(&person.surroundings, true).is_err());
}

/// Names that have broken other programs' entries.
const NASTY: &[&str] = &[
    "plain",
    "two words",
    "do$lar",
    "back`tick",
    "quo\"te",
    "apo'strophe",
    "back\\slash",
    "semi;colon",
    "ti~lde",
    "ümläut",
    "(paren)",
    "a&b|c<d>e",
    "star*?#",
];

/// A program that says its own path and its arguments, under a nasty name.
fn program_that_tells(folder: &Path, name: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let exe = folder.join(name).join("mcp proxy");
    fs::create_dir_all(exe.parent().unwrap()).unwrap();
    fs::write(&exe, "#!/bin/sh\nprintf '%s\\n' \"$0\" \"$@\"\n").unwrap();
    fs::set_permissions(&exe, fs::Permissions::from_mode(0o755)).unwrap();
    exe
}

#[test]
fn glib_starts_every_nasty_path_with_its_one_argument() {
    if Command::new("gio").arg("version").output().is_err() {
        println!("passed over: there is no gio");
        return;
    }
    for name in NASTY {
        let folder = tempfile::tempdir().unwrap();
        let exe = program_that_tells(folder.path(), name);
        let file = folder.path().join("entry.desktop");
        fs::write(&file, render(exe.to_str().unwrap())).unwrap();
        // The program inherits the output, so that waiting for its end waits for the program as well.
        let launch = Command::new("gio").arg("launch").arg(&file).output().unwrap();
        assert!(launch.status.success(), "{name}: {launch:?}");
        assert_eq!(
            String::from_utf8(launch.stdout).unwrap(),
            format!("{}\n--hidden\n", exe.display()),
            "{name}"
        );
    }
}

/// Where distributions keep systemd's reader of autostart entries.
const GENERATOR: &str = "/usr/lib/systemd/user-generators/systemd-xdg-autostart-generator";

/// The unit that systemd makes of the person's entry, if it takes it up.
fn unit(person: &Person) -> Option<PathBuf> {
    let out = person.surroundings.home.join("units");
    let _ = fs::remove_dir_all(&out);
    let folders: Vec<PathBuf> = ["normal", "early", "late"].map(|name| out.join(name)).to_vec();
    folders.iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    let run = Command::new(GENERATOR)
        .args(&folders)
        .env_clear()
        .env("HOME", &person.surroundings.home)
        .env("XDG_CONFIG_HOME", person.surroundings.home.join(".config"))
        .env("XDG_CONFIG_DIRS", "/nonexistent")
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    Some(folders[2].join("app-com.mcpproxy.MCPProxy@autostart.service")).filter(|unit| unit.exists())
}

/// Whether systemd would start the unit that it made.
fn would_start(unit: &Path) -> bool {
    // The condition asks a program of the desktop that may not be installed here; it is not what this is about.
    let text = fs::read_to_string(unit).unwrap();
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with("ExecCondition="))
        .flat_map(|line| [line, "\n"])
        .collect();
    let copy = unit.with_file_name("entry.service");
    fs::write(&copy, text).unwrap();
    let verify = Command::new("systemd-analyze")
        .args(["--user", "verify"])
        .arg(&copy)
        .env("XDG_RUNTIME_DIR", unit.parent().unwrap())
        .output()
        .unwrap();
    !String::from_utf8_lossy(&verify.stderr).contains("bad unit file setting")
}

#[test]
fn systemd_starts_every_path_that_is_not_refused_and_no_hidden_one() {
    if !Path::new(GENERATOR).exists() {
        println!("passed over: there is no {GENERATOR}");
        return;
    }
    for name in NASTY {
        let mut person = Person::new();
        person.surroundings.exe = program_that_tells(&person.surroundings.home, name);
        person.set(true);
        let starts = unit(&person).is_some_and(|unit| would_start(&unit));
        assert_eq!(starts, refusal(person.surroundings.exe.to_str().unwrap(), true).is_none(), "{name}");
        person.put(&path(&person.surroundings), &(person.text() + "Hidden=true\n"));
        assert_eq!(unit(&person), None, "{name}");
    }
}

proptest! {
    #[test]
    fn every_path_that_is_not_refused_is_read_back_as_it_was_written(path in "/[^\\x00-\\x1f\\x7f-\\u{9f}%]{0,60}") {
        let text = render(&path);
        prop_assert_eq!(Entry::parse(&text).program(), Some(path.clone()));
        let line = exec::unescape(text.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap());
        let words: Vec<String> = exec::words(&line).into_iter().map(|word| word.text).collect();
        prop_assert_eq!(words, vec![path, "--hidden".to_owned()]);
    }

    #[test]
    fn no_text_makes_the_reader_fail(text in "(\\[Desktop Entry\\]\nType=Application\nExec=)?\\PC{0,80}") {
        let entry = Entry::parse(&text);
        let _ = (entry.program(), entry.is_switched_off(&[]), entry.with_program(&text, "/x y"));
    }
}
