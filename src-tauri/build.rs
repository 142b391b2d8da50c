//! Which pages the window holds, and which commands it may call.
//!
//! The pages are built by Node in `ui/`. Without them the program is still built and its window says how to get them,
//! so that `cargo build` needs no Node.

use std::{env, error::Error, fs, path::Path};

const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>MCPProxy</title></head>\n\
<body><main><h1>MCPProxy</h1><p>This build has no pages. Build them with <code>npm ci &amp;&amp; npm run build</code> in \
<code>ui</code>, then build the application again.</p></main></body></html>\n";

fn main() -> Result<(), Box<dyn Error>> {
    let pages = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../ui/dist");
    println!("cargo:rerun-if-changed={}", pages.join("index.html").display());
    // Whoever bundles names the pages in the configuration it merges.
    if env::var_os("TAURI_CONFIG").is_none() && !pages.join("index.html").exists() {
        let own = Path::new(&env::var("OUT_DIR")?).join("pages");
        fs::create_dir_all(&own)?;
        fs::write(own.join("index.html"), PLACEHOLDER)?;
        let own = own.display().to_string().replace('\\', "/");
        println!("cargo:rustc-env=TAURI_CONFIG={{\"build\":{{\"frontendDist\":\"{own}\"}}}}");
    }
    let commands = tauri_build::AppManifest::new().commands(&["api_read", "api_write"]);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))?;
    Ok(())
}
