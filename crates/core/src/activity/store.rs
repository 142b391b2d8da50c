//! The file: its form, what is written to it, and what leaves it when it is too old or too much.
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, params};

use super::record::Entry;

/// The form of the file that this version writes.
pub(super) const VERSION: i64 = 1;
/// Records that leave in one transaction.
const BATCH: u32 = 500;
/// How long a reader or writer waits for the other.
const BUSY: Duration = Duration::from_secs(5);
/// The name of the file in the data folder.
pub(super) const FILE: &str = "mcpproxy.db";

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS activity (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        origin TEXT NOT NULL,
        status TEXT NOT NULL,
        server TEXT,
        tool TEXT,
        client TEXT,
        session INTEGER,
        duration_us INTEGER,
        request_bytes INTEGER,
        response_bytes INTEGER,
        request_id TEXT,
        error TEXT,
        code TEXT,
        fields TEXT,
        count INTEGER NOT NULL DEFAULT 1,
        hidden INTEGER NOT NULL DEFAULT 0,
        truncated INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX IF NOT EXISTS activity_at ON activity (at);
    CREATE TABLE IF NOT EXISTS activity_body (
        seq INTEGER PRIMARY KEY,
        arguments TEXT,
        response TEXT
    );
    CREATE TRIGGER IF NOT EXISTS activity_gone AFTER DELETE ON activity
        BEGIN DELETE FROM activity_body WHERE seq = OLD.seq; END;
";

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    /// A newer version wrote it.
    #[error("it has the form {0}, and this version knows {VERSION}")]
    Newer(i64),
    /// SQLite or the disk says no.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// It cannot be made.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl OpenError {
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, Self::Sqlite(error) if is_damage(error))
    }
}

/// Whether the content of the file is broken, so that asking again cannot help.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Opens the file for writing; makes it, for its owner alone, where there is none.
pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    create(path)?;
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version > VERSION {
        return Err(OpenError::Newer(version));
    }
    if version == 0 {
        connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")?;
    }
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -1024;
         PRAGMA journal_size_limit = 4194304; PRAGMA secure_delete = FAST;",
    )?;
    connection.execute_batch(&format!("BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"))?;
    Ok(connection)
}

/// Opens the file for reading, whether or not somebody writes.
pub(super) fn open_reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

#[cfg(unix)]
fn create(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let file = fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn create(path: &Path) -> std::io::Result<()> {
    fs::OpenOptions::new().write(true).create(true).truncate(false).open(path).map(drop)
}

/// Moves a damaged file out of the way, with what belongs to it, and says where it lies now.
pub(super) fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let free = |number: u32| {
        let suffix = if number == 0 { String::new() } else { format!("-{number}") };
        let target = with_suffix(path, &format!(".damaged-{stamp}{suffix}"));
        (!target.exists()).then_some(target)
    };
    let target = (0..1000).find_map(free).unwrap_or_else(|| with_suffix(path, ".damaged"));
    fs::rename(path, &target)?;
    for part in ["-wal", "-shm"] {
        // They are there only after a run that was cut off.
        let _ = fs::rename(with_suffix(path, part), with_suffix(&target, part));
    }
    Ok(target)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Writes entries in one transaction.
pub(super) fn insert(connection: &mut Connection, entries: &[Entry]) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction()?;
    {
        let mut row = transaction.prepare(
            "INSERT INTO activity (at, kind, origin, status, server, tool, client, session, duration_us,
                request_bytes, response_bytes, request_id, error, code, fields, count, hidden, truncated)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        )?;
        let mut body = transaction
            .prepare("INSERT OR REPLACE INTO activity_body (seq, arguments, response) VALUES (?1, ?2, ?3)")?;
        for entry in entries {
            let seq = row.insert(params![
                entry.at.as_millisecond(),
                entry.kind.id(),
                entry.origin.id(),
                entry.status.id(),
                entry.server,
                entry.tool,
                entry.client,
                entry.session.map(signed),
                entry.duration_us.map(signed),
                entry.request_bytes.map(signed),
                entry.response_bytes.map(signed),
                entry.request_id,
                entry.error,
                entry.code,
                entry.fields,
                signed(entry.count),
                entry.hidden,
                entry.truncated,
            ])?;
            if entry.arguments.is_some() || entry.response.is_some() {
                body.execute(params![seq, entry.arguments, entry.response])?;
            }
        }
    }
    transaction.commit()
}

/// SQLite counts with a sign.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Nothing older.
    pub oldest: Option<Timestamp>,
    pub records: Option<u64>,
    pub bytes: Option<u64>,
}

/// Takes away what is beyond the limits, the oldest first, in transactions of bounded size. Returns how many records
/// left.
pub(super) fn prune(connection: &mut Connection, limits: &Limits) -> Result<u64, rusqlite::Error> {
    let mut gone = 0;
    if let Some(oldest) = limits.oldest {
        let delete =
            "DELETE FROM activity WHERE seq IN (SELECT seq FROM activity WHERE at < ?1 ORDER BY at LIMIT ?2)";
        gone += repeat(|| connection.execute(delete, params![oldest.as_millisecond(), BATCH]))?;
    }
    let delete = "DELETE FROM activity WHERE seq IN (SELECT seq FROM activity ORDER BY seq LIMIT ?1)";
    if let Some(records) = limits.records {
        let held: i64 = connection.query_row("SELECT COUNT(*) FROM activity", [], |row| row.get(0))?;
        let mut over = u64::try_from(held).unwrap_or(0).saturating_sub(records);
        while over > 0 {
            let step = over.min(u64::from(BATCH));
            let left = connection.execute(delete, [signed(step)])?;
            if left == 0 {
                break;
            }
            gone += left as u64;
            over = over.saturating_sub(left as u64);
        }
    }
    if let Some(bytes) = limits.bytes {
        while size(connection)? > bytes {
            let left = connection.execute(delete, [BATCH])?;
            if left == 0 {
                break;
            }
            gone += left as u64;
        }
    }
    if gone > 0 {
        // Pages that are free go back to the disk; each step gives one.
        let mut vacuum = connection.prepare("PRAGMA incremental_vacuum")?;
        let mut steps = vacuum.query([])?;
        while steps.next()?.is_some() {}
    }
    Ok(gone)
}

fn repeat(mut step: impl FnMut() -> Result<usize, rusqlite::Error>) -> Result<u64, rusqlite::Error> {
    let mut all = 0;
    loop {
        match step()? {
            0 => return Ok(all),
            left => all += left as u64,
        }
    }
}

/// Bytes that the records take.
pub(super) fn size(connection: &Connection) -> Result<u64, rusqlite::Error> {
    let read =
        |pragma: &str| connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0));
    let pages = read("page_count")?.saturating_sub(read("freelist_count")?);
    Ok(u64::try_from(pages.saturating_mul(read("page_size")?)).unwrap_or(0))
}

#[cfg(test)]
mod tests;
