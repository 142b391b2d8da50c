//! `extra_args` in every spelling of the docker command.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::testing::facts;

fn try_read(line: &str, lifts: &[&str]) -> Result<Flags, Refusal> {
    let args: Vec<String> = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let lifts: BTreeSet<String> = lifts.iter().map(|&name| name.to_owned()).collect();
    read(&args, &facts(), &lifts)
}

#[track_caller]
fn flags(line: &str) -> Flags {
    try_read(line, &[]).unwrap_or_else(|refusal| panic!("{line}: {refusal}"))
}

#[test]
fn values_come_glued_or_as_the_next_word() {
    for line in ["-m 1g", "-m=1g", "-m1g", "--memory 1g", "--memory=1g", "-im 1g", "-im1g"] {
        assert_eq!(flags(line).memory, Some(1 << 30), "{line}");
    }
    for line in ["-e A=b", "-eA=b", "-e=A=b", "--env A=b", "--env=A=b", "-ie A=b"] {
        let read = flags(line);
        assert_eq!((read.env[0].0.as_str(), read.env[0].1.expose()), ("A", "b"), "{line}");
    }
}

#[test]
fn each_flag_becomes_its_field() {
    let read = flags(
        "--cpus 0.5 --memory-swap -1 --pids-limit=512 --shm-size 256m -w /app -u 5:6 --group-add 7 -h box --dns 1.1.1.1 \
         --dns-search x --dns-option ndots:1 --add-host a:1.2.3.4 --stop-timeout 3 --stop-signal SIGINT --cap-add chown \
         --ulimit nofile=10:20 --tmpfs /cache:size=32m,noexec -l a=b --oom-score-adj 900 -c 512 --network none",
    );
    assert_eq!(read.nano_cpus, Some(500_000_000));
    assert_eq!((read.memory_swap, read.pids, read.shm_size), (Some(-1), Some(512), Some(256 << 20)));
    assert_eq!(
        (read.cwd.as_deref(), read.user.as_deref(), read.hostname.as_deref()),
        (Some("/app"), Some("5:6"), Some("box"))
    );
    assert_eq!(
        (read.groups, read.dns, read.dns_search),
        (vec!["7".to_owned()], vec!["1.1.1.1".to_owned()], vec!["x".to_owned()])
    );
    assert_eq!((read.dns_options[0].as_str(), read.extra_hosts[0].as_str()), ("ndots:1", "a:1.2.3.4"));
    assert_eq!((read.stop_timeout, read.stop_signal.as_deref()), (Some(3), Some("SIGINT")));
    assert_eq!(read.cap_add, ["CHOWN"]);
    assert_eq!(read.ulimits[0], Ulimit { name: "nofile".to_owned(), soft: 10, hard: 20 });
    assert_eq!(read.tmpfs[0].options, "rw,nosuid,nodev,noexec,size=33554432,nr_inodes=16k,mode=1777");
    assert_eq!(
        read.labels,
        [("user.a".to_owned(), "b".to_owned())],
        "labels of the person cannot pass for ours"
    );
    assert_eq!(
        (read.oom_score_adj, read.cpu_shares, read.network),
        (Some(900), Some(512), Some(Network::None))
    );
}

#[test]
fn what_the_recipe_does_anyway_says_nothing() {
    let read = flags(
        "-i --rm --init --name x --pull=always --cap-drop=ALL --read-only --security-opt no-new-privileges",
    );
    assert!(read.notes.is_empty() && read.lifted.is_empty());
}

#[test]
fn core_dumps_are_refused_by_name_and_other_limits_are_not() {
    for limit in ["core=-1", "core=1", "core=0:100", "core=-1:-1"] {
        let refusal = try_read(&format!("--ulimit {limit}"), &[]).expect_err(limit).to_string();
        assert!(refusal.contains("core dumps"), "{limit}: {refusal}");
    }
    assert_eq!(flags("--ulimit core=0 --ulimit nofile=64").ulimits.len(), 2);
}

#[test]
fn a_terminal_is_taken_away_with_a_remark() {
    for line in ["-t", "-it", "--tty", "--tty=true"] {
        assert_eq!(flags(line).notes[0].key, "isolation-terminal-stripped", "{line}");
    }
    assert!(flags("--tty=false").notes.is_empty());
}

#[test]
fn what_breaks_the_wall_is_refused_until_it_is_named() {
    for (line, lift) in [
        ("--privileged", "privileged"),
        ("--privileged=true", "privileged"),
        ("--pid=host", "host_pid"),
        ("--pid host", "host_pid"),
        ("--ipc=host", "host_ipc"),
        ("--uts=host", "host_uts"),
        ("--userns=host", "host_userns"),
        ("--cgroupns=host", "host_cgroup"),
        ("--device /dev/kvm", "device"),
        ("--cap-add SYS_ADMIN", "strong_capability"),
        ("--cap-add=cap_sys_ptrace", "strong_capability"),
        ("--cap-add ALL", "strong_capability"),
        ("--security-opt seccomp=unconfined", "seccomp"),
        ("--security-opt seccomp:unconfined", "seccomp"),
        ("--security-opt apparmor=unconfined", "apparmor"),
        ("--security-opt label=disable", "selinux"),
        ("--security-opt no-new-privileges=false", "new_privileges"),
        ("--network container:other", "foreign_network"),
        ("-p 8080:80", "open_port"),
        ("-p 0.0.0.0:8080:80", "open_port"),
    ] {
        let refusal = try_read(line, &[]).unwrap_err();
        assert_eq!(refusal.lift(), Some(lift), "{line}");
        assert!(refusal.to_string().contains(&format!("\"allow_unsafe\": [\"{lift}\"]")), "{refusal}");
        let read = try_read(line, &[lift]).unwrap();
        assert_eq!(read.lifted[0].row.name, lift, "{line}");
    }
}

#[test]
fn what_has_no_place_is_refused_whatever_is_allowed() {
    let all = crate::relaxation::lifts();
    for line in [
        "-d",
        "-P",
        "--volumes-from x",
        "--entrypoint sh",
        "--restart always",
        "--cgroup-parent x",
        "--runtime x",
        "--device-cgroup-rule x",
        "--sysctl a=b",
        "--oom-kill-disable",
        "--log-driver json-file",
        "--gpus all",
        "--link x",
        "--mount type=volume,source=a,target=/x,volume-opt=device=/",
        "--mount type=bind,source=/a,target=/b,bind-propagation=shared",
        "--security-opt systempaths=unconfined",
        "--security-opt unmask=ALL",
        "--security-opt seccomp=/file",
        "--pid container:x",
        "--ipc container:x",
        "--env-file x",
        "-e A",
        "--privileged=maybe",
        "image",
        "-",
        "--",
        "-m",
    ] {
        assert_eq!(try_read(line, &all).unwrap_err().code(), "flag_refused", "{line}");
    }
}

#[test]
fn an_unknown_flag_is_refused_by_name() {
    assert_eq!(
        try_read("--brand-new x", &[]).unwrap_err(),
        Refusal::UnknownFlag { flag: "--brand-new".to_owned() }
    );
    assert_eq!(try_read("-iZ", &[]).unwrap_err(), Refusal::UnknownFlag { flag: "-Z".to_owned() });
}

#[test]
fn mounts_are_collected_read_only_unless_they_say_otherwise() {
    let asked = |line| {
        let ask = flags(line).volumes.remove(0);
        (ask.source, ask.target, ask.read_only)
    };
    let expected = |read_only| ("/a".to_owned(), "/b".to_owned(), read_only);
    assert_eq!(asked("-v /a:/b"), expected(true));
    assert_eq!(asked("--volume=/a:/b:rw"), expected(false));
    assert_eq!(asked("--mount type=bind,src=/a,dst=/b"), expected(true));
    assert_eq!(asked("--mount type=bind,source=/a,target=/b,readonly=false"), expected(false));
    assert_eq!(
        try_read("--mount type=bind,source=/a,target=/proc", &[]).unwrap_err().code(),
        "volume_invalid"
    );
}

#[test]
fn ports_open_on_loopback_only() {
    let read = flags("-p 127.0.0.1:8080:80 -p 127.0.0.1::53/udp");
    let port = |at: usize| {
        let Port { host_ip, host_port, container_port, protocol } = &read.ports[at];
        (host_ip.as_str(), *host_port, *container_port, protocol.as_str())
    };
    assert_eq!(port(0), ("127.0.0.1", Some(8080), 80, "tcp"));
    assert_eq!(port(1), ("127.0.0.1", None, 53, "udp"));
}

proptest! {
    #[test]
    fn no_flags_panic(words in prop::collection::vec("(-[a-zA-Z]{1,3}|--[a-z-]{0,14}(=\\PC{0,8})?|-v|-p|--mount|\\PC{0,12})", 0..6)) {
        let all = crate::relaxation::lifts();
        let _ = read(&words, &facts(), &all.iter().map(|&name| name.to_owned()).collect());
    }

    #[test]
    fn without_allow_unsafe_nothing_opens_the_wall(
        words in prop::collection::vec("(--privileged|--pid=(host|private)|--cap-add=[A-Z_]{3,9}|--device=/dev/x|-it|--rm|--network=(host|none|container:x))", 0..5),
    ) {
        if let Ok(read) = read(&words, &facts(), &BTreeSet::new()) {
            prop_assert!(!read.privileged && read.devices.is_empty());
            prop_assert_eq!(read.namespaces, HostNamespaces::default());
            prop_assert!(read.cap_add.iter().all(|name| CAPABILITIES.contains(&name.as_str())));
        }
    }
}
