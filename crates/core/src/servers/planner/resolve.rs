//! References to secrets become values here, at each start, and are handed on as secrets only.
use mcpproxy_isolation::{
    policy::Policy,
    spec::{ServerSpec, Text},
};
use mcpproxy_secrets::{ResolveError, Secret, Source, SourceError, mask, references, resolve};

use super::Address;
use crate::servers::{
    blueprint::{Endpoint, Process},
    failure::Trouble,
};

/// What must be hidden, by the name it is shown under.
pub(super) type Secrets = Vec<(String, Secret)>;

/// A process with all its values.
pub(super) struct Resolved {
    pub spec: ServerSpec,
    pub secrets: Secrets,
}

/// Resolves a command. All of `env` is handed over as secrets; arguments are where they hold a reference.
pub(super) fn process(name: &str, process: &Process, source: &dyn Source) -> Result<Resolved, Trouble> {
    let mut secrets = Secrets::new();
    let command = plain(&process.command, source, &mut secrets)?;
    let mut args = Vec::with_capacity(process.args.len());
    for arg in &process.args {
        args.push(text(arg, source, &mut secrets)?);
    }
    let mut env = Vec::with_capacity(process.env.len());
    for (key, value) in &process.env {
        let secret = resolve(value, source).map_err(|error| missing(&error))?;
        if is_hidden(key, value, &secret) {
            secrets.push((key.clone(), secret.clone()));
        }
        env.push((key.clone(), Text::Secret(secret)));
    }
    let working_dir = match &process.working_dir {
        Some(path) => Some(plain(&path.to_string_lossy(), source, &mut secrets)?.into()),
        None => None,
    };
    Ok(Resolved { spec: ServerSpec { name: name.to_owned(), command, args, env, working_dir }, secrets })
}

/// A command whose references stay closed, for those who only want to read about it.
pub(super) fn unresolved(name: &str, process: &Process) -> ServerSpec {
    let closed = |value: &String| {
        if references(value).is_empty() { Text::plain(value) } else { Text::secret(value) }
    };
    ServerSpec {
        name: name.to_owned(),
        command: process.command.clone(),
        args: process.args.iter().map(closed).collect(),
        env: process.env.iter().map(|(key, value)| (key.clone(), Text::secret(value))).collect(),
        working_dir: process.working_dir.clone(),
    }
}

/// Resolves the strings of the isolation block.
pub(super) fn policy(
    mut policy: Policy,
    source: &dyn Source,
    secrets: &mut Secrets,
) -> Result<Policy, Trouble> {
    for value in policy.extra_args.iter_mut().chain(&mut policy.volumes).chain(policy.image.as_mut()) {
        *value = plain(value, source, secrets)?;
    }
    Ok(policy)
}

/// Resolves an address and its headers.
pub(super) fn address(endpoint: &Endpoint, source: &dyn Source) -> Result<Address, Trouble> {
    let mut secrets = Secrets::new();
    let url = plain(&endpoint.url, source, &mut secrets)?;
    let mut headers = Vec::with_capacity(endpoint.headers.len());
    for (name, value) in &endpoint.headers {
        let secret = resolve(value, source).map_err(|error| missing(&error))?;
        if is_hidden(name, value, &secret) {
            secrets.push((name.clone(), secret.clone()));
        }
        headers.push((name.clone(), secret));
    }
    let redactor = std::sync::Arc::new(mcpproxy_secrets::Redactor::new(secrets));
    Ok(Address { url, headers, redactor })
}

/// Shorter values that were written in the open are words such as `production`'s `prod`: hidden, logs lose their sense.
const LEAST_HIDDEN: usize = 8;

/// Whether a variable's or header's value is hidden wherever it appears: all that is long enough to be a secret, but
/// what plainly is something else.
fn is_hidden(name: &str, written: &str, value: &Secret) -> bool {
    let value = value.expose();
    let plain = value.chars().count() < LEAST_HIDDEN
        || value.parse::<f64>().is_ok()
        || is_path(value)
        || is_open_address(value);
    !references(written).is_empty() || mask::looks_secret(name, value) || !plain
}

fn is_path(value: &str) -> bool {
    let drive = |value: &str| {
        let bytes = value.as_bytes();
        bytes.len() > 2
            && bytes[0].is_ascii_alphabetic()
            && bytes[1] == b':'
            && matches!(bytes[2], b'/' | b'\\')
    };
    ["/", "./", "../", "~/", ".\\", "..\\", "\\\\"].iter().any(|start| value.starts_with(start))
        || drive(value)
}

/// An address without user, password or key in it.
fn is_open_address(value: &str) -> bool {
    value.contains("://") && mask::address(value) == value
}

fn text(value: &str, source: &dyn Source, secrets: &mut Secrets) -> Result<Text, Trouble> {
    if references(value).is_empty() {
        return Ok(Text::plain(value));
    }
    note_each(value, source, secrets)?;
    Ok(Text::Secret(resolve(value, source).map_err(|error| missing(&error))?))
}

fn plain(value: &str, source: &dyn Source, secrets: &mut Secrets) -> Result<String, Trouble> {
    note_each(value, source, secrets)?;
    Ok(resolve(value, source).map_err(|error| missing(&error))?.expose().to_owned())
}

/// Notes each referenced value by its own name, so that it is hidden wherever it appears.
fn note_each(value: &str, source: &dyn Source, secrets: &mut Secrets) -> Result<(), Trouble> {
    for reference in references(value) {
        let secret = resolve(&reference.to_string(), source).map_err(|error| missing(&error))?;
        secrets.push((reference.name().to_owned(), secret));
    }
    Ok(())
}

/// A variable that is not set stays so until something is changed; a keyring can be unlocked, an entry be made.
fn missing(error: &ResolveError) -> Trouble {
    let lasting = match error {
        ResolveError::UnknownKind { .. } => true,
        ResolveError::Source { reference, cause } => {
            *cause == SourceError::Missing && matches!(reference, mcpproxy_secrets::Reference::Env(_))
        }
    };
    let make = if lasting { Trouble::lasting } else { Trouble::passing };
    make(error.code(), error.fields(), error.to_string())
}

#[cfg(test)]
mod tests {
    use mcpproxy_secrets::Sources;

    use super::*;
    use crate::servers::life::End;

    fn sources() -> Sources {
        Sources::new([("TOKEN".to_owned(), "tok-123456".to_owned()), ("EMPTY".to_owned(), String::new())])
    }

    fn sample(arg: &str, value: &str) -> Process {
        Process {
            command: "uvx".into(),
            args: vec!["plain".into(), arg.into()],
            env: [("KEY".to_owned(), value.to_owned())].into_iter().collect(),
            working_dir: None,
        }
    }

    #[test]
    fn arguments_with_references_are_secret_and_all_of_env_is() {
        let resolved = process("s", &sample("--token=${env:TOKEN}", "literal"), &sources()).unwrap();
        assert_eq!(resolved.spec.args[0], Text::plain("plain"));
        assert!(resolved.spec.args[1].is_secret());
        assert_eq!(resolved.spec.args[1].expose(), "--token=tok-123456");
        assert!(resolved.spec.env[0].1.is_secret());
        assert_eq!(resolved.secrets[0].0, "TOKEN");
    }

    #[test]
    fn a_variable_that_is_not_set_waits_for_a_change_and_is_named() {
        let Err(trouble) = process("s", &sample("x", "${env:ABSENT}"), &sources()) else { panic!() };
        let failure = trouble.failure.unwrap();
        assert_eq!((trouble.end, failure.code), (End::Lasting, "variable_missing"));
        assert!(failure.fields.contains(&("secret", "ABSENT".to_owned())), "{:?}", failure.fields);
    }

    #[test]
    fn an_entry_of_the_keyring_may_still_come() {
        let Err(trouble) = process("s", &sample("x", "${keyring:later}"), &sources()) else { panic!() };
        assert_eq!(trouble.end, End::Passing);
    }

    #[test]
    fn explaining_opens_no_reference() {
        let spec = unresolved("s", &sample("${env:TOKEN}", "v"));
        assert!(spec.args[1].is_secret());
        assert_eq!(spec.args[1].expose(), "${env:TOKEN}");
    }

    #[test]
    fn headers_with_references_are_hidden_from_logs() {
        let endpoint = Endpoint {
            url: "https://example.com/${env:TOKEN}".into(),
            headers: [("Authorization".to_owned(), "Bearer ${env:TOKEN}".to_owned())].into_iter().collect(),
            protocol: mcpproxy_config::Protocol::Auto,
        };
        let address = address(&endpoint, &sources()).unwrap();
        assert_eq!(address.headers[0].1.expose(), "Bearer tok-123456");
        assert!(!address.redactor.redact("at https://example.com/tok-123456").contains("tok-123456"));
    }

    #[test]
    fn long_values_are_hidden_under_any_name_unless_they_are_plainly_something_else() {
        let hidden = |value: &str| is_hidden("NOTE", value, &Secret::new(value.to_owned()));
        for value in ["correct horse", "hunter2hunter2", "https://me:pw@example.com", "postgres://me@db/app"]
        {
            assert!(hidden(value), "{value}");
        }
        for value in [
            "short",
            "true",
            "1234567890",
            "/srv/data/notes",
            r"C:\Users\me",
            "~/notes-of-mine",
            "https://example.com/x",
        ] {
            assert!(!hidden(value), "{value}");
        }
        assert!(is_hidden("PASSWORD", "/1234567", &Secret::new("/1234567".to_owned())));
        let resolved = process("s", &sample("x", "correct horse"), &sources()).unwrap();
        let redactor = mcpproxy_secrets::Redactor::new(resolved.secrets);
        assert!(!redactor.redact("it said correct horse").contains("correct"));
    }
}
