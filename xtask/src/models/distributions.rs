//! The source distributions of botocore and boto3, unpacked under `target/`.
//!
//! They hold AWS's documents as they are written, and the suites that botocore is tested with, which its wheel lacks.
//! `requirements.txt` pins their versions; what is unpacked already is not fetched again.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::cmd;

use crate::workspace::Workspace;

/// What came of asking for them.
pub(crate) enum Distributions {
    /// The directories they are unpacked in.
    Ready { botocore: PathBuf, boto3: PathBuf },
    /// They are not here and could not be fetched; the reason.
    OutOfReach(String),
}

/// Fetches and unpacks both, unless they are there.
///
/// # Errors
/// Where `CI` is set a failed download is an error, since nothing may be passed over there.
pub(crate) fn fetch(workspace: &Workspace, python: &Path) -> Result<Distributions> {
    let mut unpacked = Vec::new();
    for package in ["botocore", "boto3"] {
        match fetch_package(workspace, python, package)? {
            Ok(directory) => unpacked.push(directory),
            Err(reason) => return Ok(Distributions::OutOfReach(reason)),
        }
    }
    match <[PathBuf; 2]>::try_from(unpacked) {
        Ok([botocore, boto3]) => Ok(Distributions::Ready { botocore, boto3 }),
        Err(_) => Ok(Distributions::OutOfReach("a distribution is missing".to_owned())),
    }
}

/// Fetches and unpacks one distribution that `requirements.txt` pins, unless it is there; else the reason.
///
/// # Errors
/// As for [`fetch`].
pub(crate) fn fetch_package(
    workspace: &Workspace,
    python: &Path,
    package: &str,
) -> Result<Result<PathBuf, String>> {
    let requirements = workspace.root().join("xtask").join("requirements.txt");
    let requirements = fs::read_to_string(&requirements).context("xtask/requirements.txt cannot be read")?;
    let version = pinned(&requirements, package)
        .with_context(|| format!("xtask/requirements.txt does not pin {package}"))?;
    match fetch_one(workspace, python, package, version) {
        Ok(directory) => Ok(Ok(directory)),
        Err(why) if std::env::var_os("CI").is_some() => Err(why),
        Err(why) => Ok(Err(format!("{why:#}"))),
    }
}

fn fetch_one(workspace: &Workspace, python: &Path, package: &str, version: &str) -> Result<PathBuf> {
    let name = format!("{package}-{version}");
    let distributions = workspace.target().join("distributions");
    let unpacked = distributions.join(&name);
    if unpacked.exists() {
        return Ok(unpacked);
    }
    let shell = workspace.shell();
    let fetched = distributions.join(format!("{name}.incomplete"));
    if fetched.exists() {
        fs::remove_dir_all(&fetched)?;
    }
    fs::create_dir_all(&fetched)?;
    let requirement = format!("{package}=={version}");
    let download = cmd!(
        shell,
        "{python} -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --dest {fetched}
         {requirement}"
    );
    download.run().with_context(|| {
        format!("pip could not download the source of {requirement}; is there a way to a package index?")
    })?;
    let archive = fetched.join(format!("{name}.tar.gz"));
    let unpack = "import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2], filter='data')";
    cmd!(shell, "{python} -I -c {unpack} {archive} {fetched}").quiet().run()?;
    // Only now: what was interrupted is fetched anew.
    fs::rename(fetched.join(&name), &unpacked).with_context(|| format!("{name} holds no such directory"))?;
    fs::remove_dir_all(&fetched)?;
    Ok(unpacked)
}

/// The version that a requirements file pins a package to.
fn pinned<'t>(requirements: &'t str, package: &str) -> Option<&'t str> {
    let lines = requirements.lines().filter_map(|line| line.split_once("=="));
    // A name may be followed by extras, which say nothing of its source.
    let bare = |name: &'t str| name.split('[').next().unwrap_or_default();
    lines.filter(|(name, _)| bare(name) == package).map(|(_, version)| version.trim()).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_requirements() {
        assert_eq!(pinned("boto3-stubs==2\nboto3==1.2.3\n", "boto3"), Some("1.2.3"));
        assert_eq!(pinned("moto[server]==5.0\n", "moto"), Some("5.0"));
        assert_eq!(pinned("# boto3\n", "boto3"), None);
        let ours = include_str!("../../requirements.txt");
        assert!(pinned(ours, "botocore").is_some() && pinned(ours, "boto3").is_some());
    }
}
