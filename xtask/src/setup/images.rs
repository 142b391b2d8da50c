//! The base images that servers run in: pulled where Docker Hub can be reached, else stand-ins made from Debian.
//!
//! A stand-in has what the product relies on in the real one: the programs and their places, PATH, the entrypoint, the
//! `node` user. It carries the label `com.mcpproxy.stand-in`, and never this machine's own certificates.

mod root;

use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::is_root;
use crate::commands::{command, quiet, succeeds};
use root::Root;

/// Where plain image names are pulled from.
const DOCKER_HUB: &str = "registry-1.docker.io:443";

/// The PATH of the Debian and Alpine images.
const PATH: &str = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// An image that a server may run in, in the order in which the stand-ins grow from one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Image {
    Debian,
    Python,
    Node,
    Alpine,
}

impl Image {
    const ALL: [Self; 4] = [Self::Debian, Self::Python, Self::Node, Self::Alpine];

    fn name(self) -> &'static str {
        match self {
            Self::Debian => "debian:bookworm-slim",
            Self::Python => "python:3.11",
            Self::Node => "node:20",
            Self::Alpine => "alpine:3.18",
        }
    }

    /// The settings of the stand-in, as lines of a Dockerfile.
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Debian => &[PATH, r#"CMD ["bash"]"#],
            Self::Python => &[
                "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
                "ENV LANG=C.UTF-8",
                r#"CMD ["python3"]"#,
            ],
            Self::Node => &[PATH, r#"ENTRYPOINT ["docker-entrypoint.sh"]"#, r#"CMD ["node"]"#],
            Self::Alpine => &[PATH, r#"CMD ["/bin/sh"]"#],
        }
    }
}

/// Brings each image that is missing: by a pull where that works, else as a stand-in.
pub(crate) fn ensure() -> Result<()> {
    let mut missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    if docker_hub_answers() {
        missing.retain(|image| !pull(*image));
    }
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root() {
        let names: Vec<&str> = missing.iter().map(|image| image.name()).collect();
        bail!("Docker Hub cannot be reached and only root can make stand-ins for {}", names.join(", "));
    }
    make(&missing)
}

/// The names of the images that the engine does not have yet.
pub(crate) fn missing_names() -> Vec<&'static str> {
    missing().into_iter().map(Image::name).collect()
}

fn missing() -> Vec<Image> {
    let here = |image: &Image| succeeds(&mut command("docker", ["image", "inspect", image.name()]));
    Image::ALL.into_iter().filter(|image| !here(image)).collect()
}

/// Whether a connection to Docker Hub opens; a name that does not resolve answers at once.
pub(crate) fn docker_hub_answers() -> bool {
    let Ok(addresses) = DOCKER_HUB.to_socket_addrs() else { return false };
    addresses.take(2).any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(4)).is_ok())
}

fn pull(image: Image) -> bool {
    println!("Pulling {}", image.name());
    let pulled = succeeds(&mut command("docker", ["pull", "--quiet", image.name()]));
    if !pulled {
        println!("Pulling {} did not work; making a stand-in.", image.name());
    }
    pulled
}

/// Makes the stand-ins that are missing; each Debian one is the one before it with something added.
fn make(missing: &[Image]) -> Result<()> {
    println!("Docker Hub cannot be reached: making stand-ins from Debian's packages (about a minute).");
    if missing.contains(&Image::Alpine) {
        announced(Image::Alpine, || import(&Root::busybox()?, Image::Alpine))?;
    }
    let Some(last) = Image::ALL[..3].iter().rposition(|image| missing.contains(image)) else { return Ok(()) };
    let debian = Root::debian()?;
    for image in &Image::ALL[..=last] {
        match image {
            Image::Python => debian.add_python()?,
            Image::Node => debian.replace_python_by_node()?,
            Image::Debian | Image::Alpine => {}
        }
        if missing.contains(image) {
            announced(*image, || import(&debian, *image))?;
        }
    }
    debian.remove()
}

fn announced(image: Image, make: impl FnOnce() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    make()?;
    println!("Made a stand-in for {} ({:.0} s).", image.name(), start.elapsed().as_secs_f32());
    Ok(())
}

fn import(root: &Root, image: Image) -> Result<()> {
    let archive = root.pack()?;
    let mut import = command("docker", ["import", "--change", "LABEL com.mcpproxy.stand-in=true"]);
    for setting in image.settings() {
        import.args(["--change", setting]);
    }
    quiet(import.arg(&archive).arg(image.name()))?;
    std::fs::remove_file(archive)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_carry_the_names_that_the_product_asks_for() {
        let names: Vec<&str> = Image::ALL.into_iter().map(Image::name).collect();
        assert_eq!(names, ["debian:bookworm-slim", "python:3.11", "node:20", "alpine:3.18"]);
    }

    #[test]
    fn only_the_node_image_has_an_entrypoint_as_the_real_one_has() {
        let with = |image: &Image| image.settings().iter().any(|setting| setting.starts_with("ENTRYPOINT"));
        assert_eq!(Image::ALL.into_iter().filter(with).collect::<Vec<_>>(), [Image::Node]);
    }
}
