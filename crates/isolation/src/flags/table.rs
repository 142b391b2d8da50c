//! The flags of `docker run`, and what becomes of each.

/// Whether a flag takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    Value,
}

/// What becomes of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Becomes {
    /// Already so, or without a meaning here.
    Ignored,
    Terminal,
    Env,
    Label,
    Volume,
    Mount,
    Tmpfs,
    Cwd,
    User,
    Group,
    Hostname,
    Dns,
    DnsSearch,
    DnsOption,
    Host,
    Memory,
    MemorySwap,
    Cpus,
    CpuShares,
    Pids,
    ShmSize,
    Ulimit,
    OomScore,
    StopSignal,
    StopTimeout,
    Network,
    Port,
    CapAdd,
    SecurityOption,
    Privileged,
    Pid,
    Ipc,
    Uts,
    Userns,
    Cgroupns,
    Device,
    /// Has no place here, and why.
    Refused(&'static str),
}

/// One flag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flag {
    pub(super) long: &'static str,
    pub(super) short: Option<char>,
    pub(super) takes: Takes,
    pub(super) becomes: Becomes,
}

pub(super) fn long(name: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.long == name)
}

pub(super) fn short(letter: char) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.short == Some(letter))
}

const fn value(long: &'static str, becomes: Becomes) -> Flag {
    Flag { long, short: None, takes: Takes::Value, becomes }
}

const fn short_value(short: char, long: &'static str, becomes: Becomes) -> Flag {
    Flag { long, short: Some(short), takes: Takes::Value, becomes }
}

const fn switch(long: &'static str, becomes: Becomes) -> Flag {
    Flag { long, short: None, takes: Takes::Nothing, becomes }
}

const fn short_switch(short: char, long: &'static str, becomes: Becomes) -> Flag {
    Flag { long, short: Some(short), takes: Takes::Nothing, becomes }
}

const FLAGS: &[Flag] = &[
    // What the recipe does anyway.
    short_switch('i', "interactive", Becomes::Ignored),
    switch("rm", Becomes::Ignored),
    switch("init", Becomes::Ignored),
    short_value('a', "attach", Becomes::Ignored),
    value("pull", Becomes::Ignored),
    short_switch('q', "quiet", Becomes::Ignored),
    switch("sig-proxy", Becomes::Ignored),
    value("name", Becomes::Ignored),
    switch("read-only", Becomes::Ignored),
    value("cap-drop", Becomes::Ignored),
    switch("no-healthcheck", Becomes::Ignored),
    value("platform", Becomes::Refused("the engine's own platform is used")),
    short_switch('t', "tty", Becomes::Terminal),
    // What becomes a field of its own.
    short_value('e', "env", Becomes::Env),
    short_value('l', "label", Becomes::Label),
    short_value('v', "volume", Becomes::Volume),
    value("mount", Becomes::Mount),
    value("tmpfs", Becomes::Tmpfs),
    short_value('w', "workdir", Becomes::Cwd),
    short_value('u', "user", Becomes::User),
    value("group-add", Becomes::Group),
    short_value('h', "hostname", Becomes::Hostname),
    value("dns", Becomes::Dns),
    value("dns-search", Becomes::DnsSearch),
    value("dns-opt", Becomes::DnsOption),
    value("dns-option", Becomes::DnsOption),
    value("add-host", Becomes::Host),
    short_value('m', "memory", Becomes::Memory),
    value("memory-swap", Becomes::MemorySwap),
    value("cpus", Becomes::Cpus),
    short_value('c', "cpu-shares", Becomes::CpuShares),
    value("pids-limit", Becomes::Pids),
    value("shm-size", Becomes::ShmSize),
    value("ulimit", Becomes::Ulimit),
    value("oom-score-adj", Becomes::OomScore),
    value("stop-signal", Becomes::StopSignal),
    value("stop-timeout", Becomes::StopTimeout),
    value("network", Becomes::Network),
    value("net", Becomes::Network),
    short_value('p', "publish", Becomes::Port),
    value("cap-add", Becomes::CapAdd),
    value("security-opt", Becomes::SecurityOption),
    // What breaks the wall, and needs its word in allow_unsafe.
    switch("privileged", Becomes::Privileged),
    value("pid", Becomes::Pid),
    value("ipc", Becomes::Ipc),
    value("uts", Becomes::Uts),
    value("userns", Becomes::Userns),
    value("cgroupns", Becomes::Cgroupns),
    value("device", Becomes::Device),
    // What has no place here.
    short_switch('d', "detach", Becomes::Refused("a server that is detached cannot be spoken to")),
    value("detach-keys", Becomes::Refused("there is no terminal to detach from")),
    value("env-file", Becomes::Refused("write its variables into env")),
    value("entrypoint", Becomes::Refused("the command of the server says what runs")),
    value("cidfile", Becomes::Refused("the container is followed over the engine's API")),
    value("volumes-from", Becomes::Refused("it takes over the folders of another container")),
    value("volume-driver", Becomes::Refused("only local volumes are used")),
    short_switch('P', "publish-all", Becomes::Refused("name each port with -p 127.0.0.1:…")),
    value("expose", Becomes::Refused("name each port with -p 127.0.0.1:…")),
    value("link", Becomes::Refused("containers are not linked")),
    value("network-alias", Becomes::Refused("other containers have no business with this one")),
    value("ip", Becomes::Refused("addresses are the engine's business")),
    value("ip6", Becomes::Refused("addresses are the engine's business")),
    value("restart", Becomes::Refused("MCPProxy restarts servers itself")),
    value("runtime", Becomes::Refused("the engine's own runtime is used")),
    value("isolation", Becomes::Refused("it is for Windows containers")),
    value("cgroup-parent", Becomes::Refused("it would move the container out of its limits")),
    value("device-cgroup-rule", Becomes::Refused("it opens devices of the host")),
    value("device-read-bps", Becomes::Refused("it names devices of the host")),
    value("device-write-bps", Becomes::Refused("it names devices of the host")),
    value("device-read-iops", Becomes::Refused("it names devices of the host")),
    value("device-write-iops", Becomes::Refused("it names devices of the host")),
    value("gpus", Becomes::Refused("graphics cards are not handed on yet")),
    value("sysctl", Becomes::Refused("it changes settings of the kernel")),
    switch(
        "oom-kill-disable",
        Becomes::Refused("a container that cannot be killed takes the computer with it"),
    ),
    value("log-driver", Becomes::Refused("set docker_isolation.log_driver instead")),
    value("log-opt", Becomes::Refused("set docker_isolation.log_driver instead")),
    value("storage-opt", Becomes::Refused("the container writes nothing to the engine's disk")),
    value("health-cmd", Becomes::Refused("MCPProxy asks the server itself")),
    value("label-file", Becomes::Refused("write its labels with --label")),
];
