//! Real shells with real start-up files, pleasant and awkward ones.
//!
//! `sh` and `bash` are always there; `dash`, `zsh`, `fish` and others are asked where they are installed.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test has to end it")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mcpproxy_login_env::{
    CaptureError, CaptureOptions, Environment, Mode, Origin, Recipient, cached, capture,
};

/// A deadline for shells that will not answer.
const SHORT: Duration = Duration::from_millis(1500);
/// A deadline for shells that will, however busy the machine is.
const LONG: Duration = Duration::from_secs(60);

/// A home folder of its own, with start-up files for every shell.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    /// The same lines for all shells of the Bourne family, in the file that each of them reads.
    fn with(lines: &str) -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        for name in [".profile", ".bash_profile", ".zshrc"] {
            home.write(name, lines);
        }
        home
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn options(&self, shell: &str, deadline: Duration) -> CaptureOptions {
        let own = [("PATH", "/usr/bin:/bin"), ("HOME", "/wrong"), ("USER", "me"), ("LANG", "C")];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        CaptureOptions {
            mode: Mode::Always,
            shell: Some(installed(shell).unwrap()),
            home: Some(self.path().to_owned()),
            responder: Some(env!("CARGO_BIN_EXE_login-env-responder").into()),
            deadline,
            retry_deadline: deadline,
            allow_root: true,
            ..CaptureOptions::new(own)
        }
    }

    async fn ask(&self, shell: &str) -> Environment {
        capture(self.options(shell, LONG)).await.unwrap_or_else(|error| panic!("{shell}: {error:?}"))
    }
}

fn installed(shell: &str) -> Option<PathBuf> {
    // Nushell comes from no distribution's usual place; who runs the suites says where it is.
    if let Some(given) = std::env::var_os("MCPPROXY_TEST_NU").filter(|_| shell == "nu") {
        return Some(given.into());
    }
    let places = ["/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];
    places.iter().map(|place| Path::new(place).join(shell)).find(|path| path.is_file())
}

/// Those of these shells that are installed; the first two always are.
fn shells() -> Vec<&'static str> {
    assert!(installed("sh").is_some() && installed("bash").is_some());
    ["sh", "bash", "dash", "zsh"].into_iter().filter(|shell| installed(shell).is_some()).collect()
}

/// Those that read the same files with and without `-i`, so that asking again does not help.
fn stubborn_shells() -> Vec<&'static str> {
    shells().into_iter().filter(|shell| *shell != "zsh").collect()
}

/// Waits for a condition that has to come true.
async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let limit = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < limit, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The process id that a start-up file has written, and whether that process is there.
fn written_pid(path: &Path) -> Option<i32> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Whether the process runs; one that has ended and waits to be collected does not.
fn is_alive(pid: i32) -> bool {
    let state = if cfg!(target_os = "linux") {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").map(|(_, state)| state.to_owned()).unwrap_or_default()
    } else {
        let ps =
            std::process::Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
        String::from_utf8_lossy(&ps.stdout).trim().to_owned()
    };
    !state.is_empty() && !state.starts_with('Z')
}

#[tokio::test]
async fn each_shell_gives_what_its_startup_files_set() {
    let home = Home::with(
        "export PATH=/from/rc:$PATH\nexport DOCKER_HOST=unix:///rc.sock\nexport GITHUB_TOKEN=hidden\n\
         export LC_TIME='two\nlines'\nexport HOME=/changed LANG=rc\n",
    );
    for shell in shells() {
        let environment = home.ask(shell).await;
        assert_eq!(environment.origin(), Origin::Shell, "{shell}");
        assert_eq!(environment.path()[0], Path::new("/from/rc"), "{shell}");
        assert!(environment.path().contains(&PathBuf::from("/usr/bin")), "{shell}");
        assert_eq!(environment.get("DOCKER_HOST"), Some("unix:///rc.sock"), "{shell}");
        assert_eq!(environment.get("LC_TIME"), Some("two\nlines"), "{shell}");
        assert_eq!(environment.get("GITHUB_TOKEN"), None, "{shell}");
        // The operator's own settings stand above the shell's, and the session is never the shell's.
        assert_eq!(
            (environment.get("LANG"), environment.get("HOME")),
            (Some("C"), Some("/wrong")),
            "{shell}"
        );
        let child = environment.for_child(Recipient::HostServer);
        assert!(!child.contains_key("MCPPROXY_ENV_NONCE") && child["USER"] == "me", "{shell}");
    }
}

#[tokio::test]
async fn fish_and_the_c_shell_are_asked_in_their_own_way() {
    let home = Home::with("");
    home.write(".config/fish/config.fish", "set -gx PATH /from/rc $PATH\n");
    home.write(".tcshrc", "setenv PATH /from/rc:$PATH\n");
    for shell in ["fish", "tcsh"].into_iter().filter(|shell| installed(shell).is_some()) {
        for responder in [home.options(shell, LONG).responder, None] {
            let options = CaptureOptions { responder, ..home.options(shell, LONG) };
            let environment = capture(options).await.unwrap_or_else(|error| panic!("{shell}: {error:?}"));
            assert_eq!(environment.path()[0], Path::new("/from/rc"), "{shell}");
        }
    }
}

/// Nushell takes its words apart only, keeps `PATH` as a list, and reads files of its own.
#[tokio::test]
async fn nushell_is_asked_through_the_responder_and_without_it() {
    if installed("nu").is_none() {
        eprintln!("skipped: nu is not installed");
        return;
    }
    let home = Home::with("");
    home.write(".config/nushell/env.nu", "$env.PATH = ($env.PATH | prepend '/from/rc')\n");
    home.write(".config/nushell/config.nu", "print 'noise'\n$env.NVM_DIR = '/nvm'\n");
    for responder in [home.options("nu", LONG).responder, None] {
        let with = responder.is_some();
        let options = CaptureOptions { responder, ..home.options("nu", LONG) };
        let environment = capture(options).await.unwrap_or_else(|error| panic!("{with}: {error:?}"));
        assert_eq!(environment.path()[0], Path::new("/from/rc"), "{with}");
        assert_eq!(environment.get("NVM_DIR"), Some("/nvm"), "{with}");
    }
}

/// What can go wrong in a start-up file goes wrong in each shell in its own way; none of it costs more than the time.
#[tokio::test]
async fn noise_a_hang_and_a_failure_in_fish_and_nushell_end_within_the_deadline() {
    for (shell, file, noise, hang, fail) in [
        (
            "fish",
            ".config/fish/config.fish",
            "seq 100000\nset -gx NVM_DIR /nvm\n",
            "sleep 1000\n",
            "exit 3\n",
        ),
        (
            "nu",
            ".config/nushell/config.nu",
            "print (1..20000 | each {|n| $n} | str join ' ')\n$env.NVM_DIR = '/nvm'\n",
            "sleep 1000sec\n",
            "exit 3\n",
        ),
    ] {
        if installed(shell).is_none() {
            eprintln!("skipped: {shell} is not installed");
            continue;
        }
        let home = Home::with("");
        home.write(file, noise);
        assert_eq!(home.ask(shell).await.get("NVM_DIR"), Some("/nvm"), "{shell}");
        for awkward in [hang, fail] {
            home.write(file, awkward);
            let begun = Instant::now();
            // Whether the second, simpler question is answered depends on the shell; that it ends does not.
            let _ = capture(home.options(shell, SHORT)).await;
            assert!(begun.elapsed() < LONG, "{shell}: {awkward}");
        }
    }
}

#[tokio::test]
async fn without_a_responder_the_shell_prints_the_answer_itself() {
    let home = Home::with("echo BEGIN-; echo noise; export NVM_DIR=/nvm\n");
    for shell in shells() {
        let options = CaptureOptions { responder: None, ..home.options(shell, LONG) };
        let environment = capture(options).await.unwrap_or_else(|error| panic!("{shell}: {error:?}"));
        assert_eq!(environment.get("NVM_DIR"), Some("/nvm"), "{shell}");
    }
}

#[tokio::test]
async fn a_folder_too_deep_for_a_socket_answers_over_the_output() {
    let home = Home::with("export NVM_DIR=/nvm\n");
    let deep = home.path().join("d".repeat(100));
    std::fs::create_dir(&deep).unwrap();
    let mut options = home.options("bash", LONG);
    options.process.push(("XDG_RUNTIME_DIR".to_owned(), deep.display().to_string()));
    assert_eq!(capture(options).await.unwrap().get("NVM_DIR"), Some("/nvm"));
    assert_eq!(std::fs::read_dir(&deep).unwrap().count(), 0, "something was left behind");
}

#[tokio::test]
async fn a_responder_whose_path_needs_quotes_is_reached_by_a_link() {
    let home = Home::with("export NVM_DIR=/nvm\n");
    let odd = home.path().join("it's a folder");
    std::fs::create_dir(&odd).unwrap();
    let responder = odd.join("responder");
    std::fs::copy(env!("CARGO_BIN_EXE_login-env-responder"), &responder).unwrap();
    for shell in shells() {
        let options = CaptureOptions { responder: Some(responder.clone()), ..home.options(shell, LONG) };
        assert_eq!(capture(options).await.unwrap().get("NVM_DIR"), Some("/nvm"), "{shell}");
    }
}

#[tokio::test]
async fn harmless_oddities_do_not_matter() {
    for (what, lines) in [
        ("reads from the terminal", "read x\n"),
        ("five megabytes of output", "head -c 5000000 /dev/zero\nhead -c 5000000 /dev/zero >&2\n"),
        ("terminal settings", "stty -echo\ntput setaf 1\n"),
        ("an error", "no-such-command\nfalse\n"),
        ("closed output", "exec >&- 2>&-\n"),
    ] {
        let home = Home::with(&format!("{lines}export NVM_DIR=/nvm\n"));
        for shell in shells() {
            assert_eq!(home.ask(shell).await.get("NVM_DIR"), Some("/nvm"), "{shell}: {what}");
        }
    }
}

#[tokio::test]
async fn a_background_job_neither_delays_the_answer_nor_outlives_it() {
    for shell in shells() {
        let home = Home::with("sleep 600 &\necho $! > $HOME/job\nexport NVM_DIR=/nvm\n");
        assert_eq!(home.ask(shell).await.get("NVM_DIR"), Some("/nvm"), "{shell}");
        let job = written_pid(&home.path().join("job")).unwrap();
        until("the end of the background job", || !is_alive(job)).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_daemon_that_left_the_session_is_left_alone_and_does_not_delay() {
    let lines = "setsid sh -c 'echo $$ > $HOME/daemon; exec sleep 600' &\n\
                 while [ ! -s $HOME/daemon ]; do sleep 0.01; done\nexport NVM_DIR=/nvm\n";
    for shell in shells() {
        let home = Home::with(lines);
        assert_eq!(home.ask(shell).await.get("NVM_DIR"), Some("/nvm"), "{shell}");
        let daemon = written_pid(&home.path().join("daemon")).unwrap();
        assert!(is_alive(daemon), "{shell}");
        assert!(std::process::Command::new("kill").arg(daemon.to_string()).status().unwrap().success());
    }
}

#[tokio::test]
async fn a_shell_that_exits_is_noticed_at_once() {
    let home = Home::with("echo this is why >&2\nexit 3\n");
    for shell in stubborn_shells() {
        match capture(home.options(shell, LONG)).await {
            Err(CaptureError::NoAnswer { status: Some(3), output, .. }) => {
                assert!(output.contains("this is why"), "{shell}: {output}");
            }
            other => panic!("{shell}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_shell_that_becomes_another_program_is_given_up_and_ended() {
    for shell in stubborn_shells() {
        let home = Home::with("echo $$ > $HOME/pid\nexec sleep 600\n");
        let error = capture(home.options(shell, SHORT)).await.unwrap_err();
        assert_eq!(error.code(), "login_env_timed_out", "{shell}");
        let pid = written_pid(&home.path().join("pid")).unwrap();
        until("the end of the other program", || !is_alive(pid)).await;
    }
}

#[tokio::test]
async fn a_startup_file_that_hangs_interactively_is_asked_again_without() {
    let home = Home::with("case $- in *i*) sleep 600 ;; esac\nexport NVM_DIR=/nvm\n");
    for shell in ["sh", "bash"] {
        let options = CaptureOptions { retry_deadline: LONG, ..home.options(shell, SHORT) };
        assert_eq!(capture(options).await.unwrap().get("NVM_DIR"), Some("/nvm"), "{shell}");
    }
}

#[tokio::test]
async fn zsh_answers_without_the_file_that_ends_it() {
    let home = Home::with("exit 3\n");
    home.write(".zprofile", "export NVM_DIR=/nvm\n");
    if installed("zsh").is_some() {
        assert_eq!(home.ask("zsh").await.get("NVM_DIR"), Some("/nvm"));
    }
}

#[tokio::test]
async fn a_dropped_question_leaves_no_process() {
    let home = Home::with("echo $$ > $HOME/pid\nsleep 600\n");
    let question = tokio::spawn(capture(home.options("bash", LONG)));
    until("the start of the shell", || written_pid(&home.path().join("pid")).is_some()).await;
    question.abort();
    assert!(question.await.unwrap_err().is_cancelled());
    let pid = written_pid(&home.path().join("pid")).unwrap();
    until("the end of the shell", || !is_alive(pid)).await;
}

#[tokio::test]
async fn an_answer_is_kept_for_the_next_start_and_for_bad_days() {
    let home = Home::with("export NVM_DIR=/nvm\nexport GITHUB_TOKEN=hidden\n");
    let cache = tempfile::tempdir().unwrap();
    let cache_dir = Some(cache.path().to_owned());
    let options = CaptureOptions { cache_dir, ..home.options("bash", LONG) };
    assert!(cached(&options).is_none());
    capture(options.clone()).await.unwrap();
    let kept = cached(&options).unwrap();
    assert_eq!((kept.origin(), kept.get("NVM_DIR")), (Origin::Cache, Some("/nvm")));
    home.write(".bash_profile", "exit 1\n");
    assert!(cached(&options).is_none(), "the start-up file has changed");
    let environment = capture(options).await.unwrap();
    assert_eq!((environment.origin(), environment.get("NVM_DIR")), (Origin::Cache, Some("/nvm")));
}

#[tokio::test]
async fn a_variable_that_the_configuration_names_is_taken_but_handed_to_nobody() {
    let home = Home::with("export GITHUB_TOKEN=t0ken OTHER=x\n");
    let wanted = vec!["GITHUB_TOKEN".to_owned()];
    let environment = capture(CaptureOptions { wanted, ..home.options("bash", LONG) }).await.unwrap();
    assert_eq!(environment.wanted().collect::<Vec<_>>(), [("GITHUB_TOKEN", "t0ken")]);
    assert!(!environment.for_child(Recipient::HostServer).contains_key("GITHUB_TOKEN"));
    assert!(!format!("{environment:?}").contains("t0ken"));
}

#[tokio::test]
async fn nobody_is_asked_when_it_is_not_wanted() {
    let home = Home::with("");
    let code = |options| async move { capture(options).await.unwrap_err().code() };
    let options = || home.options("sh", LONG);
    assert_eq!(code(CaptureOptions { mode: Mode::Never, ..options() }).await, "login_env_not_needed");
    for variable in ["MCPPROXY_ENV_RESOLVED", "MCPPROXY_RESOLVING_ENVIRONMENT"] {
        let mut options = options();
        options.process.push((variable.to_owned(), "1".to_owned()));
        assert_eq!(code(options).await, "login_env_not_needed");
    }
    if rustix::process::geteuid().is_root() {
        assert_eq!(code(CaptureOptions { allow_root: false, ..options() }).await, "login_env_root");
    }
}
