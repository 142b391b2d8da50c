//! Embeds the built pages: each file as it is, compressed, and with a tag made from its bytes.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=MCPPROXY_UI_DIST");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?);
    let mut table = String::from("&[\n");
    if let Some(folder) = folder()? {
        // A folder that does not exist would count as changed on each build.
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        collect(&folder, String::new(), &mut files)?;
        files.sort();
        for (number, name) in files.iter().enumerate() {
            embed(&fs::read(folder.join(name))?, number, name, &out, &mut table)?;
        }
    }
    table.push(']');
    fs::write(out.join("pages.rs"), table)
}

/// Where the built pages lie; a folder that was named must be there.
fn folder() -> io::Result<Option<PathBuf>> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let root = manifest.join("../..");
    if let Some(named) = env::var_os("MCPPROXY_UI_DIST").filter(|named| !named.is_empty()) {
        let folder = root.join(named);
        let built = folder.join("index.html").is_file();
        let missing = || io::Error::other(format!("MCPPROXY_UI_DIST: no index.html in {}", folder.display()));
        return if built { Ok(Some(folder)) } else { Err(missing()) };
    }
    let usual = root.join("ui/dist");
    Ok(usual.join("index.html").is_file().then_some(usual))
}

fn collect(folder: &Path, prefix: String, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let (kind, name) = (entry.file_type()?, format!("{prefix}{name}"));
        if kind.is_dir() {
            collect(&entry.path(), format!("{name}/"), files)?;
        } else if kind.is_file() && !name.ends_with(".map") {
            files.push(name);
        }
    }
    Ok(())
}

fn embed(bytes: &[u8], number: usize, name: &str, out: &Path, table: &mut String) -> io::Result<()> {
    fs::write(out.join(format!("page-{number}")), bytes)?;
    let mut gzip = GzBuilder::new().write(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    fs::write(out.join(format!("page-{number}.gz")), gzip.finish()?)?;
    let tag = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    writeln!(
        table,
        "    Page {{ path: {name:?}, media_type: {:?}, tag: \"\\\"{tag:016x}\\\"\", \
         plain: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/page-{number}\")), \
         gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/page-{number}.gz\")) }},",
        media_type(name)
    )
    .map_err(io::Error::other)
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "txt" | "ftl" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
