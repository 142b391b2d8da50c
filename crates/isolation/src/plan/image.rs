//! Which image, and its full name.

use crate::launcher::{Recipe, table};
use crate::policy::Policy;

/// The image of a server and the key under which it was found.
pub(super) fn choose(recipe: &Recipe, policy: &Policy, podman: bool) -> (String, String) {
    let mapped = || {
        let key = recipe.image_keys.iter().find(|key| policy.default_images.contains_key(key.as_str()));
        let image = key.and_then(|key| policy.default_images.get(key)).cloned();
        let last = recipe.image_keys.last().map_or(table::BINARY, String::as_str);
        image.unwrap_or_else(|| table::shipped_image(last).to_owned())
    };
    let key = recipe.image_keys.first().cloned().unwrap_or_else(|| table::BINARY.to_owned());
    let image = policy.image.clone().or_else(|| recipe.image.clone()).unwrap_or_else(mapped);
    (full_name(&image, &policy.registry, podman), key)
}

/// `python:3.11` is `docker.io/library/python:3.11`; a name with a folder stays as it is. There is always a tag:
/// without one an engine would pull them all.
pub fn full_name(image: &str, registry: &str, podman: bool) -> String {
    let image = image.trim();
    let bare_id = image.len() == 64 && image.chars().all(|digit| digit.is_ascii_hexdigit());
    if image.starts_with("sha256:") || bare_id {
        return image.to_owned();
    }
    let name = match image.split_once('/') {
        None if registry.is_empty() || registry == "docker.io" => format!("docker.io/library/{image}"),
        None => format!("{}/{image}", registry.trim_end_matches('/')),
        Some((first, _)) if podman && !first.contains(['.', ':']) && first != "localhost" => {
            format!("docker.io/{image}")
        }
        Some(_) => image.to_owned(),
    };
    let last = name.rsplit('/').next().unwrap_or(&name);
    if last.contains([':', '@']) { name } else { format!("{name}:latest") }
}

/// The name as a person writes it.
pub fn short_name(image: &str) -> &str {
    image.strip_prefix("docker.io/library/").or_else(|| image.strip_prefix("docker.io/")).unwrap_or(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_as_the_documents_say() {
        for (image, registry, full) in [
            ("python:3.11", "docker.io", "docker.io/library/python:3.11"),
            ("python", "", "docker.io/library/python:latest"),
            ("python:3.11", "registry.example.com", "registry.example.com/python:3.11"),
            ("mcp/time", "docker.io", "mcp/time:latest"),
            ("127.0.0.1:5000/x", "docker.io", "127.0.0.1:5000/x:latest"),
            ("ghcr.io/a/b@sha256:00", "docker.io", "ghcr.io/a/b@sha256:00"),
            ("sha256:abc", "docker.io", "sha256:abc"),
        ] {
            assert_eq!(full_name(image, registry, false), full);
        }
        assert_eq!(full_name("mcp/time", "docker.io", true), "docker.io/mcp/time:latest");
        assert_eq!(short_name("docker.io/library/python:3.11"), "python:3.11");
    }
}
