//! Notices that the configuration file was edited, replaced or touched. The folder is watched, since editors replace
//! files; events are gathered for half a second, since they come in bursts.
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event::AccessKind};
use tokio::{sync::mpsc, task::JoinHandle, time::sleep};

/// How long a burst may last before it is acted upon.
const DEBOUNCE: Duration = Duration::from_millis(500);

/// The watch; dropping it ends it.
#[derive(Debug)]
pub(crate) struct FileWatch {
    _watcher: RecommendedWatcher,
    task: JoinHandle<()>,
}

impl Drop for FileWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FileWatch {
    /// Watches a file and, where it is a link, also the file it leads to; `notice` is called once for each burst.
    pub(crate) fn start<F>(path: &Path, notice: impl Fn() -> F + Send + 'static) -> notify::Result<Self>
    where
        F: Future<Output = ()> + Send,
    {
        let files = places(path);
        // One place is enough: a second event while one waits belongs to the same burst.
        let (sender, mut events) = mpsc::channel(1);
        let wanted = files.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| concerns(&event, &wanted)) {
                let _ = sender.try_send(());
            }
        })?;
        for file in &files {
            if let Some(folder) = file.parent() {
                watcher.watch(folder, RecursiveMode::NonRecursive)?;
            }
        }
        let task = tokio::spawn(async move {
            while events.recv().await.is_some() {
                sleep(DEBOUNCE).await;
                let _ = events.try_recv();
                notice().await;
            }
        });
        Ok(Self { _watcher: watcher, task })
    }
}

/// The file itself and what it leads to, both with real folders, as events name them.
fn places(path: &Path) -> Vec<PathBuf> {
    let mut places = Vec::new();
    if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
        places.push(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).join(name));
    }
    if let Ok(real) = path.canonicalize()
        && !places.contains(&real)
    {
        places.push(real);
    }
    places
}

/// Whether an event can mean a change: reading does not, changed times do (`touch`).
fn concerns(event: &notify::Event, files: &[PathBuf]) -> bool {
    let kind = match event.kind {
        EventKind::Access(AccessKind::Close(notify::event::AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    };
    kind && event.paths.iter().any(|path| files.contains(path))
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Arc};

    use tokio::{sync::Semaphore, time::timeout};

    use super::*;

    struct Watched {
        folder: tempfile::TempDir,
        notices: Arc<Semaphore>,
        _watch: FileWatch,
    }

    fn watched() -> Watched {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mcp_config.json");
        fs::write(&path, "{}").unwrap();
        let notices = Arc::new(Semaphore::new(0));
        let sender = Arc::clone(&notices);
        let watch = FileWatch::start(&path, move || {
            sender.add_permits(1);
            std::future::ready(())
        })
        .unwrap();
        Watched { folder, notices, _watch: watch }
    }

    async fn noticed(watched: &Watched) -> bool {
        let notice = timeout(Duration::from_secs(20), watched.notices.acquire()).await;
        notice.is_ok_and(|permit| permit.map(tokio::sync::SemaphorePermit::forget).is_ok())
    }

    #[tokio::test]
    async fn a_replaced_file_is_noticed() {
        let watched = watched();
        let fresh = watched.folder.path().join("new");
        fs::write(&fresh, "{ }").unwrap();
        fs::rename(fresh, watched.folder.path().join("mcp_config.json")).unwrap();
        assert!(noticed(&watched).await);
    }

    #[tokio::test]
    async fn a_touch_is_noticed() {
        let watched = watched();
        let file =
            fs::File::options().write(true).open(watched.folder.path().join("mcp_config.json")).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        assert!(noticed(&watched).await);
    }

    #[test]
    fn reading_and_other_files_mean_nothing() {
        let file = PathBuf::from("/x/mcp_config.json");
        let event = |kind, path: &str| notify::Event::new(kind).add_path(path.into());
        let read = EventKind::Access(AccessKind::Open(notify::event::AccessMode::Read));
        assert!(!concerns(&event(read, "/x/mcp_config.json"), std::slice::from_ref(&file)));
        assert!(!concerns(&event(EventKind::Any, "/x/other"), std::slice::from_ref(&file)));
        assert!(concerns(&event(EventKind::Any, "/x/mcp_config.json"), &[file]));
    }
}
