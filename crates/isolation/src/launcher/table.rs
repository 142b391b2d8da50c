//! The runtime table as data.

use indexmap::IndexMap;

/// The images that the product ships as defaults, by runtime.
pub fn shipped_images() -> IndexMap<String, String> {
    IMAGES.iter().map(|(key, image)| ((*key).to_owned(), (*image).to_owned())).collect()
}

const IMAGES: &[(&str, &str)] = &[("python", "python:3.11"), ("binary", "alpine:3.18")];
