//! Plans as they come out: the servers that people run first, what relaxes them, and what never may.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::facts::{Facts, Os, Transport};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::spec::ServerSpec;
use crate::testing::{facts, facts_of, lifting, server};

#[track_caller]
fn planned(line: &str) -> Plan {
    plan(&server(line), &Policy::default(), &facts()).unwrap()
}

#[track_caller]
fn container(plan: &Plan) -> &Container {
    plan.server_container().unwrap()
}

fn with_volumes(lines: &[&str]) -> Policy {
    Policy { volumes: lines.iter().map(|&line| line.to_owned()).collect(), ..Policy::default() }
}

fn with_flags(line: &str) -> Policy {
    Policy { extra_args: line.split(' ').map(str::to_owned).collect(), ..Policy::default() }
}

/// A plan in a few lines, for comparison with what it shall be.
fn outline(plan: &Plan) -> String {
    let server = container(plan);
    let mounts: Vec<String> = server
        .mounts
        .iter()
        .map(|mount| {
            let source = match &mount.source {
                MountSource::Bind(path) => path.clone(),
                MountSource::Volume(name) => name.clone(),
                MountSource::Packages => "packages".to_owned(),
                MountSource::State(_) => "state".to_owned(),
            };
            format!("{source} at {}{}", mount.target, if mount.read_only { "" } else { " (rw)" })
        })
        .collect();
    let relaxed: Vec<&str> = plan.relaxations.iter().map(|relaxation| relaxation.row.name).collect();
    let notes: Vec<&str> = plan.notes.iter().map(|note| note.key).collect();
    let prepare = plan.prepare_container().map(|container| {
        container.argv[4..].iter().map(|word| word.shown().to_owned()).collect::<Vec<_>>().join(" ")
    });
    let argv: Vec<&str> = server.argv.iter().map(crate::spec::Text::shown).collect();
    format!(
        "{} in {} as {} at {}\nnetwork {}; mounts {}; relaxed {}; notes {}\nprepare {}; argv {}",
        plan.runtime.launcher,
        short_name(&server.image),
        server.user,
        server.cwd,
        server.network.mode(),
        mounts.join(", "),
        relaxed.join(", "),
        notes.join(", "),
        prepare.unwrap_or_default().trim(),
        argv.join(" "),
    )
}

#[track_caller]
fn comes_out(line: &str, policy: &Policy, facts: &Facts, expected: &str) {
    assert_eq!(outline(&plan(&server(line), policy, facts).unwrap()), expected);
}

#[test]
fn the_servers_that_people_run_first_need_at_most_one_relaxation() {
    let home = "as 65532:65532 at /home/mcp\nnetwork bridge; mounts packages at /mcpproxy; relaxed ; notes ";
    for (line, launcher, package) in [
        (
            "npx -y @modelcontextprotocol/server-everything",
            "npx in node:20",
            "@modelcontextprotocol/server-everything",
        ),
        (
            "npx -y @modelcontextprotocol/server-sequential-thinking",
            "npx in node:20",
            "@modelcontextprotocol/server-sequential-thinking",
        ),
        ("uvx mcp-server-time", "uvx in python:3.11", "mcp-server-time mcp-server-time"),
        ("uvx mcp-server-fetch", "uvx in python:3.11", "mcp-server-fetch mcp-server-fetch"),
    ] {
        let expected = format!("{launcher} {home}\nprepare {package}; argv ");
        comes_out(line, &Policy::default(), &facts(), &expected);
    }
}

#[test]
fn the_filesystem_server_sees_the_folder_of_its_volume_as_its_owner() {
    let facts = facts().with_folder("/home/me/docs", &[]);
    comes_out(
        "npx -y @modelcontextprotocol/server-filesystem /home/me/docs",
        &with_volumes(&["/home/me/docs:/home/me/docs:rw"]),
        &facts,
        "npx in node:20 as 1000:1000 at /home/mcp\n\
         network bridge; mounts /home/me/docs at /home/me/docs (rw), packages at /mcpproxy; relaxed folder_write; notes \n\
         prepare @modelcontextprotocol/server-filesystem; argv /home/me/docs",
    );
}

#[test]
fn the_memory_server_keeps_its_data_in_a_volume_of_its_own() {
    let plan = planned("npx -y @modelcontextprotocol/server-memory");
    assert_eq!(
        outline(&plan),
        "npx in node:20 as 65532:65532 at /state/data\n\
         network bridge; mounts packages at /mcpproxy, state at /state (rw); relaxed keeps_data; notes \n\
         prepare @modelcontextprotocol/server-memory; argv "
    );
    let file = ("MEMORY_FILE_PATH".to_owned(), "/state/data/memory.json".to_owned());
    assert!(container(&plan).neutral_env.contains(&file));
    assert_eq!(plan.relaxations[0].because.as_deref(), Some("@modelcontextprotocol/server-memory"));
    assert!(plan.prepare_container().unwrap().mounts.iter().any(|mount| mount.target == STATE_DIR));
}

#[test]
fn a_variable_of_the_person_wins_over_the_table() {
    let mut spec = server("npx -y @modelcontextprotocol/server-memory@1.0");
    spec.env.push(("MEMORY_FILE_PATH".to_owned(), Text::plain("/tmp/x")));
    let plan = plan(&spec, &Policy::default(), &facts()).unwrap();
    assert!(!container(&plan).neutral_env.iter().any(|(name, _)| name == "MEMORY_FILE_PATH"));
}

#[test]
fn the_git_server_reads_a_repository_of_another_owner() {
    let facts = facts().with_folder("/home/me/repo", &[]);
    let policy = with_volumes(&["/home/me/repo:/home/me/repo"]);
    let plan = plan(&server("uvx mcp-server-git --repository /home/me/repo"), &policy, &facts).unwrap();
    assert!(container(&plan).neutral_env.contains(&("GIT_CONFIG_VALUE_0".to_owned(), "*".to_owned())));
    assert_eq!(plan.relaxations[0].row.name, "folder_read");
}

#[test]
fn the_sqlite_server_starts_where_it_may_write() {
    let plan = planned("uvx --with mcp<2 mcp-server-sqlite");
    assert_eq!((container(&plan).cwd.as_str(), plan.relaxations.len()), (STATE_DATA_DIR, 1));
}

#[test]
fn the_recipe_is_complete() {
    let plan = planned("uvx mcp-server-time");
    let server = container(&plan);
    assert_eq!((server.limits.memory, server.limits.memory_swap), (512 << 20, 512 << 20));
    assert_eq!((server.limits.nano_cpus, server.limits.pids), (Some(1_000_000_000), 256));
    let ulimits: Vec<String> =
        server.limits.ulimits.iter().map(|u| format!("{}={}", u.name, u.hard)).collect();
    assert_eq!(ulimits, ["core=0", "nofile=4096", "fsize=2147483648"]);
    let tmpfs: Vec<String> = server.tmpfs.iter().map(|t| format!("{} {}", t.target, t.options)).collect();
    assert_eq!(
        tmpfs,
        [
            "/tmp rw,nosuid,nodev,exec,size=64m,nr_inodes=16k,mode=1777",
            "/home/mcp rw,nosuid,nodev,exec,size=128m,nr_inodes=64k,uid=65532,gid=65532,mode=700",
            "/run/secrets rw,nosuid,nodev,noexec,size=1m,nr_inodes=64,uid=65532,gid=65532,mode=700",
        ]
    );
    assert_eq!(server.log.name(), "none");
    assert_eq!(server.hostname.as_deref(), Some("demo"));
    assert_eq!((server.stop_signal.as_str(), server.stop_timeout), ("SIGTERM", 10));
    let label = |name: &str| server.labels.get(name).map(String::as_str);
    assert_eq!(label("com.mcpproxy.instance"), Some("0f0f0f0f"));
    assert_eq!((label("com.mcpproxy.managed"), label("com.mcpproxy.kind")), (Some("true"), Some("server")));
}

#[test]
fn preparing_has_network_and_neither_secrets_nor_files() {
    let mut spec = server("uvx mcp-server-time");
    spec.env.push(("API_KEY".to_owned(), Text::plain("hunter2")));
    let policy = Policy { network: "none".to_owned(), ..with_volumes(&["/home/me/docs:/docs"]) };
    let plan = plan(&spec, &policy, &facts().with_folder("/home/me/docs", &[])).unwrap();
    assert_eq!(container(&plan).network, Network::None);
    let prepare = plan.prepare_container().unwrap();
    assert_eq!(prepare.network, Network::Bridge);
    assert!(prepare.env.is_empty() && prepare.mounts.len() == 1);
    assert_eq!((prepare.user, prepare.capabilities.add.len()), (User::ROOT, 0));
    assert_eq!((prepare.limits.memory, prepare.limits.pids), (2 << 30, 1024));
    assert_eq!(plan.prepared_key.as_ref().map(String::len), Some(16));
}

#[test]
fn the_key_of_packages_changes_with_what_they_depend_on() {
    let key =
        |line: &str, policy: &Policy| plan(&server(line), policy, &facts()).unwrap().prepared_key.unwrap();
    let plain = key("uvx a", &Policy::default());
    assert_eq!(
        plain,
        key("uvx a --other args", &Policy::default()),
        "arguments of the server change nothing"
    );
    let scripts = Policy { allow_scripts: true, ..Policy::default() };
    let image = Policy { image: Some("python:3.12".to_owned()), ..Policy::default() };
    let keys: BTreeSet<String> =
        [plain, key("uvx a@1", &Policy::default()), key("uvx a", &scripts), key("uvx a", &image)].into();
    assert_eq!(keys.len(), 4);
}

#[test]
fn the_command_is_entry_and_arguments() {
    let plan = planned("uvx mcp-server-time --utc");
    let argv = plan.server_argv(Some(&["/mcpproxy/bin/mcp-server-time".to_owned()]));
    assert_eq!(argv.iter().map(Text::expose).collect::<Vec<_>>(), ["/mcpproxy/bin/mcp-server-time", "--utc"]);
    let direct = planned("sh -c a;b");
    assert_eq!(direct.server_argv(None).len(), 3);
}

#[test]
fn what_runs_is_mounted_at_its_own_path_and_its_project_with_it() {
    let facts =
        facts().with_file("/home/me/p/dist/x.js").with_folder("/home/me/p", &["package.json", ".env"]);
    comes_out(
        "node /home/me/p/dist/x.js",
        &Policy::default(),
        &facts,
        "node in node:20 as 1000:1000 at /home/mcp\n\
         network bridge; mounts /home/me/p at /home/me/p; relaxed folder_read; notes isolation-env-file-visible\n\
         prepare ; argv node /home/me/p/dist/x.js",
    );
}

#[test]
fn a_project_in_the_home_folder_stays_outside() {
    let facts = facts().with_file("/home/me/x.js").with_folder("/home/me", &["package.json"]);
    comes_out(
        "node /home/me/x.js",
        &Policy::default(),
        &facts,
        "node in node:20 as 1000:1000 at /home/mcp\n\
         network bridge; mounts /home/me/x.js at /home/me/x.js; relaxed ; notes isolation-project-not-mounted\n\
         prepare ; argv node /home/me/x.js",
    );
}

#[test]
fn what_runs_passes_the_mount_policy_too() {
    let facts = facts().with_file("/home/me/.ssh/x.py");
    let refusal = plan(&server("python /home/me/.ssh/x.py"), &Policy::default(), &facts).unwrap_err();
    assert_eq!(refusal.lift(), Some("credentials"));
}

#[test]
fn a_path_without_a_mount_gets_the_line_that_adds_it() {
    let facts = facts().with_folder("/home/me/docs", &[]);
    let mut spec = server("npx -y x ~/docs --out=/home/me/docs");
    spec.env.push(("DOCS".to_owned(), Text::plain("/home/me/docs")));
    let plan = plan(&spec, &Policy::default(), &facts).unwrap();
    let line = ("line", "/home/me/docs:/home/me/docs:ro".to_owned());
    assert_eq!(plan.notes[0].key, "isolation-path-not-mounted");
    assert!(plan.notes[0].args.contains(&line) && plan.notes[1].args.contains(&line));
    assert_eq!(plan.notes[2].args, [("name", "DOCS".to_owned())], "the value of a variable may be a secret");
}

#[test]
fn arguments_follow_their_folders_to_where_windows_shows_them() {
    let facts = facts_of(Os::Windows).with_folder(r"C:\Users\me\docs", &[]);
    let policy = with_volumes(&[r"C:\Users\me\docs:/c/Users/me/docs"]);
    let plan = plan(&server(r"npx -y x C:\Users\me\docs"), &policy, &facts).unwrap();
    assert_eq!(container(&plan).argv[0].expose(), "/c/Users/me/docs");
    assert_eq!(container(&plan).mounts[0].source, MountSource::Bind(r"C:\Users\me\docs".to_owned()));
}

#[test]
fn a_network_that_opens_more_than_the_bridge_is_warned_of() {
    for (network, expected) in [
        ("host", Some(("isolation-network-host", ""))),
        ("mine", Some(("isolation-network-named", "mine"))),
        ("container:db", Some(("isolation-network-foreign", "db"))),
        ("bridge", None),
        ("none", None),
    ] {
        let policy = Policy { network: network.to_owned(), ..lifting(&["foreign_network"]) };
        let plan = plan(&server("uvx x"), &policy, &facts()).unwrap();
        let notes: Vec<&Note> =
            plan.notes.iter().filter(|note| note.key.starts_with("isolation-network")).collect();
        assert_eq!(notes.len(), usize::from(expected.is_some()), "{network}");
        let Some((note, (key, joined))) = notes.first().zip(expected) else { continue };
        assert_eq!((note.key, &note.args[0]), (key, &("server", plan.server.clone())));
        assert_eq!(note.args.get(1).map_or("", |(_, value)| value), joined);
    }
}

#[test]
fn host_network_is_honoured_and_named() {
    for policy in [Policy { network: "host".to_owned(), ..Policy::default() }, with_flags("--network host")] {
        let plan = plan(&server("uvx x"), &policy, &facts()).unwrap();
        assert_eq!(container(&plan).network, Network::Host);
        assert_eq!(plan.relaxations[0].row.name, "network_host");
        assert_eq!(plan.prepare_container().unwrap().network, Network::Bridge);
        assert_eq!(container(&plan).hostname, None);
    }
}

#[test]
fn what_a_log_driver_keeps_is_limited_as_written() {
    let log = |driver: &str, size: &str| {
        let policy = Policy {
            log_driver: Some(driver.to_owned()),
            log_max_size: Some(size.to_owned()),
            log_max_files: Some("3".to_owned()),
            ..Policy::default()
        };
        plan(&server("uvx x"), &policy, &facts())
    };
    let kept = log("json-file", "10m").unwrap();
    let options = [("max-file", "3"), ("max-size", "10m")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(
        container(&kept).log,
        LogDriver::Named { name: "json-file".to_owned(), options: options.into() }
    );
    assert!(kept.docker_run_args.contains(&"--log-opt=max-size=10m".to_owned()));
    let journal = log("journald", "10m").unwrap();
    assert_eq!(journal.notes[0].key, "isolation-log-not-limited");
    assert_eq!(
        container(&journal).log,
        LogDriver::Named { name: "journald".to_owned(), options: BTreeMap::new() }
    );
    assert_eq!(log("local", "much").unwrap_err().code(), "isolation_value");
    assert_eq!(container(&log("none", "10m").unwrap()).log, LogDriver::None);
}

#[test]
fn settings_of_the_server_are_honoured() {
    let policy = Policy {
        memory: "1g".to_owned(),
        cpu: "2".to_owned(),
        image: Some("python:3.12-slim".to_owned()),
        working_dir: Some("/app".to_owned()),
        log_driver: Some("local".to_owned()),
        user: Some("5".to_owned()),
        pids_limit: Some(512),
        read_only: Some(false),
        cap_add: vec!["CHOWN".to_owned()],
        shm_size: Some("256m".to_owned()),
        tmpfs_size: Some("300m".to_owned()),
        ..Policy::default()
    };
    let plan = plan(&server("python -m x"), &policy, &facts()).unwrap();
    let server = container(&plan);
    assert_eq!((server.limits.memory, server.limits.shm_size), (1 << 30, 256 << 20));
    assert_eq!((short_name(&server.image), server.cwd.as_str()), ("python:3.12-slim", "/app"));
    assert!(server.tmpfs[1].options.contains("size=300m"));
    let relaxed: Vec<&str> = plan.relaxations.iter().map(|relaxation| relaxation.row.name).collect();
    assert_eq!(relaxed, ["pids", "capability", "user", "log_driver", "writable_root"]);
}

#[test]
fn an_engine_on_plain_tcp_must_be_named() {
    let tcp = |host: &str, network: &str, line: &str| {
        let mut facts = facts();
        facts.engine.transport = Transport::Tcp { host: host.to_owned(), tls: false };
        let policy = Policy { network: network.to_owned(), ..Policy::default() };
        plan(&server(line), &policy, &facts).map_err(|refusal| refusal.lift().unwrap_or_default())
    };
    assert_eq!(tcp("192.168.1.5", "bridge", "cat").unwrap_err(), "tcp_engine");
    assert_eq!(tcp("127.0.0.1", "host", "cat").unwrap_err(), "tcp_engine");
    assert_eq!(tcp("192.168.1.5", "none", "uvx x").unwrap_err(), "tcp_engine", "preparing has a network");
    assert!(tcp("127.0.0.1", "bridge", "cat").is_ok(), "a bridge does not reach loopback");
    assert!(tcp("192.168.1.5", "none", "cat").is_ok());
    let mut facts = facts();
    facts.engine.transport = Transport::Tcp { host: "10.0.0.1".to_owned(), tls: false };
    assert!(plan(&server("cat"), &lifting(&["tcp_engine"]), &facts).is_ok());
}

#[test]
fn limits_that_an_engine_does_not_keep_are_told() {
    let mut facts = facts();
    facts.engine.memory_limit = false;
    facts.engine.seccomp = false;
    let plan =
        plan(&server("cat"), &Policy { image: Some("x".to_owned()), ..Policy::default() }, &facts).unwrap();
    let notes: Vec<&str> = plan.notes.iter().map(|note| note.key).collect();
    assert_eq!(notes, ["isolation-memory-not-limited", "isolation-calls-not-filtered"]);
}

#[test]
fn certificates_reach_both_containers_by_variables() {
    let mut facts = facts();
    facts.certificates = Some("/etc/ssl/certs/ca-certificates.crt".into());
    let plan = plan(&server("uvx x"), &Policy::default(), &facts).unwrap();
    for container in &plan.containers {
        for name in ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
            assert!(
                container.neutral_env.contains(&(name.to_owned(), CERTIFICATES_FILE.to_owned())),
                "{name}"
            );
        }
    }
}

#[test]
fn proxies_with_a_password_are_secrets() {
    let neutral_env = vec![
        ("HTTP_PROXY".to_owned(), "http://me:hunter2@proxy:3128".to_owned()),
        ("NO_PROXY".to_owned(), "localhost".to_owned()),
    ];
    let plan = plan(&server("uvx x"), &Policy { neutral_env, ..Policy::default() }, &facts()).unwrap();
    for container in &plan.containers {
        assert!(container.env.iter().any(|(name, _)| name == "HTTP_PROXY"));
        assert!(container.neutral_env.iter().any(|(name, _)| name == "NO_PROXY"));
    }
    assert!(!format!("{plan:?}").contains("hunter2"));
}

#[test]
fn a_server_with_its_own_container_has_none_of_ours() {
    let plan = planned("docker run -i --rm -e NAME=anything mcp/time");
    assert_eq!((plan.placement, plan.containers.len()), (Placement::Host, 0));
    assert_eq!(plan.docker_run_args, ["run", "-i", "--rm", "-e", "NAME=***", "mcp/time"]);
}

#[test]
fn words_and_values_that_mean_nothing_are_refused() {
    let code = |policy: Policy| plan(&server("uvx x"), &policy, &facts()).unwrap_err().code();
    assert_eq!(code(lifting(&["everything"])), "allow_unsafe_unknown");
    assert_eq!(code(Policy { memory: "512 megabytes".to_owned(), ..Policy::default() }), "isolation_value");
    assert_eq!(code(Policy { cpu: "many".to_owned(), ..Policy::default() }), "isolation_value");
    assert_eq!(code(Policy { network: "no such!".to_owned(), ..Policy::default() }), "isolation_value");
    assert_eq!(code(Policy { working_dir: Some("app".to_owned()), ..Policy::default() }), "isolation_value");
    assert_eq!(code(with_volumes(&["notes:/mcpproxy"])), "volume_invalid");
    assert_eq!(code(with_volumes(&["a:/x", "b:/x/"])), "volume_invalid");
}

#[test]
fn the_line_in_the_log_is_the_one_of_the_documents() {
    let mut spec = server("uvx mcp-server-name --api-key hunter2");
    spec.env.push(("API_KEY".to_owned(), Text::plain("hunter2")));
    let args = plan(&spec, &Policy::default(), &facts()).unwrap().docker_run_args;
    assert_eq!(args[..6], ["run", "-i", "--rm", "--memory=512m", "--cpus=1.0", "--network=bridge"]);
    let end = &args[args.len() - 7..];
    assert_eq!(end, ["-e", "API_KEY=***", "python:3.11", "uvx", "mcp-server-name", "--api-key", "***"]);
}

#[test]
fn names_become_parts_of_names() {
    assert_eq!(
        (slug("GitHub Tools!", 63), slug("ÄÖ", 63), slug("a--b", 2)),
        ("github-tools".to_owned(), "server".to_owned(), "a".to_owned())
    );
    assert_ne!(state_volume("i", "a b"), state_volume("i", "a-b"));
}

/// Servers and settings of all sorts.
fn any_plan() -> impl Strategy<Value = Result<Plan, Refusal>> {
    let line = prop::sample::select(vec![
        "uvx mcp-server-time",
        "npx -y @modelcontextprotocol/server-memory",
        "node /home/me/p/x.js",
        "sh -c a;b",
        "python -m x",
        "docker run -it x",
        "go run x",
        "cat",
        "uv --directory /home/me/p run x",
        "bash /home/me/p/x.js",
    ]);
    let flags = prop::collection::vec(
        "(--privileged|--pid=host|--cap-add=(CHOWN|SYS_ADMIN)|--network=(host|none|x)|-v=/home/me/p:/p(:rw)?|--user=0|-m=(8m|1g)|--memory-swap=-1|--pids-limit=[1-9]{1,4}|--security-opt=(seccomp=unconfined|no-new-privileges=false)|--tmpfs=/x)",
        0..4,
    );
    let lifts = prop::sample::subsequence(crate::relaxation::lifts(), 0..8);
    let other =
        (any::<bool>(), prop::option::of(any::<bool>()), prop::option::of(1u32..9999), any::<[bool; 3]>());
    (line, flags, lifts, other).prop_map(
        |(line, extra_args, lifts, (scripts, read_only, pids_limit, engine))| {
            let mut facts = facts()
                .with_file("/home/me/p/x.js")
                .with_folder("/home/me/p", &["package.json", "pyproject.toml"]);
            [facts.engine.rootless, facts.engine.desktop, facts.engine.userns_remap] = engine;
            let policy =
                Policy { extra_args, allow_scripts: scripts, read_only, pids_limit, ..lifting(&lifts) };
            let mut spec = server(line);
            spec.env.push(("KEY".to_owned(), Text::plain("the-secret-value")));
            spec.args.push(Text::plain("--token=the-secret-value"));
            plan(&spec, &policy, &facts)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_wall_is_missing_unless_a_relaxation_names_it(result in any_plan()) {
        let Ok(plan) = result else { return Ok(()) };
        let named: BTreeSet<&str> = plan.relaxations.iter().map(|relaxation| relaxation.row.name).collect();
        let named = |name: &str| named.contains(name);
        for container in &plan.containers {
            prop_assert_eq!(&container.capabilities.drop, &["ALL".to_owned()]);
            let is_server = container.role == Role::Server;
            prop_assert!(container.no_new_privileges || (is_server && named("new_privileges")));
            prop_assert!(container.read_only_root || (is_server && named("writable_root")));
            prop_assert!(!container.privileged || named("privileged"));
            prop_assert!(!container.host_namespaces.pid || named("host_pid"));
            prop_assert!(container.limits.memory > 0 && container.limits.pids > 0);
            prop_assert!(container.limits.memory_swap == container.limits.memory.cast_signed() || named("swap"));
            prop_assert!(!is_server || container.limits.pids <= 256 || named("pids"));
            prop_assert!(container.network != Network::Host || named("network_host"));
            prop_assert!(container.security_options.is_empty() || named("seccomp"));
            prop_assert!(!is_server || container.user.uid != 0 || named("root_user") || named("folder_read") || named("folder_write") || !container.mounts.is_empty());
            for name in &container.capabilities.add {
                let is_plain = crate::flags::CAPABILITIES.contains(&name.as_str());
                prop_assert!(named("strong_capability") || (is_plain && (named("capability") || !is_server)));
            }
            for mount in &container.mounts {
                let is_bind = matches!(mount.source, MountSource::Bind(_));
                prop_assert!(!is_bind || mount.read_only || named("folder_write"));
            }
        }
    }

    #[test]
    fn no_value_of_a_secret_is_ever_printed(result in any_plan()) {
        let printed = match &result {
            Ok(plan) => format!(
                "{plan:?}{:?}{:?}{}",
                plan.docker_run_args,
                crate::explain::explain(plan),
                crate::explain::docker_run_line(plan)
            ),
            Err(refusal) => format!("{refusal:?}{refusal}{:?}", refusal.fields()),
        };
        prop_assert!(!printed.contains("the-secret-value"), "{}", printed);
        if let Ok(plan) = &result
            && let Some(server) = plan.server_container()
        {
            prop_assert!(server.env.iter().any(|(name, value)| name == "KEY" && value.expose() == "the-secret-value"));
        }
    }
}

#[test]
fn a_spec_does_not_print_its_values() {
    let spec = ServerSpec { env: vec![("A".to_owned(), Text::plain("hunter2"))], ..server("x") };
    assert!(!format!("{spec:?}").contains("hunter2"));
}
