//! A Python environment under `target/`, for moto and boto3: implementations that are not ours.
//!
//! `requirements.txt` beside this crate pins every package. A copy of it in the environment says what is installed, so
//! that the second run costs nothing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xshell::cmd;

use crate::workspace::Workspace;

/// The oldest Python that all the pinned packages support.
const OLDEST_PYTHON: (u32, u32) = (3, 11);

/// What an environment holds.
#[derive(Clone, Copy)]
pub(crate) enum Requirements {
    /// moto and boto3, which tests talk to.
    Peers,
    /// aioboto3, which benches measure.
    Aioboto3,
}

impl Requirements {
    const fn file(self) -> &'static str {
        match self {
            Self::Peers => "requirements.txt",
            Self::Aioboto3 => "requirements-aioboto3.txt",
        }
    }

    const fn directory(self) -> &'static str {
        match self {
            Self::Peers => "venv",
            Self::Aioboto3 => "venv-aioboto3",
        }
    }
}

/// What came of making the environment.
pub(crate) enum Venv {
    /// Its interpreter.
    Ready(PathBuf),
    /// This machine has no Python that could make one; the reason, and what would help.
    NoPython(String),
}

/// The task: makes the environment or says why it cannot.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    match make(workspace)? {
        Venv::Ready(python) => println!("{}", python.display()),
        Venv::NoPython(reason) => bail!("{reason}"),
    }
    Ok(())
}

/// Makes the environment that tests want, unless it is there and up to date.
pub(crate) fn make(workspace: &Workspace) -> Result<Venv> {
    make_with(workspace, Requirements::Peers)
}

/// Makes an environment, unless it is there and up to date.
pub(crate) fn make_with(workspace: &Workspace, what: Requirements) -> Result<Venv> {
    let shell = workspace.shell();
    let venv = workspace.target().join(what.directory());
    let python = interpreter(&venv);
    let requirements = workspace.root().join("xtask").join(what.file());
    let wanted =
        fs::read_to_string(&requirements).with_context(|| format!("xtask/{} cannot be read", what.file()))?;
    let stamp = venv.join("installed.txt");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(Venv::Ready(python));
    }

    let system = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if let Err(reason) = suits(workspace, &system) {
        return Ok(Venv::NoPython(reason));
    }
    cmd!(shell, "{system} -m venv --clear {venv}").run()?;
    let installed = cmd!(
        shell,
        "{python} -m pip install --quiet --disable-pip-version-check --requirement {requirements}"
    )
    .run();
    if let Err(why) = installed {
        let reason =
            format!("pip could not install xtask/{}; is there a way to a package index?", what.file());
        // Where the gate keeps watch, what moto and boto3 would have found must not be passed over.
        return match std::env::var_os("CI").is_some() {
            true => Err(why).context(reason),
            false => Ok(Venv::NoPython(reason)),
        };
    }
    // Only now: an interrupted installation is made anew.
    fs::write(&stamp, wanted)?;
    Ok(Venv::Ready(python))
}

fn interpreter(venv: &Path) -> PathBuf {
    match cfg!(windows) {
        true => venv.join("Scripts").join("python.exe"),
        false => venv.join("bin").join("python"),
    }
}

/// Whether `python` is new enough and has what an environment is made with.
fn suits(workspace: &Workspace, python: &str) -> Result<(), String> {
    let shell = workspace.shell();
    let (major, minor) = OLDEST_PYTHON;
    let question = "import sys, venv, ensurepip; print(*sys.version_info[:2])";
    let help = format!(
        "install Python {major}.{minor} or newer with its venv module, or set PYTHON to one, for the tests against \
         moto and boto3"
    );
    let answer = cmd!(shell, "{python} -c {question}").quiet().ignore_stderr().read();
    let Ok(answer) = answer else {
        return Err(format!("`{python}` is not there or lacks venv or ensurepip: {help}"));
    };
    match version(&answer) {
        Some(version) if version >= OLDEST_PYTHON => Ok(()),
        _ => Err(format!("`{python}` is version {}: {help}", answer.trim().replace(' ', "."))),
    }
}

fn version(answer: &str) -> Option<(u32, u32)> {
    let (major, minor) = answer.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("3 9\n") < Some(OLDEST_PYTHON));
        assert!(version("3 11\n") >= Some(OLDEST_PYTHON));
        assert!(version("3 100") > Some(OLDEST_PYTHON));
        assert_eq!(version("three"), None);
    }

    #[test]
    fn every_requirement_is_pinned() {
        let all = [include_str!("../requirements.txt"), include_str!("../requirements-aioboto3.txt")];
        for line in all.into_iter().flat_map(str::lines) {
            assert!(line.is_empty() || line.starts_with('#') || line.contains("=="), "{line}");
        }
    }
}
