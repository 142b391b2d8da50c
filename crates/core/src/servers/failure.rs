//! Every way in which an incarnation can end, as a code with its words, and what that means for the next try.
use jiff::Timestamp;
use mcpproxy_isolation::{
    container::StartError,
    engine::EngineError,
    images::PullError,
    prepare::{PrepareCause, PrepareError},
};
use mcpproxy_secrets::Redactor;
use mcpproxy_upstream::{CloseReason, OpenError};

use super::life::End;
use crate::{ExitView, Failure, logs::printable};

/// Lines of output that a failure shows.
const SHOWN_LINES: usize = 20;

/// An end with its reason.
#[derive(Debug)]
pub(super) struct Trouble {
    pub end: End,
    pub failure: Option<Box<Failure>>,
    pub exit: Option<ExitView>,
}

impl Trouble {
    /// It was asked to end.
    pub(super) const fn asked() -> Self {
        Self { end: End::Asked, failure: None, exit: None }
    }

    pub(super) fn new(
        end: End,
        code: &'static str,
        fields: Vec<(&'static str, String)>,
        detail: impl Into<String>,
    ) -> Self {
        let failure =
            Failure { code, fields, detail: detail.into(), stderr: Vec::new(), at: Timestamp::now() };
        Self { end, failure: Some(Box::new(failure)), exit: None }
    }

    /// The cause can pass by itself.
    pub(super) fn passing(
        code: &'static str,
        fields: Vec<(&'static str, String)>,
        detail: impl Into<String>,
    ) -> Self {
        Self::new(End::Passing, code, fields, detail)
    }

    /// Only a change can mend it.
    pub(super) fn lasting(
        code: &'static str,
        fields: Vec<(&'static str, String)>,
        detail: impl Into<String>,
    ) -> Self {
        Self::new(End::Lasting, code, fields, detail)
    }

    /// Adds a word that its sentence may use.
    pub(super) fn noting(mut self, key: &'static str, value: &str) -> Self {
        if let (Some(failure), false) = (&mut self.failure, value.is_empty()) {
            failure.fields.push((key, value.to_owned()));
        }
        self
    }

    /// Hides what must not be seen in the exact words.
    pub(super) fn redacted(mut self, redactor: &Redactor) -> Self {
        if let Some(failure) = &mut self.failure {
            failure.detail = redactor.redact(&printable(&failure.detail)).into_owned();
            for (_, value) in &mut failure.fields {
                *value = redactor.redact(&printable(value)).into_owned();
            }
            for line in &mut failure.stderr {
                *line = redactor.redact(line).into_owned();
            }
        }
        self
    }

    /// Adds the last words of the process and how it ended.
    pub(super) fn with(mut self, stderr: Vec<String>, exit: ExitView) -> Self {
        let last = stderr.last().cloned().unwrap_or_default();
        if let Some(failure) = &mut self.failure {
            failure.stderr = stderr;
        }
        self.exit = Some(exit);
        if last.is_empty() { self } else { self.field("last_line", last) }
    }

    /// Names the server.
    pub(super) fn named(self, server: &str) -> Self {
        self.field("server", server.to_owned())
    }

    fn field(mut self, key: &'static str, value: String) -> Self {
        if let Some(failure) = &mut self.failure
            && !failure.fields.iter().any(|(known, _)| *known == key)
        {
            failure.fields.push((key, value));
        }
        self
    }
}

/// What runs and where, for the words of its failures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub command: &'a str,
    pub image: Option<&'a str>,
    pub memory: Option<&'a str>,
}

/// How a process ended, as far as it says why: want of memory and a missing command are causes of their own.
pub(super) fn of_exit(exit: &ExitView, before_initialize: bool, place: Place<'_>) -> Trouble {
    let seconds = format!("{:.1}", f64::from(u32::try_from(exit.ran_ms).unwrap_or(u32::MAX)) / 1000.0);
    if exit.oom {
        let limit = place.memory.unwrap_or_default().to_owned();
        return Trouble::passing("server_out_of_memory", vec![("limit", limit)], "");
    }
    let status = match (exit.code, exit.signal) {
        (Some(code), _) => code.to_string(),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => String::new(),
    };
    let mut fields = vec![("exit_code", status), ("seconds", seconds)];
    fields.push(("command", place.command.to_owned()));
    fields.extend(place.image.map(|image| ("image", image.to_owned())));
    match exit.code {
        Some(127) => Trouble::lasting("command_not_found", fields, ""),
        Some(126) => Trouble::lasting("command_not_executable", fields, ""),
        _ if before_initialize => Trouble::passing("exit_before_initialize", fields, ""),
        _ => Trouble::passing("server_exited", fields, ""),
    }
}

/// Why no connection came about while the process still ran.
pub(super) fn of_open(error: &OpenError, timeout_seconds: u64) -> Trouble {
    let detail = error.to_string();
    let seconds = || vec![("seconds", timeout_seconds.to_string())];
    match error {
        OpenError::Timeout => Trouble::passing("initialize_timeout", seconds(), detail),
        OpenError::Closed(reason) => of_close(reason),
        OpenError::Refused { code, message } => {
            let fields = vec![("error_code", code.to_string()), ("message", message.clone())];
            Trouble::passing("initialize_refused", fields, detail)
        }
        OpenError::Version(version) => {
            Trouble::lasting("initialize_version", vec![("version", version.clone())], detail)
        }
        OpenError::Malformed(_) => Trouble::passing("initialize_malformed", Vec::new(), detail),
        OpenError::Address { url, reason } => {
            let fields = vec![("url", url.clone()), ("reason", reason.clone())];
            Trouble::lasting("remote_address", fields, detail)
        }
        OpenError::Status { status: status @ (401 | 403) } => {
            Trouble::lasting("remote_unauthorized", vec![("status", status.to_string())], detail)
        }
        OpenError::Status { status } => {
            Trouble::passing("remote_status", vec![("status", status.to_string())], detail)
        }
        OpenError::Header(name) => Trouble::lasting("remote_header", vec![("header", name.clone())], detail),
    }
}

/// No handshake, and text of no protocol instead: the server is no MCP server, or is started the wrong way.
pub(super) fn of_noise(line: &str) -> Trouble {
    Trouble::passing("not_mcp", vec![("line", line.to_owned())], "")
}

/// Why a connection ended, when its process did not end first.
pub(super) fn of_close(reason: &CloseReason) -> Trouble {
    let fields = match reason {
        CloseReason::LineTooLong { limit } => vec![("limit", limit.to_string())],
        CloseReason::Unauthorized { status } => vec![("status", status.to_string())],
        _ => Vec::new(),
    };
    match reason {
        CloseReason::Unauthorized { .. } => Trouble::lasting(reason.code(), fields, reason.to_string()),
        _ => Trouble::passing(reason.code(), fields, reason.to_string()),
    }
}

/// Why an image is not there.
pub(super) fn of_pull(error: &PullError) -> Trouble {
    match error {
        PullError::Engine(error) => of_engine(error),
        error if error.can_pass() => Trouble::passing(error.code(), error.fields(), error.to_string()),
        error => Trouble::lasting(error.code(), error.fields(), error.to_string()),
    }
}

/// Why packages are not there; the last lines of the installation stand in the place of the server's own.
pub(super) fn of_prepare(error: &PrepareError) -> Trouble {
    let mut trouble = match &error.cause {
        PrepareCause::Engine(error) => of_engine(error),
        _ if error.can_pass() => Trouble::passing(error.code(), error.fields(), error.to_string()),
        _ => Trouble::lasting(error.code(), error.fields(), error.to_string()),
    };
    if let Some(failure) = &mut trouble.failure {
        let skipped = error.output.len().saturating_sub(SHOWN_LINES);
        failure.stderr = error.output[skipped..].iter().map(|line| printable(line).into_owned()).collect();
    }
    trouble
}

/// Why no process came about.
pub(super) fn of_start(error: &StartError) -> Trouble {
    let detail = error.to_string();
    let fields = match error {
        StartError::Engine { source, .. } => return of_engine(source),
        StartError::Exec { program, image, reason, .. } => {
            vec![("program", program.clone()), ("image", image.clone()), ("reason", (*reason).to_owned())]
        }
        StartError::Directory { path, reason, .. } => {
            vec![("path", path.clone()), ("reason", (*reason).to_owned())]
        }
        StartError::Certificates { path, detail } => vec![("path", path.clone()), ("detail", detail.clone())],
        StartError::VolumeBinds { name } => vec![("volume", name.clone())],
        StartError::Architecture { arch } => vec![("arch", arch.clone())],
        StartError::Silent { seconds } => vec![("seconds", seconds.to_string())],
        StartError::Spawn { program, detail, .. } => {
            vec![("program", program.clone()), ("command", program.clone()), ("detail", detail.clone())]
        }
        StartError::Ended { code } => {
            vec![("exit_code", code.map(|code| code.to_string()).unwrap_or_default())]
        }
        StartError::NoContainer | StartError::TooLarge | StartError::Malformed | StartError::Unprepared => {
            Vec::new()
        }
    };
    match error {
        StartError::Ended { .. } | StartError::Silent { .. } | StartError::Unprepared => {
            Trouble::passing(error.code(), fields, detail)
        }
        _ => Trouble::lasting(error.code(), fields, detail),
    }
}

/// What an engine answered instead of doing it.
pub(super) fn of_engine(error: &EngineError) -> Trouble {
    let fields = vec![("detail", error.to_string())];
    if error.is_engine_away() {
        return Trouble::new(End::EngineLost, "engine_lost", fields, error.to_string());
    }
    Trouble::passing(error.code(), fields, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place { command: "uvx", image: Some("python:3.11"), memory: Some("512m") };

    fn exit(code: Option<i32>, oom: bool) -> ExitView {
        ExitView { code, signal: None, oom, at: Timestamp::UNIX_EPOCH, ran_ms: 420, peak_memory: None }
    }

    #[test]
    fn a_command_that_is_not_there_is_not_tried_again() {
        let trouble = of_exit(&exit(Some(127), false), true, PLACE);
        assert_eq!((trouble.end, trouble.failure.unwrap().code), (End::Lasting, "command_not_found"));
    }

    #[test]
    fn want_of_memory_is_named_whatever_the_exit_code() {
        let trouble = of_exit(&exit(Some(127), true), false, PLACE);
        let failure = trouble.failure.unwrap();
        assert_eq!((failure.code, failure.fields[0].1.as_str()), ("server_out_of_memory", "512m"));
        assert_eq!(trouble.end, End::Passing);
    }

    #[test]
    fn an_early_exit_tells_code_time_and_last_words() {
        let trouble = of_exit(&exit(Some(1), false), true, PLACE);
        let trouble =
            trouble.with(vec!["first".into(), "last words".into()], exit(Some(1), false)).named("x");
        let failure = trouble.failure.unwrap();
        assert_eq!(failure.code, "exit_before_initialize");
        for field in [("exit_code", "1"), ("seconds", "0.4"), ("last_line", "last words"), ("server", "x")] {
            assert!(failure.fields.contains(&(field.0, field.1.to_owned())), "{field:?} in {failure:?}");
        }
    }

    #[test]
    fn refused_credentials_wait_for_a_change() {
        assert_eq!(of_open(&OpenError::Status { status: 401 }, 30).end, End::Lasting);
        assert_eq!(of_open(&OpenError::Status { status: 503 }, 30).end, End::Passing);
        assert_eq!(of_close(&CloseReason::Unauthorized { status: 403 }).end, End::Lasting);
    }
}
