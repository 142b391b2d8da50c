//! What is wrong, as a list of findings with codes; the sentences come from the catalogue.
use crate::{ServerState, Snapshot};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something does not work.
    Problem,
    /// Something works less well than it could.
    Note,
    /// Something was looked at and is fine.
    Fine,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The stable code.
    pub code: &'static str,
    /// The server it concerns.
    pub server: Option<String>,
    /// The words that the sentence needs.
    pub fields: Vec<(&'static str, String)>,
}

impl Finding {
    /// The sentence for a person.
    pub fn sentence(&self) -> String {
        let fields: Vec<(&str, &str)> =
            self.fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        mcpproxy_messages::render(self.code, &fields)
    }
}

/// Everything that a snapshot shows to be wrong or worth knowing, the worst first.
pub(crate) fn examine(snapshot: &Snapshot, dropped_log_lines: u64) -> Vec<Finding> {
    let mut findings = vec![engine(snapshot)];
    if let Some(problem) = &snapshot.file.problem {
        let fields = vec![("sentence", problem.sentence.clone())];
        findings.push(Finding {
            severity: Severity::Problem,
            code: "doctor_config_broken",
            server: None,
            fields,
        });
    }
    for key in &snapshot.file.needs_restart {
        let fields = vec![("key", (*key).to_owned())];
        findings.push(Finding {
            severity: Severity::Note,
            code: "doctor_needs_restart",
            server: None,
            fields,
        });
    }
    for note in &snapshot.file.notes {
        findings.push(Finding {
            severity: Severity::Note,
            code: "doctor_config_note",
            server: None,
            fields: vec![("sentence", note.clone())],
        });
    }
    if dropped_log_lines > 0 {
        let fields = vec![("count", dropped_log_lines.to_string())];
        findings.push(Finding {
            severity: Severity::Note,
            code: "doctor_log_lines_dropped",
            server: None,
            fields,
        });
    }
    for server in snapshot.servers.values() {
        let name = Some(server.name.clone());
        if server.isolation_ignored {
            let fields = vec![("server", server.name.clone())];
            let code = "isolation_ignored";
            findings.push(Finding { severity: Severity::Note, code, server: name.clone(), fields });
        }
        if server.relaxed.iter().any(|name| name == "network_host") {
            let fields = vec![("server", server.name.clone())];
            let code = "doctor_open_network";
            findings.push(Finding { severity: Severity::Note, code, server: name.clone(), fields });
        }
        let troubled = matches!(server.state, ServerState::Failed | ServerState::Backoff { .. });
        if let (true, Some(failure)) = (troubled, &server.failure) {
            let fields = failure.fields.clone();
            findings.push(Finding { severity: Severity::Problem, code: failure.code, server: name, fields });
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

fn engine(snapshot: &Snapshot) -> Finding {
    let engine = &snapshot.engine;
    let severity = match (engine.available, engine.isolation_enabled) {
        (true, _) => Severity::Fine,
        (false, true) => Severity::Problem,
        (false, false) => Severity::Note,
    };
    Finding { severity, code: engine.code, server: None, fields: engine.fields.clone() }
}
