//! Starts the server: secret files, argument and environment blocks, the private pipe for its input.

use std::env;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use mcpproxy_shim::report::Cause;

use super::order::{File, Order};
use super::platform::{self, Block, Child, Pid, Pipe};

/// The search path of a container that names none.
const DEFAULT_PATH: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A server that runs.
pub(super) struct Server {
    /// The process, which leads its own session and group.
    pub(super) pid: Pid,
    /// The write end of its input.
    pub(super) input: platform::Fd,
}

/// Why it does not run.
pub(super) struct Failure {
    pub(super) cause: Cause,
    pub(super) errno: i32,
}

/// Writes the secret files, each of which must not exist before.
pub(super) fn write_files(files: &[File<'_>]) -> Result<(), i32> {
    files.iter().try_for_each(|file| platform::write_new_file(file.path, file.mode, file.content))
}

/// Starts the server and waits until its program is executed.
pub(super) fn spawn(order: Order<'_>) -> Result<Server, Failure> {
    let setup = |errno| Failure { cause: Cause::Exec, errno };
    let inherited: Vec<(OsString, OsString)> = env::vars_os().collect();
    let inherited: Vec<(Vec<u8>, Vec<u8>)> =
        inherited.into_iter().map(|(name, value)| (name.into_vec(), value.into_vec())).collect();
    let environment = overlay(&inherited, &order.variables);
    let path =
        environment.iter().find(|(name, _)| *name == b"PATH").map_or(DEFAULT_PATH, |(_, value)| *value);
    let programs =
        Block::of(candidates(order.argv[0], path).iter().map(|program| [program.as_slice(), b"", b""]));
    let argv = Block::of(order.argv.iter().map(|argument| [*argument, b"", b""]));
    let variables = Block::of(environment.iter().map(|(name, value)| [*name, b"=".as_slice(), *value]));
    let directory = order.directory.map(|path| Block::of([[path, b"", b""]].into_iter()));

    let stdin = Pipe::new().map_err(setup)?;
    let errors = Pipe::new().map_err(setup)?;
    let child = Child {
        programs: &programs,
        argv: &argv,
        variables: &variables,
        directory: directory.as_ref(),
        umask: order.umask,
        stdin: stdin.reader,
        errors: errors.writer,
    };
    let pid = child.fork().map_err(setup)?;
    platform::close(stdin.reader);
    platform::close(errors.writer);
    // The blocks hold secrets too; they are wiped when they go out of scope here.
    drop((programs, argv, variables, directory));

    let failure = platform::read_failure(errors.reader);
    platform::close(errors.reader);
    match failure {
        None => {
            platform::set_nonblocking(stdin.writer);
            Ok(Server { pid, input: stdin.writer })
        }
        Some((in_directory, errno)) => {
            platform::reap_one(pid);
            Err(Failure { cause: if in_directory { Cause::Directory } else { Cause::Exec }, errno })
        }
    }
}

/// The container's own variables under those of the preamble; the last value of a name holds.
fn overlay<'a>(
    inherited: &'a [(Vec<u8>, Vec<u8>)],
    ordered: &[(&'a [u8], &'a [u8])],
) -> Vec<(&'a [u8], &'a [u8])> {
    let inherited = inherited.iter().map(|(name, value)| (name.as_slice(), value.as_slice()));
    let mut out: Vec<(&[u8], &[u8])> = Vec::new();
    for (name, value) in inherited.chain(ordered.iter().copied()) {
        match out.iter_mut().find(|(known, _)| *known == name) {
            Some(entry) => entry.1 = value,
            None => out.push((name, value)),
        }
    }
    out
}

/// Where a program may be, in the order in which it is tried.
fn candidates(program: &[u8], path: &[u8]) -> Vec<Vec<u8>> {
    if program.contains(&b'/') {
        return vec![program.to_vec()];
    }
    path.split(|byte| *byte == b':')
        .map(|folder| {
            let folder = if folder.is_empty() { b"." } else { folder };
            [folder, b"/", program].concat()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preambles_variables_stand_above_the_containers() {
        let inherited = [(b"A".to_vec(), b"1".to_vec()), (b"B".to_vec(), b"2".to_vec())];
        let merged = overlay(&inherited, &[(b"B", b"3"), (b"C", b"4")]);
        let expected: [(&[u8], &[u8]); 3] = [(b"A", b"1"), (b"B", b"3"), (b"C", b"4")];
        assert_eq!(merged, expected);
    }

    #[test]
    fn a_bare_name_is_looked_up_and_a_path_is_taken_as_it_is() {
        assert_eq!(
            candidates(b"node", b"/a::/b"),
            [b"/a/node".to_vec(), b"./node".to_vec(), b"/b/node".to_vec()]
        );
        assert_eq!(candidates(b"./node", b"/a"), [b"./node".to_vec()]);
    }
}
