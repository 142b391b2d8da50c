//! The part of `default_images` that can decide a server's image, so that a new image for one runtime restarts the
//! servers of that runtime and no other.
use indexmap::IndexMap;
use mcpproxy_config::ServerConfig;
use mcpproxy_isolation::{facts::Os, launcher::base_name, launcher::table};

/// Keys whose images stand in for each other.
const KIN: &[&[&str]] = &[
    &["uvx", "uv", "pipx", "pip", "pip3", "python", "python3"],
    &["npx", "npm", "node", "nodejs", "yarn", "pnpm", "pnpx"],
    &["bun", "bunx"],
    &["cargo", "rustc"],
    &["ruby", "gem", "bundle"],
    &["php", "composer"],
    &["dotnet", "dnx"],
    &["sh", "bash", table::BINARY],
];

/// The images that this server's command can come to run in: more rather than too few.
pub(super) fn images(all: &IndexMap<String, String>, server: &ServerConfig) -> IndexMap<String, String> {
    if server.isolation.image.is_some() {
        return IndexMap::new();
    }
    let named = |word: &str| base_name(word, Os::current());
    let command = named(server.command.as_deref().unwrap_or_default().trim());
    if table::find(&command).is_none() {
        // A wrapper, a script or a program of one's own: what it runs in is found by looking closer.
        return all.clone();
    }
    let words = server.args.iter().flat_map(|argument| {
        argument.split(|letter: char| letter.is_whitespace() || ";&|()\"'`".contains(letter))
    });
    let mut keys: Vec<String> = vec![command];
    keys.extend(words.filter(|word| !word.is_empty()).map(named));
    let rows: Vec<String> =
        keys.iter().filter_map(|key| table::find(key)).map(|row| row.key.to_owned()).collect();
    keys.extend(rows);
    let kin = |key: &str| KIN.iter().find(|kin| kin.contains(&key)).copied().unwrap_or_default();
    let wanted = |key: &str| {
        let kin = kin(key);
        keys.iter().any(|known| known == key || kin.contains(&known.as_str()))
    };
    all.iter().filter(|(key, _)| wanted(key)).map(|(key, image)| (key.clone(), image.clone())).collect()
}
