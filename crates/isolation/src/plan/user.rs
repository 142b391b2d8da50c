//! Which user runs inside: nobody, unless files of this computer must be read as their owner.

use crate::facts::{Facts, Os};
use crate::plan::{Note, User};
use crate::refusal::Refusal;
use crate::relaxation::{self, Relaxation};

/// The chosen user, and what a person should know of the choice.
pub(super) struct Choice {
    pub(super) user: User,
    pub(super) relaxations: Vec<Relaxation>,
    pub(super) notes: Vec<Note>,
    /// Whether mounted folders cannot be written, whatever was asked.
    pub(super) binds_read_only: bool,
}

/// Chooses by the engine's kind and the owner of what is mounted.
pub(super) fn choose(
    written: Option<&str>,
    owner: Option<(u32, u32)>,
    facts: &Facts,
) -> Result<Choice, Refusal> {
    let mut choice =
        Choice { user: User::NOBODY, relaxations: Vec::new(), notes: Vec::new(), binds_read_only: false };
    if let Some(written) = written {
        choice.user = read(written)?;
        let row = if choice.user.uid == 0 { &relaxation::ROOT_USER } else { &relaxation::USER };
        choice.relaxations.push(Relaxation::asked(row, choice.user.to_string()));
        return Ok(choice);
    }
    let Some((uid, gid)) = owner else { return Ok(choice) };
    let (system, engine) = (&facts.system, &facts.engine);
    if engine.rootless {
        // Root inside is the person outside, and has no capability.
        choice.user = User::ROOT;
    } else if engine.userns_remap {
        choice.binds_read_only = true;
        choice.notes.push(Note { key: "isolation-userns-read-only", args: Vec::new() });
    } else if engine.desktop || system.os == Os::Windows {
        // Their file sharing shows every file as the one who looks.
    } else if system.os == Os::MacOs {
        // The virtual machine mounts the home folder as the person.
        choice.user = User { uid: system.uid, gid: system.gid };
    } else if uid != 0 {
        choice.user = User { uid, gid };
    } else if system.uid == 0 {
        choice.user = User::ROOT;
        choice.relaxations.push(Relaxation::asked(&relaxation::FOLDER_OWNER_ROOT, "0:0"));
    } else {
        choice.user = User { uid: system.uid, gid: system.gid };
    }
    Ok(choice)
}

/// `1000` or `1000:1000`; a name would need an entry in the image.
fn read(written: &str) -> Result<User, Refusal> {
    let (uid, gid) = written.split_once(':').unwrap_or((written, written));
    match (uid.trim().parse(), gid.trim().parse()) {
        (Ok(uid), Ok(gid)) => Ok(User { uid, gid }),
        _ => Err(Refusal::Value {
            key: "user",
            value: written.to_owned(),
            expected: "a user by number",
            example: "1000:1000".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::facts;

    #[track_caller]
    fn user(change: impl FnOnce(&mut Facts), owner: Option<(u32, u32)>) -> String {
        let mut facts = facts();
        change(&mut facts);
        choose(None, owner, &facts).unwrap().user.to_string()
    }

    #[test]
    fn without_files_nobody_runs_on_every_engine() {
        assert_eq!(user(|_| {}, None), "65532:65532");
        assert_eq!(user(|facts| facts.system.uid = 0, None), "65532:65532");
        assert_eq!(user(|facts| facts.engine.rootless = true, None), "65532:65532");
    }

    #[test]
    fn with_files_their_owner_runs_as_the_engine_maps_it() {
        let owner = Some((1000, 100));
        assert_eq!(user(|_| {}, owner), "1000:100");
        assert_eq!(user(|facts| facts.system.uid = 0, owner), "1000:100", "root's files are not meant");
        assert_eq!(user(|facts| facts.engine.rootless = true, owner), "0:0");
        assert_eq!(user(|facts| facts.engine.userns_remap = true, owner), "65532:65532");
        assert_eq!(user(|facts| facts.engine.desktop = true, owner), "65532:65532");
        assert_eq!(user(|facts| facts.system.os = Os::MacOs, Some((501, 20))), "1000:1000");
        assert_eq!(user(|facts| facts.system.os = Os::Windows, None), "65532:65532");
    }

    #[test]
    fn files_of_root_are_read_as_root_only_for_root() {
        assert_eq!(user(|_| {}, Some((0, 0))), "1000:1000");
        let mut facts = facts();
        facts.system.uid = 0;
        let choice = choose(None, Some((0, 0)), &facts).unwrap();
        assert_eq!(choice.user, User::ROOT);
        assert_eq!(choice.relaxations[0].row.name, "owner_root");
    }

    #[test]
    fn a_user_by_name_is_refused_with_a_number() {
        assert!(choose(Some("node"), None, &facts()).err().unwrap().to_string().contains("Write 1000:1000."));
        assert_eq!(choose(Some("5"), None, &facts()).unwrap().user.to_string(), "5:5");
    }
}
