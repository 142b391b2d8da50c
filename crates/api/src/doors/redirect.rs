//! The file that carries a code to a browser: readable by its owner only, and gone when the code is.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

const PREFIX: &str = "open-";
const SUFFIX: &str = ".html";

/// A file that leads a browser to one address; removed with this value.
#[derive(Debug)]
pub(crate) struct RedirectFile(PathBuf);

impl RedirectFile {
    /// Writes a file of an unused `name` into `folder`.
    pub(crate) fn write(folder: &Path, name: &str, address: &str) -> io::Result<Self> {
        let path = folder.join(format!("{PREFIX}{name}{SUFFIX}"));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        let written = Self(path);
        file.write_all(page(address).as_bytes())?;
        Ok(written)
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for RedirectFile {
    fn drop(&mut self) {
        // Its code is worth nothing any more; a file that stays is removed at the next start.
        let _ = fs::remove_file(&self.0);
    }
}

/// Removes what an earlier run had no time to remove.
pub(crate) fn clear(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn page(address: &str) -> String {
    let address = address.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta http-equiv=\"refresh\" content=\"0; url={address}\">\n<title>MCPProxy</title>\n\
         <p><a rel=\"noreferrer\" href=\"{address}\">Open MCPProxy</a></p>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_leads_to_the_address_and_goes_with_its_value() {
        let folder = tempfile::tempdir().unwrap();
        let file = RedirectFile::write(folder.path(), "1", "http://127.0.0.1:8080/ui/#code=ab").unwrap();
        let path = file.path().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("url=http://127.0.0.1:8080/ui/#code=ab\""), "{text}");
        drop(file);
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it_and_a_planted_link_is_not_followed() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = RedirectFile::write(folder.path(), "1", "http://x/").unwrap();
        assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
        let target = folder.path().join("target");
        std::os::unix::fs::symlink(&target, folder.path().join("open-2.html")).unwrap();
        assert!(RedirectFile::write(folder.path(), "2", "http://x/").is_err());
        assert!(!target.exists());
    }

    #[test]
    fn leftovers_are_cleared_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["open-1.html", "open.html", "mcp_config.json"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        clear(folder.path());
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["mcp_config.json", "open.html"]);
    }

    #[test]
    fn an_address_cannot_break_out_of_its_place() {
        assert!(!page("http://x/\"><script>").contains("<script>"));
    }
}
