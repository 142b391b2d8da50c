#![cfg(unix)]

use super::*;
use crate::plan::{Mount as PlannedMount, Port};

fn planned() -> Container {
    crate::container::tests::container("an-instance")
}

fn volumes() -> Volumes<'static> {
    Volumes { program: "mcpproxy-shim-x-amd64", certificates: None, packages: None, of_image: &[] }
}

fn json(container: &Container, volumes: &Volumes<'_>) -> serde_json::Value {
    serde_json::to_value(of(container, volumes).expect("a request")).expect("JSON")
}

#[test]
fn the_recipe_stands_in_the_request_field_by_field() {
    let body = json(&planned(), &volumes());
    let host = &body["HostConfig"];
    for (field, expected) in [
        (&host["ReadonlyRootfs"], "true"),
        (&host["CapDrop"], r#"["ALL"]"#),
        (&host["CapAdd"], "null"),
        (&host["SecurityOpt"], r#"["no-new-privileges"]"#),
        (&host["Privileged"], "false"),
        (&host["PidsLimit"], "64"),
        (&host["Memory"], "67108864"),
        (&host["MemorySwap"], "67108864"),
        (&host["NanoCpus"], "1000000000"),
        (&host["OomScoreAdj"], "500"),
        (&host["NetworkMode"], r#""none""#),
        (&host["IpcMode"], r#""private""#),
        (&host["PidMode"], r#""""#),
        (&host["CgroupnsMode"], r#""private""#),
        (&host["LogConfig"]["Type"], r#""none""#),
        (&host["AutoRemove"], "true"),
        (&host["Init"], "false"),
        (&host["MaskedPaths"], "null"),
        (&host["Binds"], "null"),
        (&host["PortBindings"], "null"),
        (&body["User"], r#""65532:65532""#),
        (&body["Entrypoint"], r#"["/.mcpproxy/shim"]"#),
        (&body["Cmd"], "null"),
        (&body["OpenStdin"], "true"),
        (&body["StdinOnce"], "true"),
        (&body["Tty"], "false"),
        (&body["Healthcheck"]["Test"], r#"["NONE"]"#),
        (&body["StopSignal"], r#""SIGTERM""#),
    ] {
        assert_eq!(field.to_string(), expected, "in {body}");
    }
}

#[test]
fn neither_command_nor_secrets_are_in_the_request() {
    let mut container = planned();
    container.argv = vec!["run-me".into()];
    container.env = vec![("TOKEN".to_owned(), crate::spec::Text::plain("not-marked-secret"))];
    let body = json(&container, &volumes()).to_string();
    assert!(
        !body.contains("run-me") && !body.contains("not-marked-secret") && !body.contains("TOKEN"),
        "{body}"
    );
}

#[test]
fn a_read_only_bind_hides_what_is_mounted_beneath_it() {
    let mut container = planned();
    for (target, read_only) in [("/mcpproxy/in", true), ("/mcpproxy/out", false)] {
        let source = MountSource::Bind("/srv/x".to_owned());
        container.mounts.push(PlannedMount { source, target: target.to_owned(), read_only });
    }
    let mounts = &json(&container, &volumes())["HostConfig"]["Mounts"];
    assert_eq!(
        mounts[1]["BindOptions"],
        serde_json::json!({"Propagation": "rprivate", "NonRecursive": true})
    );
    assert_eq!(mounts[1]["ReadOnly"], true);
    assert_eq!(mounts[2]["BindOptions"]["NonRecursive"], false);
}

#[test]
fn packages_that_are_not_prepared_make_no_request() {
    let mut container = planned();
    container.mounts.push(PlannedMount {
        source: MountSource::Packages,
        target: "/mcpproxy".to_owned(),
        read_only: true,
    });
    assert!(of(&container, &volumes()).is_none());
    let prepared = Volumes { packages: Some("mcpproxy-packages-1"), ..volumes() };
    assert_eq!(json(&container, &prepared)["HostConfig"]["Mounts"][1]["Source"], "mcpproxy-packages-1");
}

#[test]
fn a_volume_of_the_image_is_covered_unless_the_plan_mounts_there() {
    let mut container = planned();
    let source = MountSource::Volume("mine".to_owned());
    container.mounts.push(PlannedMount { source, target: "/var/lib/db".to_owned(), read_only: false });
    let of_image = ["/var/lib/db".to_owned(), "/cache".to_owned(), "/tmp".to_owned()];
    let tmpfs =
        json(&container, &Volumes { of_image: &of_image, ..volumes() })["HostConfig"]["Tmpfs"].clone();
    assert!(tmpfs.get("/var/lib/db").is_none(), "{tmpfs}");
    assert_eq!(tmpfs["/cache"], OVER_VOLUME);
    assert_ne!(tmpfs["/tmp"], OVER_VOLUME, "the plan's own options win");
}

#[test]
fn the_same_plan_has_the_same_fingerprint_and_another_has_not() {
    let label = |container: &Container| json(container, &volumes())["Labels"][SPEC_LABEL].clone();
    let mut other = planned();
    other.limits.pids += 1;
    assert_eq!(label(&planned()), label(&planned()));
    assert_ne!(label(&planned()), label(&other));
}

#[test]
fn a_log_driver_gets_its_limits_and_memory_beyond_counting_is_not_unlimited() {
    let mut container = planned();
    let options = [("max-size", "10m"), ("max-file", "3")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    container.log = LogDriver::Named { name: "local".to_owned(), options: options.into() };
    container.limits.memory = u64::MAX;
    let host = json(&container, &volumes())["HostConfig"].clone();
    let config = serde_json::json!({"max-size": "10m", "max-file": "3"});
    assert_eq!((&host["LogConfig"]["Type"], &host["LogConfig"]["Config"]), (&"local".into(), &config));
    assert_eq!(host["Memory"], i64::MAX);
    let label = |container: &Container| json(container, &volumes())["Labels"][SPEC_LABEL].clone();
    assert_eq!(label(&container), label(&container));
    assert_ne!(label(&container), label(&planned()));
}

#[test]
fn ports_are_open_on_the_planned_address_only() {
    let mut container = planned();
    let port = Port {
        host_ip: "127.0.0.1".to_owned(),
        host_port: Some(8123),
        container_port: 80,
        protocol: "tcp".to_owned(),
    };
    container.ports.push(port);
    let body = json(&container, &volumes());
    let binding = serde_json::json!({"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8123"}]});
    assert_eq!(body["HostConfig"]["PortBindings"], binding);
}
