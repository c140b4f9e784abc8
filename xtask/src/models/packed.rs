//! The packed service models: built and run is the example `pack_models` of `session-core`, which knows the format.
//!
//! It is built with the features of the whole workspace, as the tests are, so that the SDK is not compiled once more.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::distributions::{self, Distributions};
use crate::workspace::Workspace;

const BUILD: &str = "cargo build --workspace --all-features --example pack_models";

/// What writes, and not only compares, deflates, which takes minutes even when it is optimised.
const OPTIMISED: &str = "--config profile.dev.package.session-core.opt-level=3 \
                         --config profile.dev.package.zopfli.opt-level=3";

/// Writes the files under `session-core/models`; returns what it wrote, in a line.
pub(super) fn write(workspace: &Workspace, python: &Path) -> Result<String> {
    match distributions::fetch(workspace, python)? {
        Distributions::Ready { botocore, boto3 } => run(workspace, [botocore, boto3], false),
        Distributions::OutOfReach(reason) => bail!("{reason}"),
    }
}

/// Compares them with what would be written; returns what was compared, or why nothing was.
///
/// # Errors
/// Names the services whose models differ.
pub(super) fn check(workspace: &Workspace, python: &Path) -> Result<String> {
    match distributions::fetch(workspace, python)? {
        Distributions::Ready { botocore, boto3 } => run(workspace, [botocore, boto3], true),
        Distributions::OutOfReach(reason) => Ok(format!("service models not compared: {reason}")),
    }
}

fn run(workspace: &Workspace, sources: [PathBuf; 2], check: bool) -> Result<String> {
    let build = if check { BUILD.to_owned() } else { format!("{BUILD} {OPTIMISED}") };
    workspace.command(&build).quiet().run()?;
    let program = workspace.target().join("debug").join("examples").join("pack_models");
    let mut command = Command::new(program.with_extension(std::env::consts::EXE_EXTENSION));
    command.args(sources).arg(workspace.root().join("session-core").join("models"));
    if check {
        command.arg("--check");
    }
    let output = command.output().context("pack_models did not start")?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}", told.trim().trim_start_matches("error: "));
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
