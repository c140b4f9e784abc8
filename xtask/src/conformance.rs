//! Suites of other projects, that judge ours.
//!
//! | suite | what it asks |
//! |---|---|
//! | `protocols` | is every request of the clients made from models written and every answer read as the protocols say? |
//! | `endpoints` | does every endpoint rule lead where AWS says? |
//! | `moto-s3` | does the S3 in memory do what moto's own tests of S3 expect? |
//! | `moto-dynamodb` | does the DynamoDB in memory do what moto's own tests of DynamoDB and its streams expect? |
//! | `botocore-s3` | does the S3 in memory do what botocore's integration tests of S3, which are made for AWS, expect? |
//! | `s3transfer` | does it do what the integration tests of boto3's transfers expect? |
//! | `s3s-e2e` | does it do what the end-to-end suite of the `s3s` project expects? |
//!
//! The first two are AWS's, from botocore's source distribution: test targets of `session-core` that print counts. The
//! others run against `mock-aws serve`. What a suite needs is fetched under `target/`, pinned.

mod expectations;
mod pytest;
mod s3s_e2e;

use std::path::PathBuf;

use anyhow::{Result, bail};

use self::pytest::PytestSuite;
use crate::models::{self, Distributions};
use crate::venv::{self, Venv};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    suite: Suite,
    /// Writes down what fails now, of the suites that keep a list of it
    #[arg(long)]
    update: bool,
    /// Goes to the suite
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// A suite of another project.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Suite {
    /// AWS's protocol compliance cases
    Protocols,
    /// AWS's endpoint rule cases
    Endpoints,
    /// moto's tests of S3
    MotoS3,
    /// moto's tests of DynamoDB and DynamoDB Streams
    MotoDynamodb,
    /// botocore's integration tests of S3
    BotocoreS3,
    /// The integration tests of boto3's transfers
    S3transfer,
    /// The end-to-end suite of s3s
    S3sE2e,
}

/// What came of a suite: what there is to say of it, or why there was no way to run it.
pub(crate) type Ran = Result<Option<String>, String>;

/// The task.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    match conform(workspace, arguments.suite, arguments.update, &arguments.arguments)? {
        Ok(note) => note.into_iter().for_each(|note| println!("{note}")),
        Err(reason) => bail!("{reason}"),
    }
    Ok(())
}

/// Runs a suite; the reason, where there is no way to it.
///
/// # Errors
/// A case that fails and is not expected to.
pub(crate) fn check(workspace: &Workspace, suite: Suite) -> Result<Ran> {
    conform(workspace, suite, false, &[])
}

fn conform(workspace: &Workspace, suite: Suite, update: bool, arguments: &[String]) -> Result<Ran> {
    match suite {
        // With the features of all other tests, so that nothing is compiled for this alone.
        Suite::Protocols => {
            let command = "cargo test --locked --workspace --all-features --test protocols";
            of_botocore(workspace, command, arguments)
        }
        Suite::Endpoints => {
            let command = "cargo test --locked --workspace --all-features --test endpoints";
            of_botocore(workspace, command, arguments)
        }
        Suite::MotoS3 => PytestSuite::MOTO_S3.run(workspace, update, arguments),
        Suite::MotoDynamodb => PytestSuite::MOTO_DYNAMODB.run(workspace, update, arguments),
        Suite::BotocoreS3 => PytestSuite::BOTOCORE_S3.run(workspace, update, arguments),
        Suite::S3transfer => PytestSuite::S3TRANSFER.run(workspace, update, arguments),
        Suite::S3sE2e => s3s_e2e::run(workspace, update, arguments),
    }
}

/// A test target that reads botocore's source.
fn of_botocore(workspace: &Workspace, command: &str, arguments: &[String]) -> Result<Ran> {
    let source = match source(workspace)? {
        Ok(source) => source,
        Err(reason) => return Ok(Err(reason)),
    };
    let command = workspace.command(command).env("BOTOCORE_SOURCE", source);
    command.arg("--").args(arguments).quiet().run()?;
    Ok(Ok(None))
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
