use serde_json::json;

use crate::Document;

const FILE: &str = "{ \"tools_limit\": 5 }\n";

fn written(text: impl AsRef<[u8]>) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mcp_config.json");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn edited(path: &std::path::Path) -> Document {
    let mut document = Document::load(path).unwrap();
    document.set(&["tools_limit"], &json!(7)).unwrap();
    document
}

#[test]
fn a_saved_file_holds_the_edit_and_nothing_is_left_beside_it() {
    let (folder, path) = written(FILE);
    let mut document = edited(&path);
    document.save(&path).unwrap();
    document.set(&["tools_limit"], &json!(8)).unwrap();
    document.save(&path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{ \"tools_limit\": 8 }\n");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_somebody_else_changed_is_not_overwritten() {
    let (_folder, path) = written(FILE);
    let mut document = edited(&path);
    std::fs::write(&path, "{ \"tools_limit\": 6 }\n").unwrap();
    assert_eq!(document.save(&path).unwrap_err().code(), "config_changed");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{ \"tools_limit\": 6 }\n");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(document.save(&path).unwrap_err().code(), "config_changed");
    edited(&{
        std::fs::write(&path, FILE).unwrap();
        path.clone()
    })
    .save(&path)
    .unwrap();
}

#[test]
fn files_that_are_no_configuration_are_refused_with_a_reason() {
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain("{}".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (content, part) in
        [(utf16, "UTF-16"), (b"{\0}".to_vec(), "zero bytes"), (b"\xc3\x28".to_vec(), "valid UTF-8")]
    {
        let (_folder, path) = written(content);
        let error = Document::load(&path).unwrap_err();
        assert_eq!(error.code(), "config_unusable");
        assert!(error.to_string().contains(part), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(Document::load(folder.path()).unwrap_err().to_string().contains("it is a folder"));
    assert_eq!(Document::load(&folder.path().join("absent")).unwrap_err().code(), "config_not_found");
}

#[test]
fn a_file_beyond_all_measure_is_refused_unread() {
    let (_folder, path) = written("");
    std::fs::File::create(&path).unwrap().set_len(super::LIMIT + 1).unwrap();
    assert!(Document::load(&path).unwrap_err().to_string().contains("larger than 16 MB"));
}

#[test]
fn a_byte_order_mark_survives_a_save() {
    let (_folder, path) = written(format!("\u{feff}{FILE}"));
    edited(&path).save(&path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "\u{feff}{ \"tools_limit\": 7 }\n");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_saved_file_is_the_owners_alone() {
        let (_folder, path) = written(FILE);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        edited(&path).save(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_symbolic_link_stays_one_and_its_target_is_written() {
        let (folder, path) = written(FILE);
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        symlink("mcp_config.json", &first).unwrap();
        symlink(&first, &second).unwrap();
        edited(&second).save(&second).unwrap();
        assert!(std::fs::symlink_metadata(&second).unwrap().is_symlink());
        assert!(std::fs::read_to_string(&path).unwrap().contains('7'));
    }

    #[test]
    fn links_in_a_circle_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        symlink("a", &path).unwrap();
        assert_eq!(Document::defaults().save(&path).unwrap_err().code(), "config_unusable");
    }

    #[test]
    fn the_null_device_reads_as_defaults_and_is_never_replaced() {
        let null = std::path::Path::new("/dev/null");
        let mut document = Document::load(null).unwrap();
        assert_eq!(document.config().tools_limit, 15);
        assert_eq!(document.save(null).unwrap_err().code(), "config_unusable");
    }

    #[test]
    fn a_named_pipe_does_not_keep_the_reader_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        assert_eq!(Document::load(&path).unwrap_err().code(), "config_unusable");
    }
}
