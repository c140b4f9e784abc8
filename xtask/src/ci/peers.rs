//! Programs of other projects against ours, and ours against theirs.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::report::Outcome;
use super::served::Served;
use crate::demo;
use crate::venv::{self, Venv};
use crate::workspace::Workspace;

/// Builds the server and the examples, with the features of the tests.
const BUILD: &str = "cargo build --workspace --all-features --bin mock-aws --example demo --example regions";

/// boto3 takes a bucket and a table from beginning to end, on `mock-aws serve`.
#[cfg(unix)]
pub(super) fn boto3(workspace: &Workspace) -> Result<Outcome> {
    let python = match venv::make(workspace)? {
        Venv::Ready(python) => python,
        Venv::NoPython(reason) => return Ok(Outcome::Skipped(reason)),
    };
    workspace.command(BUILD).quiet().run()?;
    let mut server = clean(workspace.target().join("debug").join("mock-aws"));
    server.args(["serve", "--port", "0"]);
    let server = Served::start(server)?;
    let mut peer = clean(python);
    peer.arg(script(workspace, "boto3_round_trip.py")).arg(server.endpoint_url());
    succeed(peer)?;
    server.terminate()?;
    Ok(Outcome::Passed)
}

/// Without signals there is no graceful stop to check.
#[cfg(not(unix))]
pub(super) fn boto3(_: &Workspace) -> Result<Outcome> {
    Ok(Outcome::Skipped("mock-aws is stopped by SIGTERM, which this platform does not have".to_owned()))
}

/// boto3 lists the same services, partitions and regions, and finds the same partition for a region.
pub(super) fn regions(workspace: &Workspace) -> Result<Outcome> {
    let python = match venv::make(workspace)? {
        Venv::Ready(python) => python,
        Venv::NoPython(reason) => return Ok(Outcome::Skipped(reason)),
    };
    workspace.command(BUILD).quiet().run()?;
    let mut peer = clean(python);
    let program = workspace.target().join("debug").join("examples").join("regions");
    peer.arg(script(workspace, "boto3_regions.py")).arg(program.with_extension(env::consts::EXE_EXTENSION));
    succeed(peer)?;
    Ok(Outcome::Passed)
}

/// The demo in memory.
pub(super) fn demo(workspace: &Workspace) -> Result<Outcome> {
    workspace.command(BUILD).quiet().run()?;
    succeed(clean(demo::program(workspace)))?;
    Ok(Outcome::Passed)
}

/// The demo on moto's server.
pub(super) fn demo_on_moto(workspace: &Workspace) -> Result<Outcome> {
    let python = match venv::make(workspace)? {
        Venv::Ready(python) => python,
        Venv::NoPython(reason) => return Ok(Outcome::Skipped(reason)),
    };
    workspace.command(BUILD).quiet().run()?;
    let mut moto = clean(python);
    moto.arg(script(workspace, "moto_server.py"));
    let moto = Served::start(moto)?;
    let mut demo = clean(demo::program(workspace));
    demo.args(["--endpoint-url", moto.endpoint_url()]);
    succeed(demo)?;
    moto.close()?;
    Ok(Outcome::Passed)
}

fn script(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.root().join("xtask").join("peers").join(name)
}

/// A command that sees nothing of the user's environment: no credentials, no configuration, no proxy.
fn clean(program: PathBuf) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for name in ["PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot", "RUST_BACKTRACE"] {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

fn succeed(mut command: Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("{program} did not start"))?;
    ensure!(status.success(), "{program} ended with {status}");
    Ok(())
}
