//! Builds the program that is PID 1 in every container, for both Linux architectures, and hands it to `include_bytes!`.
//!
//! A nested cargo with a target folder of its own does it (the outer one is locked), linked by the `rust-lld` that comes
//! with the toolchain, so no C compiler is needed on any system. Nothing of the outer build's settings leaks in and
//! paths are remapped: the same sources give the same bytes.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

/// The engine's word for an architecture, and the Rust target.
const TARGETS: [(&str, &str); 2] =
    [("amd64", "x86_64-unknown-linux-musl"), ("arm64", "aarch64-unknown-linux-musl")];
/// More than this says that something unwanted was linked in.
const LARGEST: usize = 500 * 1000;

fn main() {
    if let Err(error) = build() {
        println!("cargo::error={error}");
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    let own = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let crates = own.parent().ok_or("the crate has no parent folder")?;
    let workspace = crates.parent().ok_or("the crates have no parent folder")?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for watched in ["src", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={}", crates.join("shim").join(watched).display());
    }
    println!("cargo::rerun-if-changed=build.rs");

    let mut table =
        String::from("/// The program for each architecture: the engine's word, the bytes, their SHA-256.\n");
    writeln!(table, "pub(crate) const PROGRAMS: [Program; {}] = [", TARGETS.len())?;
    for (arch, target) in TARGETS {
        require(target)?;
        let program = compile(workspace, &out, target)?;
        let bytes = fs::read(&program)?;
        if bytes.len() > LARGEST {
            return Err(
                format!("the shim for {target} has {} bytes, more than {LARGEST}", bytes.len()).into()
            );
        }
        let hash = hex(&Sha256::digest(&bytes));
        writeln!(
            table,
            "    Program {{ arch: {arch:?}, bytes: include_bytes!({:?}), sha256: {hash:?} }},",
            program.display()
        )?;
    }
    table.push_str("];\n");
    fs::write(out.join("programs.rs"), table)?;
    Ok(())
}

/// A target that rustup has not added yet is the most likely thing to go wrong, so it is looked for first.
fn require(target: &str) -> Result<(), Box<dyn Error>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer = Command::new(rustc).args(["--print", "target-libdir", "--target", target]).output()?;
    let folder = String::from_utf8(answer.stdout)?;
    if answer.status.success() && Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    Err(format!("the Rust target {target} is missing; add it with: rustup target add {target}").into())
}

fn compile(workspace: &Path, out: &Path, target: &str) -> Result<PathBuf, Box<dyn Error>> {
    let folder = out.join("shim");
    let mut flags = vec!["-Clinker=rust-lld".to_owned(), "-Clinker-flavor=ld.lld".to_owned()];
    flags.extend(["-Ctarget-feature=+crt-static", "-Crelocation-model=static"].map(str::to_owned));
    let home = cargo_home();
    for (from, to) in
        [(Some(workspace), "/mcpproxy"), (home.as_deref(), "/cargo"), (Some(&folder), "/target")]
    {
        flags.extend(from.map(|from| format!("--remap-path-prefix={}={to}", from.display())));
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Flags, wrappers, profiles and folders of the outer build are its own business.
    for (name, _) in env::vars_os() {
        if is_of_the_outer_build(&name.to_string_lossy()) {
            cargo.env_remove(name);
        }
    }
    cargo
        .current_dir(workspace)
        .args(["build", "--package", "mcpproxy-shim", "--bin", "mcpproxy-shim", "--profile", "shim"])
        .args(["--locked", "--offline", "--quiet", "--target", target, "--target-dir"])
        .arg(&folder)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    let result = cargo.output()?;
    if !result.status.success() {
        let told = String::from_utf8_lossy(&result.stderr).trim().replace('\n', " | ");
        return Err(format!("building the shim for {target} failed: {told}").into());
    }
    Ok(folder.join(target).join("shim").join("mcpproxy-shim"))
}

fn is_of_the_outer_build(name: &str) -> bool {
    let kept = ["CARGO_HOME"];
    let named =
        ["RUSTFLAGS", "RUSTDOCFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTC_LINKER", "TARGET"];
    let own = ["HOST", "OUT_DIR", "PROFILE", "DEBUG", "OPT_LEVEL", "NUM_JOBS", "CLIPPY_ARGS", "MAKEFLAGS"];
    let prefixed =
        name.starts_with("CARGO_") && !name.starts_with("CARGO_HTTP") && !name.starts_with("CARGO_NET");
    (prefixed && !kept.contains(&name)) || named.contains(&name) || own.contains(&name)
}

fn cargo_home() -> Option<PathBuf> {
    let set = env::var_os("CARGO_HOME").map(PathBuf::from);
    set.or_else(|| env::home_dir().map(|home| home.join(".cargo")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
