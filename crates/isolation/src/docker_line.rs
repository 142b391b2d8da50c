//! The equal `docker run` for people: what they wrote, in which image, under which flags. Values of variables and
//! secrets in arguments are masked; our own helpers are left out.

use crate::launcher::words::quote;
use crate::plan::{Container, LogDriver, MountSource, short_name};
use crate::sizes;
use crate::spec::{MASK, Text};

/// The arguments of `docker run`, in the order that the documents show.
pub fn arguments(container: &Container, command: &[Text]) -> Vec<String> {
    let limits = &container.limits;
    let mut args: Vec<String> = ["run", "-i", "--rm"].map(str::to_owned).into();
    let mut push = |text: String| args.push(text);
    push(format!("--memory={}", sizes::flag(limits.memory)));
    if let Some(nano) = limits.nano_cpus {
        push(format!("--cpus={}", cpus(nano)));
    }
    push(format!("--network={}", container.network.mode()));
    let swap = u64::try_from(limits.memory_swap).map_or_else(|_| "-1".to_owned(), sizes::flag);
    push(format!("--memory-swap={swap}"));
    push(format!("--pids-limit={}", limits.pids));
    for ulimit in &limits.ulimits {
        push(format!("--ulimit={}={}:{}", ulimit.name, ulimit.soft, ulimit.hard));
    }
    push(format!("--user={}", container.user));
    if container.privileged {
        push("--privileged".to_owned());
    }
    container.capabilities.drop.iter().for_each(|name| push(format!("--cap-drop={name}")));
    container.capabilities.add.iter().for_each(|name| push(format!("--cap-add={name}")));
    if container.no_new_privileges {
        push("--security-opt=no-new-privileges".to_owned());
    }
    container.security_options.iter().for_each(|option| push(format!("--security-opt={option}")));
    if container.read_only_root {
        push("--read-only".to_owned());
    }
    let namespaces = container.host_namespaces;
    for (name, is_host) in [
        ("pid", namespaces.pid),
        ("ipc", namespaces.ipc),
        ("uts", namespaces.uts),
        ("userns", namespaces.user),
        ("cgroupns", namespaces.cgroup),
    ] {
        if is_host {
            push(format!("--{name}=host"));
        }
    }
    container.devices.iter().for_each(|device| push(format!("--device={}:{}", device.source, device.target)));
    match &container.log {
        LogDriver::None => push("--log-driver=none".to_owned()),
        LogDriver::Named { name, options } => {
            push(format!("--log-driver={name}"));
            options.iter().for_each(|(key, value)| push(format!("--log-opt={key}={value}")));
        }
    }
    container.tmpfs.iter().for_each(|tmpfs| push(format!("--tmpfs={}:{}", tmpfs.target, tmpfs.options)));
    for mount in &container.mounts {
        let (kind, source) = match &mount.source {
            MountSource::Bind(path) => ("bind", path),
            MountSource::Volume(name) | MountSource::State(name) => ("volume", name),
            // Prepared packages stand for the person's own command, which the line shows instead.
            MountSource::Packages => continue,
        };
        let read_only = if mount.read_only { ",readonly" } else { "" };
        push(format!("--mount=type={kind},source={source},target={}{read_only}", mount.target));
    }
    for port in &container.ports {
        let host_port = port.host_port.map_or_else(String::new, |port| port.to_string());
        push(format!("--publish={}:{host_port}:{}/{}", port.host_ip, port.container_port, port.protocol));
    }
    push(format!("--workdir={}", container.cwd));
    for (name, _) in &container.env {
        push("-e".to_owned());
        push(format!("{name}={MASK}"));
    }
    push(short_name(&container.image).to_owned());
    command.iter().for_each(|word| push(word.shown().to_owned()));
    args
}

/// The line that a person can paste into a shell.
pub fn line(args: &[String]) -> String {
    std::iter::once("docker".to_owned())
        .chain(args.iter().map(|arg| quote(arg)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The form in the log: `["run", "-i", …]`.
pub fn log_form(args: &[String]) -> String {
    let words: Vec<String> =
        args.iter().map(|arg| serde_json::Value::from(arg.as_str()).to_string()).collect();
    format!("[{}]", words.join(", "))
}

/// `1.0`, `0.5`, `2.25`, as the configuration writes them.
pub fn cpus(nano: i64) -> String {
    let text = format!("{}", nano as f64 / 1e9);
    if text.contains('.') { text } else { format!("{text}.0") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launcher::words::{Split, split_posix};
    use proptest::prelude::*;

    #[test]
    fn the_log_form_is_a_list_of_quoted_words() {
        assert_eq!(log_form(&["run".to_owned(), "a \"b\"".to_owned()]), r#"["run", "a \"b\""]"#);
    }

    #[test]
    fn cpus_are_written_with_a_point() {
        assert_eq!((cpus(1_000_000_000), cpus(500_000_000)), ("1.0".to_owned(), "0.5".to_owned()));
    }

    proptest! {
        #[test]
        fn a_shell_reads_the_line_as_the_same_words(args in prop::collection::vec(".{0,10}", 0..5)) {
            let mut words = vec!["docker".to_owned()];
            words.extend(args.iter().cloned());
            prop_assert_eq!(split_posix(&line(&args)), Split::Simple(words));
        }
    }
}
