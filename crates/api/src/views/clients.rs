//! Clients, changes of their files and servers to import, as the API shows them.

use mcpproxy_api_types as types;
use mcpproxy_core as core;

pub(crate) fn client(view: core::ClientView) -> types::Client {
    let state = match view.state {
        core::ClientState::Absent => types::ClientState::Absent,
        core::ClientState::NotConnected => types::ClientState::NotConnected,
        core::ClientState::Waiting => types::ClientState::Waiting,
        core::ClientState::Connected => types::ClientState::Connected,
        core::ClientState::Elsewhere => types::ClientState::Elsewhere,
        core::ClientState::Removed => types::ClientState::Removed,
        core::ClientState::Trouble => types::ClientState::Trouble,
    };
    types::Client {
        id: view.id.to_owned(),
        name: view.name.to_owned(),
        state,
        sentence: view.sentence,
        path: view.path,
        file: view.file.display().to_string(),
        stdio_only: view.stdio_only,
        others: view.others,
        seen_at: view.seen_at.map(|at| at.to_string()),
        problem: view.problem.map(str::to_owned),
        line: view.position.map(|(line, _)| line),
        column: view.position.map(|(_, column)| column),
        can_undo: view.can_undo,
        next_step: next_step(view.next_step),
    }
}

fn next_step(step: core::NextStep) -> types::NextStep {
    types::NextStep { key: step.key.to_owned(), text: step.text }
}

pub(crate) fn change(preview: core::ClientPreview) -> types::ClientChange {
    let line = |line: core::DifferenceLine| types::DiffLine { kind: line.kind.to_string(), text: line.text };
    types::ClientChange {
        client: preview.client.to_owned(),
        name: preview.name.to_owned(),
        path: preview.path,
        diff: preview.difference.into_iter().map(line).collect(),
        fingerprint: preview.fingerprint,
        taken: preview.taken,
        waiting: preview.waiting,
        next_step: next_step(preview.next_step),
    }
}

pub(crate) fn importable(server: core::Importable) -> types::ImportableServer {
    let clients = server.clients.into_iter().zip(server.files);
    let origin = |((client, name), file): ((&str, String), String)| types::ImportOrigin {
        client: client.to_owned(),
        name,
        file,
    };
    let secret = |secret: core::SecretPlace| types::ImportSecret {
        place: secret.kind.to_owned(),
        name: secret.name,
        masked: secret.masked,
    };
    types::ImportableServer {
        id: server.id,
        name: server.name,
        kind: server.kind.to_owned(),
        clients: clients.map(origin).collect(),
        line: server.line,
        ticked: server.ticked,
        disabled: server.disabled,
        exists: server.exists,
        secrets: server.secrets.into_iter().map(secret).collect(),
        folders: server.folders,
        references: server.references,
        unknown_words: server.unknown_words,
        left_out: server.left_out,
        explain: server.explanation.map(|explanation| lines(&explanation)).unwrap_or_default(),
    }
}

fn lines(explanation: &core::Explanation) -> Vec<types::ExplanationLine> {
    let line = |sentence: &core::Sentence| types::ExplanationLine {
        kind: sentence.kind.to_owned(),
        key: sentence.key.to_owned(),
        text: sentence.text(),
    };
    explanation.sentences.iter().map(line).collect()
}

pub(crate) fn unread(unread: core::Unread) -> types::UnreadClient {
    types::UnreadClient {
        client: unread.client.to_owned(),
        code: unread.code.to_owned(),
        sentence: unread.sentence,
    }
}

pub(crate) fn imported(server: core::ImportedServer) -> types::ImportedServer {
    let (code, message) = server.failure.map(|failure| (failure.code.to_owned(), failure.sentence)).unzip();
    types::ImportedServer {
        id: server.id,
        name: server.name,
        added: code.is_none(),
        secrets: server.secrets,
        code,
        message,
    }
}
