//! Programs of other projects against ours, and ours against theirs.

use std::env;

use anyhow::Result;

use super::report::Outcome;
use crate::demo;
use crate::programs::{build, clean, script, succeed};
use crate::served::Served;
use crate::venv::{self, Venv};
use crate::workspace::Workspace;

/// boto3 takes a bucket and a table from beginning to end, on `mock-aws serve`.
#[cfg(unix)]
pub(super) fn boto3(workspace: &Workspace) -> Result<Outcome> {
    let python = match venv::make(workspace)? {
        Venv::Ready(python) => python,
        Venv::NoPython(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let server = crate::programs::serve(workspace, &[])?;
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
    build(workspace)?;
    let mut peer = clean(python);
    let program = workspace.target().join("debug").join("examples").join("regions");
    peer.arg(script(workspace, "boto3_regions.py")).arg(program.with_extension(env::consts::EXE_EXTENSION));
    succeed(peer)?;
    Ok(Outcome::Passed)
}

/// The demo in memory.
pub(super) fn demo(workspace: &Workspace) -> Result<Outcome> {
    build(workspace)?;
    succeed(clean(demo::program(workspace)))?;
    Ok(Outcome::Passed)
}

/// The demo on moto's server.
pub(super) fn demo_on_moto(workspace: &Workspace) -> Result<Outcome> {
    let python = match venv::make(workspace)? {
        Venv::Ready(python) => python,
        Venv::NoPython(reason) => return Ok(Outcome::Skipped(reason)),
    };
    build(workspace)?;
    let mut moto = clean(python);
    moto.arg(script(workspace, "moto_server.py"));
    let moto = Served::start(moto)?;
    let mut demo = clean(demo::program(workspace));
    demo.args(["--endpoint-url", moto.endpoint_url()]);
    succeed(demo)?;
    moto.close()?;
    Ok(Outcome::Passed)
}
