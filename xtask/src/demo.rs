//! The front door: builds the example `demo` of the crate `resources` and runs it.
//!
//! It is built with the features of the whole workspace, as the tests are. Otherwise the AWS SDK, which takes
//! minutes, would be compiled once for the demo and once more for the tests.

use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Builds the demo, with the same features as the tests.
pub(crate) const BUILD: &str = "cargo build --workspace --all-features --example demo";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Goes to the demo
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    workspace.command(BUILD).quiet().run()?;
    // Not through the scrubbed shell: with `--aws` the demo needs the user's own credentials.
    let demo = program(workspace);
    let mut command = Command::new(&demo);
    command.args(&arguments.arguments);
    become_program(command).with_context(|| format!("{} did not start", demo.display()))
}

/// Gives the process to the program, so that Ctrl-C finds one that cleans up and none that ends before it.
#[cfg(unix)]
fn become_program(mut command: Command) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_program(mut command: Command) -> std::io::Result<()> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1))
}

/// Where cargo puts the demo.
pub(crate) fn program(workspace: &Workspace) -> std::path::PathBuf {
    let name = format!("demo{}", std::env::consts::EXE_SUFFIX);
    workspace.target().join("debug").join("examples").join(name)
}
