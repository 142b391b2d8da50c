//! What all attached servers offer, as one immutable value that calls look things up in.
//!
//! Each change of a server's list builds a new value; readers keep the one they hold. Order is by server
//! name, then as the server lists. Published names come from an exact map, never from taking names apart.

mod item;
mod store;
pub(crate) mod uris;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock},
};

use bytes::{BufMut as _, Bytes, BytesMut};
use mcpproxy_protocol::{Edit, names::Names, splice, text};

pub use item::Hints;
pub(crate) use item::{Item, ListKind};
pub(crate) use store::Store;

use crate::{attachment::Attached, search};

/// A tool as the catalog knows it.
#[derive(Debug, Clone)]
pub struct ToolEntry {
    /// The server that offers it.
    pub server: Arc<str>,
    /// Its name at that server.
    pub name: Arc<str>,
    /// Its name at the aggregated endpoints.
    pub published: Arc<str>,
    /// Its title for people.
    pub title: Option<Arc<str>>,
    /// What the server says about it.
    pub description: Option<Arc<str>>,
    /// Its input schema, byte for byte.
    pub schema: Bytes,
    /// Its annotations, byte for byte.
    pub annotations: Option<Bytes>,
    /// The annotations that are understood.
    pub hints: Hints,
}

/// What is known of one attached server.
#[derive(Clone)]
pub(crate) struct Slot {
    pub(crate) attached: Arc<Attached>,
    pub(crate) lists: [Arc<[Item]>; 4],
    /// Whether its tools were fetched, successfully or not.
    pub(crate) settled: bool,
}

/// An entry of one of the aggregated lists.
pub(crate) struct Entry {
    pub(crate) attached: Arc<Attached>,
    /// Name or address at its server.
    pub(crate) id: Arc<str>,
    /// Name or address here.
    pub(crate) published: Arc<str>,
    /// The entry's bytes with the published name or address.
    listed: Bytes,
}

#[derive(Default)]
struct List {
    entries: Vec<Entry>,
    by_published: HashMap<Arc<str>, usize>,
    rendered: OnceLock<Bytes>,
}

/// The aggregated lists of all attached servers.
#[derive(Default)]
pub(crate) struct Catalog {
    servers: BTreeMap<Arc<str>, Slot>,
    lists: [List; 4],
    tools: Vec<Arc<ToolEntry>>,
    /// Published names of tools whose servers are away, and those servers.
    departed: Arc<HashMap<Arc<str>, Arc<str>>>,
    index: OnceLock<Arc<dyn search::Index>>,
}

impl Catalog {
    pub(crate) fn build(
        servers: BTreeMap<Arc<str>, Slot>,
        departed: Arc<HashMap<Arc<str>, Arc<str>>>,
    ) -> Self {
        let lists = ListKind::ALL.map(|kind| List::build(kind, &servers));
        let mut tools = Vec::new();
        let items = servers.values().flat_map(|slot| slot.lists[ListKind::Tools.place()].iter());
        // Both walks are in the same order, so that the entries pair up with what was read of them.
        for (entry, item) in lists[ListKind::Tools.place()].entries.iter().zip(items) {
            let facts = item.tool.clone().unwrap_or_default();
            tools.push(Arc::new(ToolEntry {
                server: Arc::clone(&entry.attached.name),
                name: Arc::clone(&entry.id),
                published: Arc::clone(&entry.published),
                title: facts.title.clone(),
                description: facts.description.clone(),
                schema: facts.schema.clone(),
                annotations: facts.annotations.clone(),
                hints: facts.hints,
            }));
        }
        Self { servers, lists, tools, departed, index: OnceLock::new() }
    }

    pub(crate) fn server(&self, name: &str) -> Option<&Arc<Attached>> {
        self.servers.get(name).map(|slot| &slot.attached)
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.servers.values()
    }

    pub(crate) fn tools(&self) -> &[Arc<ToolEntry>] {
        &self.tools
    }

    /// A tool by server and the server's own name for it.
    pub(crate) fn tool(&self, server: &str, name: &str) -> Option<&Arc<ToolEntry>> {
        self.tools.iter().find(|tool| tool.name.as_ref() == name && tool.server.as_ref() == server)
    }

    /// The server of a tool that was published before its server went away.
    pub(crate) fn departed(&self, name: &str) -> Option<&str> {
        self.departed.get(name).map(AsRef::as_ref)
    }

    /// Who stands behind a published name or address.
    pub(crate) fn published(&self, kind: ListKind, name: &str) -> Option<&Entry> {
        let list = &self.lists[kind.place()];
        list.by_published.get(name).map(|place| &list.entries[*place])
    }

    /// The server that a resource's address belongs to, and the address there.
    pub(crate) fn owner(&self, uri: &str) -> Option<(&Arc<Attached>, String)> {
        if let Some((server, original)) = uris::resolve(uri) {
            return Some((self.server(&server)?, original));
        }
        if let Some(entry) = self.published(ListKind::Resources, uri) {
            return Some((&entry.attached, entry.id.to_string()));
        }
        // A shared address in its plain form: the first server in order answers for it.
        let listed = |kind: ListKind, fits: &dyn Fn(&str) -> bool| {
            self.servers.values().find(|slot| slot.lists[kind.place()].iter().any(|item| fits(&item.id)))
        };
        let slot = listed(ListKind::Resources, &|id| id == uri)
            .or_else(|| listed(ListKind::Templates, &|template| uris::matches(template, uri)))
            .or_else(|| self.only_server_with_resources())?;
        Some((&slot.attached, uri.to_owned()))
    }

    /// The server that a template (or address) named in a completion belongs to, and its own form of it.
    pub(crate) fn template_owner(&self, template: &str) -> Option<(&Arc<Attached>, String)> {
        if let Some(entry) = self.published(ListKind::Templates, template) {
            return Some((&entry.attached, entry.id.to_string()));
        }
        self.owner(template)
    }

    /// How a server's resource is addressed by clients of the aggregated endpoints.
    pub(crate) fn published_uri(&self, server: &str, uri: &str) -> String {
        let holders = self.servers.values().filter(|slot| {
            slot.lists[ListKind::Resources.place()].iter().any(|item| item.id.as_ref() == uri)
        });
        if holders.take(2).count() > 1 { uris::publish(server, uri) } else { uri.to_owned() }
    }

    fn only_server_with_resources(&self) -> Option<&Slot> {
        let mut with = self.servers.values().filter(|slot| slot.attached.offers("resources"));
        with.next().filter(|_| with.next().is_none())
    }

    /// The whole list as the `result` of its list method.
    pub(crate) fn listed(&self, kind: ListKind) -> Bytes {
        let list = &self.lists[kind.place()];
        list.rendered.get_or_init(|| render(kind, list.entries.iter().map(|entry| &entry.listed))).clone()
    }

    /// The list of one server in its own words, as it was fetched last.
    pub(crate) fn listed_by(&self, server: &str, kind: ListKind) -> Bytes {
        let items = self.servers.get(server).map(|slot| &slot.lists[kind.place()]);
        render(kind, items.into_iter().flat_map(|items| items.iter()).map(|item| &item.raw))
    }

    /// The entries of a list as they are shown, for lists that hold more than these.
    pub(crate) fn listed_entries(&self, kind: ListKind) -> impl Iterator<Item = &Bytes> {
        self.lists[kind.place()].entries.iter().map(|entry| &entry.listed)
    }

    /// The tools that fit a query, best first.
    pub(crate) fn search(&self, query: &str, limit: usize) -> Vec<(Arc<ToolEntry>, f32)> {
        let index = self.index.get_or_init(|| {
            let documents: Vec<String> = self
                .tools
                .iter()
                .map(|tool| {
                    format!("{} {} {}", tool.server, tool.name, tool.description.as_deref().unwrap_or(""))
                })
                .collect();
            search::build(&documents)
        });
        index
            .search(query, limit)
            .into_iter()
            .map(|found| (Arc::clone(&self.tools[found.place]), found.score))
            .collect()
    }
}

/// The `result` of a list method, from entries as they are shown.
pub(crate) fn render<'a>(kind: ListKind, entries: impl Iterator<Item = &'a Bytes>) -> Bytes {
    let mut out = BytesMut::new();
    out.put_slice(format!("{{\"{}\":[", kind.member()).as_bytes());
    for (place, entry) in entries.enumerate() {
        if place > 0 {
            out.put_u8(b',');
        }
        out.put_slice(entry);
    }
    out.put_slice(b"]}");
    out.freeze()
}

impl List {
    fn build(kind: ListKind, servers: &BTreeMap<Arc<str>, Slot>) -> Self {
        let pairs = || {
            servers
                .values()
                .flat_map(move |slot| slot.lists[kind.place()].iter().map(move |item| (&slot.attached, item)))
        };
        let names = match kind {
            ListKind::Tools | ListKind::Prompts => {
                Names::new(pairs().map(|(attached, item)| (attached.name.to_string(), item.id.to_string())))
            }
            ListKind::Resources | ListKind::Templates => Names::default(),
        };
        let mut holders: HashMap<&str, usize> = HashMap::new();
        for (_, item) in pairs() {
            *holders.entry(&item.id).or_default() += 1;
        }
        let mut list = Self::default();
        for (attached, item) in pairs() {
            let shared = holders.get(item.id.as_ref()).is_some_and(|count| *count > 1);
            let published: Arc<str> = match kind {
                ListKind::Tools | ListKind::Prompts => {
                    names.published(&attached.name, &item.id).unwrap_or(&item.id).into()
                }
                ListKind::Resources if shared => uris::publish(&attached.name, &item.id).into(),
                ListKind::Templates if shared => uris::publish_template(&attached.name, &item.id).into(),
                ListKind::Resources | ListKind::Templates => Arc::clone(&item.id),
            };
            let listed = if published == item.id {
                item.raw.clone()
            } else {
                splice(&item.raw, &mut [Edit::new(item.key, text::quote(&published))])
            };
            list.by_published.entry(Arc::clone(&published)).or_insert(list.entries.len());
            list.entries.push(Entry {
                attached: Arc::clone(attached),
                id: Arc::clone(&item.id),
                published,
                listed,
            });
        }
        list
    }
}
