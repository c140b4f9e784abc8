//! Benches: cargo and criterion do the work.

use anyhow::Result;
use xshell::cmd;

use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Goes to `cargo bench`, such as `--bench scope -- --quick`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let shell = workspace.shell();
    let arguments = &arguments.arguments;
    cmd!(shell, "cargo bench --package resources {arguments...}").run()?;
    Ok(())
}
