//! AWS's own suites, from botocore's source distribution, against the clients made from models.
//!
//! | suite | what it asks |
//! |---|---|
//! | `protocols` | is every request written and every answer read as the protocols say? |
//! | `endpoints` | does every endpoint rule lead where AWS says? |
//!
//! They are test targets of `session-core` that print counts; the task fetches the source and says where it is.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::models::{self, Distributions};
use crate::venv::{self, Venv};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    suite: Suite,
    /// Goes to the suite
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// A suite of AWS's.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Suite {
    /// Protocol compliance cases
    Protocols,
    /// Endpoint rule cases
    Endpoints,
}

impl Suite {
    /// With the features of all other tests, so that nothing is compiled for this alone.
    const fn command(self) -> &'static str {
        match self {
            Self::Protocols => "cargo test --locked --workspace --all-features --test protocols",
            Self::Endpoints => "cargo test --locked --workspace --all-features --test endpoints",
        }
    }
}

/// The task.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    match source(workspace)? {
        Ok(source) => suite(workspace, arguments.suite, source, &arguments.arguments),
        Err(reason) => bail!("{reason}"),
    }
}

/// Runs a suite with its source; the reason, where there is no way to it.
///
/// # Errors
/// A case that fails.
pub(crate) fn check(workspace: &Workspace, which: Suite) -> Result<Result<(), String>> {
    match source(workspace)? {
        Ok(source) => suite(workspace, which, source, &[]).map(Ok),
        Err(reason) => Ok(Err(reason)),
    }
}

fn suite(workspace: &Workspace, suite: Suite, source: PathBuf, arguments: &[String]) -> Result<()> {
    let command = workspace.command(suite.command()).env("BOTOCORE_SOURCE", source);
    Ok(command.arg("--").args(arguments).quiet().run()?)
}

/// The unpacked source of botocore, or why there is none.
fn source(workspace: &Workspace) -> Result<Result<PathBuf, String>> {
    let python = match venv::make(workspace)? {
        Venv::Ready(python) => python,
        Venv::NoPython(reason) => return Ok(Err(reason)),
    };
    Ok(match models::fetch(workspace, &python)? {
        Distributions::Ready { botocore, .. } => Ok(botocore),
        Distributions::OutOfReach(reason) => Err(reason),
    })
}
