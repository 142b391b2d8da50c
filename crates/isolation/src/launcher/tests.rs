//! Every spelling of the table, on every system.

use proptest::prelude::*;

use super::*;
use crate::facts::{Binary, Facts, Os};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::spec::{ServerSpec, Text};
use crate::testing::{facts, facts_of, server};

/// What was understood, in one line: `launcher @ image key | script: words | argv`.
fn summary(spec: &ServerSpec, policy: &Policy, facts: &Facts) -> Result<String, Refusal> {
    let recipe = choose(spec, policy, facts)?;
    let join = |words: &[Text]| words.iter().map(Text::expose).collect::<Vec<_>>().join(" ");
    let prepare = recipe.prepare.as_ref().map(|step| format!("{:?}: {} | ", step.script, join(&step.args)));
    let key = recipe.image.clone().unwrap_or_else(|| recipe.image_keys[0].clone());
    Ok(format!("{} @ {key} | {}{}", recipe.launcher, prepare.unwrap_or_default(), join(&recipe.argv)))
}

#[track_caller]
fn reads(spec: &ServerSpec, facts: &Facts, expected: &str) {
    assert_eq!(summary(spec, &Policy::default(), facts).unwrap(), expected, "{spec:?}");
}

#[track_caller]
fn line(text: &str, expected: &str) {
    reads(&server(text), &facts(), expected);
}

/// A server whose words may hold spaces.
fn words(words: &[&str]) -> ServerSpec {
    let args = words[1..].iter().map(|&word| Text::plain(word)).collect();
    ServerSpec { command: words[0].to_owned(), args, ..server("") }
}

const TIME: &str = "uvx @ uvx | UvTool: mcp-server-time mcp-server-time | --utc";
const MEMORY: &str = "npx @ npx | Npm:  @a/memory | --x";

#[test]
fn uvx_names_its_package_in_every_spelling() {
    line("uvx mcp-server-time --utc", TIME);
    line("uvx mcp-server-time@latest --utc", TIME);
    line("uvx -- mcp-server-time --utc", TIME);
    line("uvx -q --isolated mcp-server-time --utc", TIME);
    line("uvx mcp-server-time@1.2", "uvx @ uvx | UvTool: mcp-server-time==1.2 mcp-server-time | ");
    line("uvx mcp-server-time==1.2", "uvx @ uvx | UvTool: mcp-server-time==1.2 mcp-server-time | ");
    line("uvx mcp[cli]>=1 run", "uvx @ uvx | UvTool: mcp[cli]>=1 mcp | run");
    line("uvx --from mcp-x==2 serve --a", "uvx @ uvx | UvTool: mcp-x==2 serve | --a");
    line("uvx --from=mcp-x serve", "uvx @ uvx | UvTool: mcp-x serve | ");
    line(
        "uvx --with mcp<2 mcp-server-sqlite",
        "uvx @ uvx | UvTool: mcp-server-sqlite mcp-server-sqlite --with mcp<2 | ",
    );
    line("uvx --python 3.12 x", "uvx @ python:3.12 | UvTool: x x | ");
    line("uvx --python 3.11 x", "uvx @ uvx | UvTool: x x --python 3.11 | ");
    line("uvx --prerelease allow x", "uvx @ uvx | UvTool: x x --prerelease allow | ");
    line("uv tool run mcp-server-time --utc", &TIME.replacen("uvx", "uv tool run", 1));
    line("pipx run mcp-server-time --utc", &TIME.replacen("uvx @ uvx", "pipx @ pipx", 1));
    line("pipx run --spec mcp-x==2 serve", "pipx @ pipx | UvTool: mcp-x==2 serve | ");
    line(
        "uvx https://x.test/a-1-py3-none-any.whl",
        "uvx @ uvx | UvTool: https://x.test/a-1-py3-none-any.whl  | ",
    );
}

#[test]
fn npx_names_its_package_in_every_spelling() {
    line("npx -y @a/memory --x", MEMORY);
    line("npx --yes @a/memory --x", MEMORY);
    line("npx @a/memory --x", MEMORY);
    line("npx -y -- @a/memory --x", MEMORY);
    line("npx --loglevel error @a/memory --x", MEMORY);
    line("npx -y @a/memory@1.2 --x", "npx @ npx | Npm:  @a/memory@1.2 | --x");
    line("npx -p @a/tools -p b run --x", "npx @ npx | Npm: run @a/tools b | --x");
    line("npx --package=@a/tools run --x", "npx @ npx | Npm: run @a/tools | --x");
    line("npx -y b@npm:@a/b@1", "npx @ npx | Npm:  b@npm:@a/b@1 | ");
    line("npx -y https://x/a.tgz", "npx @ npx | Npm:  https://x/a.tgz | ");
    reads(&words(&["npx", "-p", "a", "-c", "b --c 'd e'"]), &facts(), "npx @ npx | Npm: b a | --c d e");
    line("npm exec @a/memory -- --x", &MEMORY.replace("npx @ npx", "npm exec @ npm"));
    line("npm x -- @a/memory --x", &MEMORY.replace("npx @ npx", "npm exec @ npm"));
    line("pnpm dlx @a/memory --x", &MEMORY.replace("npx @ npx", "pnpm dlx @ pnpm"));
    line("pnpx @a/memory --x", &MEMORY.replace("npx", "pnpx"));
    line("yarn dlx @a/memory --x", &MEMORY.replace("npx @ npx", "yarn dlx @ yarn"));
    line("bunx @a/memory --x", &MEMORY.replace("npx", "bunx"));
    line("bun x @a/memory --x", &MEMORY.replace("npx", "bunx"));
    line("bunx --bun @a/memory", "bunx @ bun | bunx --bun @a/memory");
}

#[test]
fn wrappers_are_taken_off() {
    for wrapped in [
        "env A=1 B=2 uvx mcp-server-time --utc",
        "/usr/bin/env -i A=1 uvx mcp-server-time --utc",
        "/usr/bin/env -u X -C /tmp uvx mcp-server-time --utc",
        "nice -n 10 uvx mcp-server-time --utc",
        "nice -10 uvx mcp-server-time --utc",
        "time -p uvx mcp-server-time --utc",
        "nohup uvx mcp-server-time --utc",
        "stdbuf -oL -e 0 uvx mcp-server-time --utc",
        "timeout -k 5 30 uvx mcp-server-time --utc",
        "timeout --signal=KILL 30s uvx mcp-server-time --utc",
        "exec uvx mcp-server-time --utc",
        "command uvx mcp-server-time --utc",
        "mise exec python@3.11 uv@latest -- uvx mcp-server-time --utc",
        "mise x -- uvx mcp-server-time --utc",
        "asdf exec uvx mcp-server-time --utc",
        "direnv exec /tmp uvx mcp-server-time --utc",
        "conda run -n base --no-capture-output uvx mcp-server-time --utc",
        "wsl -d Ubuntu -- uvx mcp-server-time --utc",
        "wsl.exe --cd /tmp -e uvx mcp-server-time --utc",
        "nice env A=1 timeout 5 uvx mcp-server-time --utc",
        "/opt/homebrew/bin/uvx mcp-server-time --utc",
        "uvx.exe mcp-server-time --utc",
    ] {
        line(wrapped, TIME);
    }
    for wrapped in
        ["volta run --node 20 npx", "fnm exec --using 20 npx", "nvm exec 20 npx", "caffeinate -i npx"]
    {
        line(&format!("{wrapped} -y @a/memory --x"), MEMORY);
    }
}

#[test]
fn command_strings_of_shells_are_taken_apart() {
    let string = "uvx mcp-server-time --utc";
    for wrapped in [
        words(&["sh", "-c", string]),
        words(&["bash", "-lc", "exec uvx 'mcp-server-time' --utc"]),
        words(&["/bin/zsh", "-l", "-i", "-c", "A=b uvx mcp-server-time --utc"]),
        words(&["env", "-S", string]),
        words(&["/usr/bin/env", &format!("-S{string}")]),
        words(&["env", &format!("--split-string={string}")]),
        words(&["env", "-iS", string]),
        words(&["cmd", "/c", string]),
        words(&["cmd.exe", "/d", "/s", "/c", "\"\"C:\\a b\\uvx.exe\" mcp-server-time --utc\""]),
        words(&["cmd", "/c", "uvx", "mcp-server-time", "--utc"]),
        words(&["powershell", "-NoProfile", "-ExecutionPolicy", "Bypass", "-Command", string]),
        words(&["pwsh.exe", "-c", "& 'uvx' mcp-server-time --utc"]),
        words(&["wsl", "bash", "-lc", string]),
        words(&["uvx mcp-server-time", "--utc"]),
    ] {
        reads(&wrapped, &facts(), TIME);
    }
}

#[test]
fn windows_spellings_are_the_same_launcher() {
    let facts = facts_of(Os::Windows);
    for spec in [
        server("NPX.CMD -y @a/memory --x"),
        words(&[r"C:\Program Files\nodejs\npx.cmd", "-y", "@a/memory", "--x"]),
        words(&["cmd", "/c", r#""C:\Program Files\nodejs\npx.cmd" -y @a/memory --x"#]),
        words(&["CMD.EXE", "/C", "npx", "-y", "@a/memory", "--x"]),
    ] {
        reads(&spec, &facts, MEMORY);
    }
}

#[test]
fn variables_of_wrappers_reach_the_server_as_secrets() {
    let recipe = choose(&server("env API_KEY=hunter2 uvx x"), &Policy::default(), &facts()).unwrap();
    assert_eq!(recipe.env, [("API_KEY".to_owned(), Text::secret("hunter2"))]);
    assert!(!format!("{recipe:?}").contains("hunter2"));
}

#[test]
fn scripts_for_a_shell_stay_scripts_in_an_image_that_can_run_them() {
    let facts = facts();
    reads(&words(&["sh", "-c", "echo a | cat"]), &facts, "sh @ sh | sh -c echo a | cat");
    reads(&words(&["bash", "-c", "x=1; exec cat"]), &facts, "bash @ bash | bash -c x=1; exec cat");
    reads(&words(&["sh", "-c", "cd /x && npx -y a"]), &facts, "sh @ npx | sh -c cd /x && npx -y a");
    reads(
        &words(&["bash", "-c", "cd /x && python a.py"]),
        &facts,
        "bash @ python | bash -c cd /x && python a.py",
    );
}

#[test]
fn bash_gets_a_debian_image_since_alpine_has_none() {
    let facts = facts().with_file("/home/me/run.sh");
    reads(&server("bash /home/me/run.sh a"), &facts, "bash @ bash | bash /home/me/run.sh a");
    let mut policy = Policy::default();
    policy.default_images.insert("bash".to_owned(), "alpine:3.18".to_owned());
    let summary = summary(&server("bash /home/me/run.sh a"), &policy, &facts).unwrap();
    assert_eq!(summary, format!("bash @ {} | bash /home/me/run.sh a", table::DEBIAN));
}

#[test]
fn files_that_are_run_are_found_and_brought_with_their_project() {
    let facts = facts().with_file("/home/me/p/dist/index.js").with_folder("/home/me/p", &["package.json"]);
    let recipe =
        choose(&server("node --no-warnings ~/p/dist/index.js a"), &Policy::default(), &facts).unwrap();
    assert_eq!(recipe.runs, ["/home/me/p/dist/index.js"]);
    assert_eq!(recipe.project.as_deref(), Some("/home/me/p"));
    assert_eq!(recipe.argv[2].expose(), "/home/me/p/dist/index.js");
    let missing = choose(&server("node /nowhere/x.js"), &Policy::default(), &facts).unwrap_err();
    assert_eq!(missing, Refusal::Missing { path: "/nowhere/x.js".to_owned() });
}

#[test]
fn relative_files_start_from_the_working_folder() {
    let facts = facts().with_file("/srv/app/server.py").with_folder("/srv/app", &[]);
    let spec = ServerSpec { working_dir: Some("/srv/app".into()), ..server("python3.12 -u server.py --x") };
    reads(&spec, &facts, "python3.12 @ python3.12 | python -u /srv/app/server.py --x");
}

#[test]
fn python_runs_modules_files_and_code() {
    let facts = facts().with_file("/home/me/p/s.py").with_folder("/home/me/p", &["pyproject.toml"]);
    reads(&server("python -m mod --x"), &facts, "python @ python | python -m mod --x");
    reads(&server("python3 -W ignore -um mod"), &facts, "python3 @ python3 | python3 -W ignore -um mod");
    reads(&words(&["python", "-c", "print(1)"]), &facts, "python @ python | python -c print(1)");
    reads(
        &server("python /home/me/p/s.py a"),
        &facts,
        "python @ python | UvProject: /home/me/p python | /home/me/p/s.py a",
    );
    let policy = Policy { packages: vec!["mcp<2".to_owned()], ..Policy::default() };
    assert_eq!(
        summary(&server("python -m mod"), &policy, &facts).unwrap(),
        "python @ python | UvProject:  python mcp<2 | -m mod"
    );
    let policy = Policy { image: Some("mine:1".to_owned()), ..Policy::default() };
    assert_eq!(
        summary(&server("python /app/s.py"), &policy, &facts).unwrap(),
        "python @ python | python /app/s.py",
        "a file of the image itself"
    );
}

#[test]
fn uv_run_prepares_projects_scripts_and_lists_of_packages() {
    let facts = facts()
        .with_folder("/home/me/p", &["pyproject.toml", "uv.lock"])
        .with_file("/home/me/p/server.py")
        .with_file("/home/me/s/one.py")
        .with_folder("/home/me/s", &[]);
    for text in ["uv --directory /home/me/p run serve --x", "uv run --directory /home/me/p serve --x"] {
        reads(&server(text), &facts, "uv run @ uvx | UvProject: /home/me/p serve | --x");
    }
    reads(
        &server("uv run --project /home/me/p server.py"),
        &facts,
        "uv run @ uvx | UvProject: /home/me/p python | /home/me/p/server.py",
    );
    reads(
        &server("uv run --directory /home/me/p -m mod --x"),
        &facts,
        "uv run @ uvx | UvProject: /home/me/p python | -m mod --x",
    );
    reads(
        &server("uv run --with mcp[cli] mcp run /home/me/s/one.py:app"),
        &facts,
        "uv run @ uvx | UvProject:  mcp mcp[cli] | run /home/me/s/one.py:app",
    );
    reads(
        &server("uv run --script /home/me/s/one.py --x"),
        &facts,
        "uv run @ uvx | UvProject: /home/me/s/one.py python | /home/me/s/one.py --x",
    );
    let error = choose(&server("uv run --directory /nowhere x"), &Policy::default(), &facts).unwrap_err();
    assert_eq!(error.code(), "program_missing");
}

#[test]
fn programs_of_this_computer_run_by_what_they_are() {
    let facts = facts()
        .with_program("/opt/a", Binary::StaticElf)
        .with_program("/opt/b", Binary::DynamicElf)
        .with_program("/opt/c", Binary::MachO)
        .with_program("/opt/d", Binary::Script(vec!["/usr/bin/env".to_owned(), "python3".to_owned()]))
        .with_program("/opt/e", Binary::Script(vec!["/bin/sh".to_owned(), "-e".to_owned()]));
    reads(&server("/opt/a --x"), &facts, "a @ binary | /opt/a --x");
    reads(&server("/opt/b --x"), &facts, &format!("b @ {} | /opt/b --x", table::DEBIAN));
    reads(&server("/opt/d --x"), &facts, "python3 @ python3 | python3 /opt/d --x");
    reads(&server("/opt/e --x"), &facts, "sh @ sh | sh -e /opt/e --x");
    let refusal = |text| choose(&server(text), &Policy::default(), &facts).unwrap_err().code();
    assert_eq!(refusal("/opt/c"), "program_of_other_system");
    assert_eq!(refusal("/opt/missing"), "program_missing");
    let unknown = choose(&server("some-server --x"), &Policy::default(), &facts).unwrap();
    assert_eq!(unknown.notes[0].key, "isolation-command-unknown");
}

#[test]
fn the_other_launchers_run_as_the_table_says() {
    let facts = facts().with_file("/srv/s.jar").with_file("/srv/s.rb");
    reads(
        &server("java -jar /srv/s.jar x"),
        &facts,
        "java @ java | java -XX:MaxRAMPercentage=70 -jar /srv/s.jar x",
    );
    reads(&server("ruby /srv/s.rb"), &facts, "ruby @ ruby | ruby /srv/s.rb");
    reads(&server("deno run -A npm:x"), &facts, "deno @ deno | deno run -A npm:x");
    reads(&server("go run example.com/x@v1"), &facts, "go @ go | go run example.com/x@v1");
    reads(&server("tsx /srv/x.ts"), &facts, "tsx @ npx | Npm: tsx tsx | /srv/x.ts");
    assert!(choose(&server("deno run -A npm:x"), &Policy::default(), &facts).unwrap().fetches);
}

#[test]
fn commands_with_a_container_of_their_own_are_known_by_their_base_name() {
    let own = |spec: &ServerSpec| {
        choose(spec, &Policy::default(), &facts_of(Os::Windows)).unwrap().own_container.map(|own| {
            let args = own.args.iter().map(Text::expose).collect::<Vec<_>>().join(" ");
            format!("{} {:?} {args}", own.tool, own.flags_at)
        })
    };
    for (text, expected) in [
        ("docker run -i --rm mcp/time", "docker Some(1) run -i --rm mcp/time"),
        ("docker run -it --rm x sh -t", "docker Some(1) run -i --rm x sh -t"),
        ("docker run --tty --name t -t x", "docker Some(1) run --name t x"),
        ("docker run -ti -e T=t x", "docker Some(1) run -i -e T=t x"),
        ("docker run -itp 1:2 x", "docker Some(1) run -ip 1:2 x"),
        ("docker --context c container run -i x", "docker Some(4) --context c container run -i x"),
        ("docker exec -i c s", "docker None exec -i c s"),
        ("docker compose run x", "docker None compose run x"),
        ("docker mcp gateway run", "docker None mcp gateway run"),
        ("/usr/bin/podman run -i x", "podman Some(1) run -i x"),
        ("Docker.EXE run -i x", "docker Some(1) run -i x"),
        ("nerdctl run -i x", "nerdctl Some(1) run -i x"),
    ] {
        assert_eq!(own(&server(text)).as_deref(), Some(expected), "{text}");
    }
    assert!(own(&words(&["sh", "-c", "docker run -i x"])).is_some());
    let lookalike = choose(&server("/opt/docker-tools/run x"), &Policy::default(), &facts()).unwrap_err();
    assert_eq!(lookalike.code(), "program_missing", "a program in a folder named docker is no docker");
}

#[test]
fn what_cannot_run_is_refused_with_its_reason() {
    let code = |text: &str| choose(&server(text), &Policy::default(), &facts()).unwrap_err().code();
    for text in [
        "uvx",
        "npx",
        "npx -y",
        "pipx run",
        "npm exec",
        "uv run",
        "uv tool run",
        "python",
        "python -m",
        "node",
    ] {
        assert_eq!(code(text), "nothing_to_run", "{text}");
    }
    for text in ["sudo uvx x", "doas npx x", "env A=1 sudo -E uvx x", "su -c x", "runas /user:x y"] {
        assert_eq!(code(text), "command_elevates", "{text}");
    }
    for text in [
        "op run -- uvx x",
        "doppler run -- npx x",
        "uvx --with-requirements f x",
        "npx -c",
        "uv pip install x",
    ] {
        assert_eq!(code(text), "command_unclear", "{text}");
    }
    for text in ["kubectl x", "ssh host", "osascript x"] {
        assert_eq!(code(text), "command_needs_host", "{text}");
    }
    for text in [
        "uvx git+https://github.com/a/b",
        "uvx --from git+https://github.com/a/b b",
        "uvx https://x/a.tar.gz",
        "npx -y github:a/b",
        "npx -y a/b",
        "npx -y c@github:a/b#v1",
        "npx -y git+https://x/a/b.git",
        "npx -y git@github.com:a/b.git",
        "npx -y https://github.com/a/b",
        "npx -y -p gist:1 b",
        "bunx git+ssh://git@x/a/b",
    ] {
        assert_eq!(code(text), "package_needs_scripts", "{text}");
    }
    let policy = Policy { allow_scripts: true, ..Policy::default() };
    assert!(choose(&server("uvx git+https://github.com/a/b@v1"), &policy, &facts()).is_ok());
    assert!(choose(&server("npx -y github:a/b"), &policy, &facts()).is_ok());
}

#[test]
fn index_addresses_travel_as_secrets() {
    let recipe =
        choose(&server("uvx --index-url https://u:pw@i.test/s x"), &Policy::default(), &facts()).unwrap();
    let prepare = recipe.prepare.unwrap();
    assert_eq!(prepare.env[0].0, "UV_DEFAULT_INDEX");
    assert!(!format!("{prepare:?}").contains("pw"));
}

#[test]
fn every_row_of_the_table_is_found_by_its_names() {
    for row in table::ROWS {
        for name in row.names {
            assert_eq!(table::find(name).unwrap().names, row.names);
            assert!(!table::shipped_image(row.key).is_empty());
        }
    }
    assert_eq!(table::find("python3.13").unwrap().key, "python");
    assert!(table::find("pythonista").is_none());
}

#[test]
fn nesting_ends() {
    let mut text = "env ".repeat(40);
    text.push_str("uvx x");
    assert_eq!(choose(&server(&text), &Policy::default(), &facts()).unwrap_err().code(), "command_unclear");
}

proptest! {
    #[test]
    fn no_command_panics(
        command in "(env|cmd|sh|bash|uvx|uv|npx|npm|docker|python|node|nice|wsl|powershell|/x|\\PC{0,8})",
        args in prop::collection::vec("(-c|-S|--|/c|-y|-p|run|x|exec|-it|--from|a=b|-[a-z]{1,3}|\\PC{0,12})", 0..7),
    ) {
        let spec = ServerSpec { args: args.into_iter().map(Text::Plain).collect(), ..server(&command) };
        for os in [Os::Linux, Os::MacOs, Os::Windows] {
            let _ = choose(&spec, &Policy::default(), &facts_of(os));
        }
    }
}
