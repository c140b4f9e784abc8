//! Programs that tasks run: ours and those of other projects, without anything of the user's environment.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::served::Served;
use crate::workspace::Workspace;

/// Builds the server and the examples, with the features of the tests.
const BUILD: &str = "cargo build --workspace --all-features --bin mock-aws --example demo --example regions";

/// Builds what the tasks run.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    Ok(workspace.command(BUILD).quiet().run()?)
}

/// Builds and starts `mock-aws serve` on a free port, with further arguments.
pub(crate) fn serve(workspace: &Workspace, arguments: &[&str]) -> Result<Served> {
    build(workspace)?;
    let mut server = clean(workspace.target().join("debug").join("mock-aws"));
    server.args(["serve", "--port", "0"]).args(arguments);
    Served::start(server)
}

/// A script beside this crate that talks to a server.
pub(crate) fn script(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.root().join("xtask").join("peers").join(name)
}

/// A command that sees nothing of the user's environment: no credentials, no configuration, no proxy.
pub(crate) fn clean(program: PathBuf) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for name in ["PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot", "RUST_BACKTRACE"] {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Runs a command to its end.
///
/// # Errors
/// It did not start, or did not end with success.
pub(crate) fn succeed(mut command: Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("{program} did not start"))?;
    ensure!(status.success(), "{program} ended with {status}");
    Ok(())
}
