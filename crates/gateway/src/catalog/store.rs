//! The one place where the catalog changes.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::{Catalog, Item, ListKind, Slot};
use crate::attachment::Attached;

/// Holds the current catalog, and builds the next one when a server comes, goes or changes a list.
pub(crate) struct Store {
    current: ArcSwap<Catalog>,
    writer: Mutex<Writer>,
    /// Raised with each change, for those who wait for servers to settle.
    version: watch::Sender<u64>,
}

#[derive(Default)]
struct Writer {
    servers: BTreeMap<Arc<str>, Slot>,
    /// Servers that shall come, and how many tools each had when it was last seen.
    expected: Vec<Arc<str>>,
    last_known: HashMap<Arc<str>, usize>,
    /// Published names of tools whose servers are away, and those servers.
    departed: Arc<HashMap<Arc<str>, Arc<str>>>,
}

impl Default for Store {
    fn default() -> Self {
        Self { current: ArcSwap::default(), writer: Mutex::default(), version: watch::Sender::new(0) }
    }
}

impl Store {
    /// The catalog as it is now.
    pub(crate) fn load(&self) -> Arc<Catalog> {
        self.current.load_full()
    }

    /// The catalog as it is now, for a short look.
    pub(crate) fn peek(&self) -> arc_swap::Guard<Arc<Catalog>> {
        self.current.load()
    }

    fn change<T>(&self, change: impl FnOnce(&mut Writer) -> (bool, T)) -> T {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let (changed, value) = change(&mut writer);
        if changed {
            self.current
                .store(Arc::new(Catalog::build(writer.servers.clone(), Arc::clone(&writer.departed))));
        }
        drop(writer);
        self.version.send_modify(|version| *version += 1);
        value
    }

    /// Puts a server in, without lists yet. Returns the one it takes the place of.
    pub(crate) fn insert(&self, attached: Arc<Attached>) -> Option<Arc<Attached>> {
        self.change(|writer| {
            Arc::make_mut(&mut writer.departed).retain(|_, server| *server != attached.name);
            let lists = std::array::from_fn(|_| Arc::from([]));
            let slot = Slot { attached: Arc::clone(&attached), lists, settled: false };
            (true, writer.servers.insert(Arc::clone(&attached.name), slot).map(|slot| slot.attached))
        })
    }

    /// Takes a server out, if it is still this incarnation of it.
    pub(crate) fn remove(&self, name: &str, incarnation: Option<u64>) -> Option<Slot> {
        self.change(|writer| {
            let slot = writer.servers.get(name);
            let ours =
                slot.is_some_and(|slot| incarnation.is_none_or(|number| slot.attached.incarnation == number));
            let removed = if ours { writer.servers.remove(name) } else { None };
            if removed.is_some() {
                let current = self.current.load();
                let tools = current.tools().iter().filter(|tool| tool.server.as_ref() == name);
                let names = tools.map(|tool| (Arc::clone(&tool.published), Arc::clone(&tool.server)));
                Arc::make_mut(&mut writer.departed).extend(names);
            }
            (removed.is_some(), removed)
        })
    }

    /// Replaces one list of a server. Returns whether it differs from the one before.
    pub(crate) fn set_list(&self, attached: &Attached, kind: ListKind, items: Option<Vec<Item>>) -> bool {
        self.change(|writer| {
            let Some(slot) = writer.servers.get_mut(&attached.name) else { return (false, false) };
            if slot.attached.incarnation != attached.incarnation {
                return (false, false);
            }
            slot.settled |= kind == ListKind::Tools;
            let Some(items) = items else { return (false, false) };
            if kind == ListKind::Tools {
                writer.last_known.insert(Arc::clone(&attached.name), items.len());
            }
            let list = &mut slot.lists[kind.place()];
            let same =
                list.len() == items.len() && list.iter().zip(&items).all(|(old, new)| old.raw == new.raw);
            *list = items.into();
            (!same, !same)
        })
    }

    /// Says which servers shall come.
    pub(crate) fn expect(&self, names: Vec<String>) {
        self.change(|writer| {
            writer.expected = names.into_iter().map(Arc::from).collect();
            let expected = &writer.expected;
            writer.last_known.retain(|name, _| expected.contains(name));
            let departed = writer.departed.len();
            Arc::make_mut(&mut writer.departed).retain(|_, server| expected.contains(server));
            (departed != writer.departed.len(), ())
        });
    }

    /// How many tools there are in all, counting expected servers by what they last had; `None` while a
    /// server is expected of which nothing is known.
    pub(crate) fn known_tools(&self) -> Option<usize> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut total = 0;
        for (name, slot) in &writer.servers {
            if slot.settled {
                total += slot.lists[ListKind::Tools.place()].len();
            } else {
                total += writer.last_known.get(name)?;
            }
        }
        for name in writer.expected.iter().filter(|name| !writer.servers.contains_key(*name)) {
            total += writer.last_known.get(name)?;
        }
        Some(total)
    }

    /// Whether a server is expected that is not here.
    pub(crate) fn is_any_missing(&self) -> bool {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.expected.iter().any(|name| !writer.servers.contains_key(name))
    }

    /// Resolves with the number of tools once nothing is unknown any more.
    pub(crate) async fn wait_until_known(&self) -> usize {
        self.wait_until(|| self.known_tools().is_some()).await;
        self.known_tools().unwrap_or_default()
    }

    /// Resolves when `is_so`, looked at after each change.
    pub(crate) async fn wait_until(&self, is_so: impl Fn() -> bool) {
        let mut version = self.version.subscribe();
        while !is_so() {
            if version.changed().await.is_err() {
                return;
            }
        }
    }
}
