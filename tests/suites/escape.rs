//! The walls of the container, tried from inside by a server under the shipped recipe.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};

use mcpproxy_tests::mcp::Client;
use mcpproxy_tests::proxy::{Proxy, Setup};
use mcpproxy_tests::servers::{hostile, with};
use serde_json::{Value, json};

fn start() -> (Proxy, Client) {
    let proxy = Setup::new(vec![hostile("bad", "good")]).start();
    proxy.wait_until_ready("bad");
    let client = Client::open(&proxy);
    (proxy, client)
}

fn attack(client: &mut Client, what: &str) -> Value {
    client.ask("bad__attack", &json!({ "what": what }))
}

/// Each named try ended in one of these errors.
fn assert_refused(found: &Value, errors: &[&str]) {
    for (name, outcome) in found.as_object().unwrap() {
        let error = outcome["error"].as_str().unwrap_or("none");
        assert!(
            outcome["done"] == false && errors.contains(&error),
            "{name}: {outcome}, wanted one of {errors:?}"
        );
    }
}

#[test]
fn no_capability_no_new_privilege_and_not_root() {
    let (_proxy, mut client) = start();
    let status = attack(&mut client, "status");
    for set in ["CapEff", "CapBnd", "CapPrm", "CapAmb"] {
        assert_eq!(status[set], "0000000000000000", "{status}");
    }
    assert_eq!(status["NoNewPrivs"], "1");
    assert_eq!(status["Seccomp"], "2");
    assert_eq!(attack(&mut client, "identity")["uid"], 65532);
    assert_refused(&attack(&mut client, "capabilities"), &["EPERM", "EACCES"]);
}

#[test]
fn system_calls_against_the_kernel_are_refused() {
    let (_proxy, mut client) = start();
    assert_refused(&attack(&mut client, "kernel"), &["EPERM", "ENOSYS", "EACCES"]);
}

#[test]
fn writing_outside_the_small_places_is_refused() {
    let (_proxy, mut client) = start();
    assert_refused(&attack(&mut client, "write_root"), &["EROFS", "EACCES", "ENOENT"]);
}

#[test]
fn the_first_process_can_be_neither_read_nor_hurt() {
    let (proxy, mut client) = start();
    let mut found = attack(&mut client, "read_pid1");
    let tries = found.as_object_mut().unwrap();
    // A signal to the first process is accepted and has no effect.
    tries.remove("kill");
    tries.remove("stop");
    assert_refused(&found, &["EACCES", "EPERM"]);
    assert_eq!(attack(&mut client, "ping"), json!({}));
    assert_eq!(proxy.server("bad")["reconnect_count"], 0);
}

#[test]
fn the_engines_sockets_are_not_there() {
    let (_proxy, mut client) = start();
    assert_refused(&attack(&mut client, "engine_socket"), &["ENOENT", "EACCES"]);
}

#[test]
fn switches_of_the_kernel_in_proc_and_sys_are_out_of_reach() {
    let (_proxy, mut client) = start();
    let mut found = attack(&mut client, "proc_writes");
    for masked in ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug"] {
        let outcome = found.as_object_mut().unwrap().remove(masked).unwrap();
        assert!(outcome["done"] == false || outcome["result"] == 0, "{masked}: {outcome}");
    }
    assert_refused(&found, &["EROFS", "EACCES", "ENOENT", "EPERM"]);
}

#[test]
fn programs_with_the_setuid_bit_gain_nothing() {
    let (_proxy, mut client) = start();
    let found = attack(&mut client, "setuid_programs");
    let su = found.as_object().unwrap().iter().filter(|(program, _)| program.ends_with("/su"));
    for (program, outcome) in su {
        assert!(outcome["code"] != 0 && outcome["output"] != "0\n", "{program}: {outcome}");
    }
}

#[test]
fn dumps_open_files_and_file_sizes_are_limited() {
    let (_proxy, mut client) = start();
    let limits = attack(&mut client, "limits");
    assert_eq!(limits["core"], json!([0, 0]));
    assert!(limits["nofile"][1].as_i64().unwrap() <= 4096, "{limits}");
    let size = limits["fsize"][1].as_i64().unwrap();
    assert!((0..=2 << 30).contains(&size), "{limits}");
}

#[test]
fn no_folder_of_this_computer_is_mounted() {
    let (_proxy, mut client) = start();
    let home = fs::canonicalize(std::env::var("HOME").unwrap()).unwrap();
    let found = attack(&mut client, "host_files");
    let secrets =
        fs::read_dir(&home).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap());
    let own: Vec<String> =
        secrets.filter(|name| name.starts_with(".ssh") || name.starts_with(".cargo")).collect();
    assert!(own.iter().all(|name| !found.to_string().contains(name.as_str())), "{found}");
    let mounts = attack(&mut client, "mounts");
    let docker =
        mounts.as_array().unwrap().iter().filter(|mount| mount[0].as_str().unwrap().contains("docker"));
    assert_eq!(docker.count(), 0, "{mounts}");
}

#[test]
fn the_recipe_as_the_engine_sees_it() {
    let (proxy, _client) = start();
    let container = proxy.server("bad")["container_id"].as_str().unwrap().to_owned();
    let seen = proxy.setup.docker.inspect(&container).unwrap();
    let host = &seen["HostConfig"];
    assert_eq!(host["Privileged"], false);
    assert_eq!(host["CapDrop"], json!(["ALL"]));
    assert_eq!(host["ReadonlyRootfs"], true);
    assert_eq!(host["Memory"], 512 << 20);
    assert_eq!(host["MemorySwap"], host["Memory"]);
    assert_eq!(host["PidsLimit"], 256);
    assert_eq!(host["NanoCpus"], 1_000_000_000_i64);
    assert_eq!(host["LogConfig"]["Type"], "none");
    assert_eq!(host["AutoRemove"], true);
    assert_eq!(host["NetworkMode"], "bridge");
    assert!(host["SecurityOpt"].to_string().contains("no-new-privileges"), "{host}");
    assert_eq!(seen["Config"]["StdinOnce"], true);
    let labels = &seen["Config"]["Labels"];
    assert_eq!(labels["com.mcpproxy.managed"], "true");
    assert_eq!(labels["com.mcpproxy.server"], "bad");
    assert_eq!(labels["com.mcpproxy.instance"], proxy.instance().as_str());
    assert!(seen["Name"].as_str().unwrap().starts_with("/mcpproxy-bad-"), "{}", seen["Name"]);
}

#[test]
fn without_a_network_nothing_is_reached_and_nothing_listens_for_others() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let closed = with(hostile("bad", "good"), &json!({ "isolation": { "network_mode": "none" } }));
    let proxy = Setup::new(vec![closed]).start();
    proxy.wait_until_ready("bad");
    let mut client = Client::open(&proxy);
    for address in [format!("172.17.0.1:{port}"), "1.1.1.1:443".to_owned(), "169.254.169.254:80".to_owned()] {
        let found = client.ask("bad__attack", &json!({ "what": "connect_to", "address": address }));
        assert_eq!(found["done"], false, "{address}: {found}");
    }
}

#[test]
fn a_server_on_the_bridge_reaches_another_and_is_said_to() {
    // Until each server has a network of its own this is so, and the sentence that a person reads must not hide it.
    let proxy = Setup::new(vec![hostile("bad", "good")]).start();
    proxy.wait_until_ready("bad");
    let explained = proxy.get("/api/v1/servers/bad/explain");
    let network = explained["lines"].as_array().unwrap().iter().find(|line| line["kind"] == "network");
    let text = network.unwrap()["text"].as_str().unwrap();
    assert!(
        text.contains("internet") && text.contains("your network") && text.contains("this computer"),
        "{text}"
    );
}

#[test]
fn nothing_of_the_proxy_listens_beyond_loopback() {
    let (proxy, mut client) = start();
    let port: u16 = proxy.address.rsplit(':').next().unwrap().parse().unwrap();
    let found =
        client.ask("bad__attack", &json!({ "what": "connect_to", "address": format!("172.17.0.1:{port}") }));
    assert_eq!(found["done"], false, "{found}");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
}

#[test]
fn what_breaks_isolation_is_refused_by_name_before_anything_runs() {
    let home = std::env::var("HOME").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("harmless");
    std::os::unix::fs::symlink("/var/run/docker.sock", &link).unwrap();
    let link = format!("{}:/s", link.display());
    let cases: Vec<(Value, &str)> = vec![
        (json!({ "extra_args": ["--privileged"] }), "--privileged"),
        (json!({ "extra_args": ["--pid=host"] }), "--pid"),
        (json!({ "extra_args": ["--ipc", "host"] }), "--ipc"),
        (json!({ "extra_args": ["--userns=host"] }), "--userns"),
        (json!({ "extra_args": ["--device", "/dev/kmsg"] }), "--device"),
        (json!({ "extra_args": ["--volumes-from", "other"] }), "--volumes-from"),
        (json!({ "extra_args": ["--no-such-flag"] }), "--no-such-flag"),
        (json!({ "extra_args": ["-v", "/:/host"] }), "/"),
        (json!({ "volumes": ["/var/run/docker.sock:/var/run/docker.sock"] }), "docker.sock"),
        (json!({ "volumes": ["/var/run/../run/docker.sock:/s:rw"] }), "docker.sock"),
        (json!({ "volumes": [link] }), "the engine's socket"),
        (json!({ "volumes": [format!("{home}:/home/me")] }), home.as_str()),
        (json!({ "volumes": ["/etc:/host-etc"] }), "/etc"),
        (json!({ "volumes": ["/proc:/host-proc"] }), "/proc"),
    ];
    let entry = |at: usize, isolation: &Value| {
        with(hostile(&format!("refused{at}"), "good"), &json!({ "isolation": isolation }))
    };
    let servers = cases.iter().enumerate().map(|(at, (isolation, _))| entry(at, isolation)).collect();
    let proxy = Setup::new(servers).start();
    for (at, (isolation, word)) in cases.iter().enumerate() {
        let name = format!("refused{at}");
        let server = proxy
            .wait_for(&name, "refused", mcpproxy_tests::wait::GENEROUS, |server| server["state"] == "failed");
        let told = format!("{} {}", server["last_error"], server["diagnostic"]);
        assert!(told.contains(word), "{isolation} must be refused by the name {word}: {told}");
    }
    assert!(proxy.containers().is_empty(), "something ran: {:?}", proxy.containers());
}

#[test]
fn a_mounted_folder_is_read_only_unless_it_says_rw() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["read", "write"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    fs::File::create(folder.path().join("read/file")).unwrap().write_all(b"mine").unwrap();
    let place = folder.path().display();
    let volumes = json!([format!("{place}/read:/read"), format!("{place}/write:/write:rw")]);
    let proxy =
        Setup::new(vec![with(hostile("bad", "good"), &json!({ "isolation": { "volumes": volumes } }))])
            .start();
    proxy.wait_until_ready("bad");
    let mut client = Client::open(&proxy);
    let found = client.ask("bad__attack", &json!({ "what": "fill", "folder": "/read" }));
    assert_eq!(found["error"], "EROFS", "{found}");
    assert_eq!(fs::read(folder.path().join("read/file")).unwrap(), b"mine");
}
