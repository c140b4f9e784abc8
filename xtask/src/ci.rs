//! The gate. The cheapest step comes first, and every step says the command that repeats it alone.
//!
//! | step | what it asks |
//! |---|---|
//! | `format` | is the code formatted? |
//! | `tidy` | are the house's rules kept? |
//! | `licenses` | may every dependency be used? |
//! | `clippy` | has the compiler or clippy anything to say? |
//! | `docs` | does the documentation build, and do its links lead anywhere? |
//! | `venv` | are moto and boto3 there? |
//! | `models` | are the embedded models what botocore says? |
//! | `tests` | unit, property, wire and conformance tests |
//! | `protocols` | do clients made from models write and read as AWS's own cases say? |
//! | `endpoints` | do their endpoints lead where AWS's own cases say? |
//! | `moto-s3` | does the S3 in memory do what moto's own tests of S3 expect? |
//! | `moto-dynamodb` | does the DynamoDB in memory do what moto's own tests of it expect? |
//! | `botocore-s3` | does it do what botocore's integration tests of S3 expect? |
//! | `s3transfer` | does it do what the integration tests of boto3's transfers expect? |
//! | `doctests` | do the examples in the documentation and in the README run? |
//! | `boto3` | does boto3 find an AWS behind `mock-aws serve`? |
//! | `regions` | does boto3 list the same partitions and regions? |
//! | `demo` | does the front door open? |
//! | `demo-moto` | does it open on a server that is not ours? |
//!
//! `cargo xtask conformance s3s-e2e` is not among them: its program brings an SDK of its own, whose first compilation takes
//! longer than the rest of the gate.
//!
//! The AWS SDK takes minutes to compile, so it is compiled twice and no more: checked for `clippy` and `docs`, built for
//! the rest. That holds as long as all steps ask for the same features, development dependencies included, and nobody
//! sets `RUSTFLAGS`.

mod peers;
mod report;

use std::time::Instant;

use anyhow::{Result, bail};
use clap::builder::PossibleValuesParser;

use self::report::{Outcome, Report};
use crate::conformance::{self, Suite};
use crate::venv::Venv;
use crate::workspace::Workspace;
use crate::{licenses, models, tidy, venv};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these steps; all when none is named
    #[arg(value_parser = PossibleValuesParser::new(STEPS.iter().map(|step| step.name)))]
    steps: Vec<String>,
}

/// One question of the gate.
struct Step {
    name: &'static str,
    work: Work,
}

enum Work {
    /// A cargo command that must succeed.
    Cargo(&'static str),
    /// The same, with an environment variable.
    CargoWith(&'static str, &'static str, &'static str),
    /// A function of ours, and the command that calls it.
    Task(&'static str, fn(&Workspace) -> Result<Outcome>),
}

const STEPS: &[Step] = &[
    Step { name: "format", work: Work::Cargo("cargo fmt --all --check") },
    Step {
        name: "tidy",
        work: Work::Task("cargo xtask tidy", |workspace| tidy::check(workspace).map(Outcome::Noted)),
    },
    Step {
        name: "licenses",
        work: Work::Task("cargo xtask licenses", |workspace| licenses::check(workspace).map(Outcome::Noted)),
    },
    Step {
        name: "clippy",
        work: Work::Cargo("cargo clippy --locked --workspace --all-targets --all-features -- -D warnings"),
    },
    Step {
        name: "docs",
        // With the example: that makes cargo count the development dependencies' features, as for clippy.
        work: Work::CargoWith(
            "RUSTDOCFLAGS",
            "-D warnings",
            "cargo doc --workspace --no-deps --all-features --lib --bins --examples",
        ),
    },
    Step { name: "venv", work: Work::Task("cargo xtask venv", make_venv) },
    Step { name: "models", work: Work::Task("cargo xtask models --check", check_models) },
    Step { name: "tests", work: Work::Task("cargo xtask ci tests", test) },
    Step {
        name: "protocols",
        work: Work::Task("cargo xtask conformance protocols", |workspace| {
            conform(workspace, Suite::Protocols)
        }),
    },
    Step {
        name: "endpoints",
        work: Work::Task("cargo xtask conformance endpoints", |workspace| {
            conform(workspace, Suite::Endpoints)
        }),
    },
    Step {
        name: "moto-s3",
        work: Work::Task("cargo xtask conformance moto-s3", |workspace| conform(workspace, Suite::MotoS3)),
    },
    Step {
        name: "moto-dynamodb",
        work: Work::Task("cargo xtask conformance moto-dynamodb", |workspace| {
            conform(workspace, Suite::MotoDynamodb)
        }),
    },
    Step {
        name: "botocore-s3",
        work: Work::Task("cargo xtask conformance botocore-s3", |workspace| {
            conform(workspace, Suite::BotocoreS3)
        }),
    },
    Step {
        name: "s3transfer",
        work: Work::Task("cargo xtask conformance s3transfer", |workspace| {
            conform(workspace, Suite::S3transfer)
        }),
    },
    Step { name: "doctests", work: Work::Cargo("cargo test --workspace --all-features --doc") },
    Step { name: "boto3", work: Work::Task("cargo xtask ci boto3", peers::boto3) },
    Step { name: "regions", work: Work::Task("cargo xtask ci regions", peers::regions) },
    Step { name: "demo", work: Work::Task("cargo xtask demo", peers::demo) },
    Step { name: "demo-moto", work: Work::Task("cargo xtask ci demo-moto", peers::demo_on_moto) },
];

impl Step {
    /// The command that repeats this step alone.
    fn again(&self) -> String {
        match self.work {
            Work::Cargo(command) | Work::Task(command, _) => command.to_owned(),
            Work::CargoWith(name, value, command) => format!("{name}='{value}' {command}"),
        }
    }

    fn run(&self, workspace: &Workspace) -> Result<Outcome> {
        match self.work {
            Work::Cargo(command) => workspace.command(command).quiet().run()?,
            Work::CargoWith(name, value, command) => {
                workspace.command(command).env(name, value).quiet().run()?
            }
            Work::Task(_, task) => return task(workspace),
        }
        Ok(Outcome::Passed)
    }
}

/// The task: stops at the first step that fails, and says in the end what ran.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let chosen =
        |step: &&Step| arguments.steps.is_empty() || arguments.steps.iter().any(|name| name == step.name);
    let mut report = Report::new();
    let mut failed = None;
    for step in STEPS.iter().filter(chosen) {
        if failed.is_some() {
            report.add(step.name, Outcome::NotRun, None);
            continue;
        }
        let again = step.again();
        eprintln!("\n── {} · alone: {again}", step.name);
        let start = Instant::now();
        let outcome = step.run(workspace).unwrap_or_else(|error| {
            eprintln!("{error:#}");
            failed = Some(step.name);
            Outcome::Failed(format!("again: {again}"))
        });
        report.add(step.name, outcome, Some(start.elapsed()));
        eprintln!("── {}", report.last());
    }
    println!("\n{report}");
    match failed {
        None => Ok(()),
        Some(step) => bail!("the step `{step}` failed"),
    }
}

fn make_venv(workspace: &Workspace) -> Result<Outcome> {
    Ok(match venv::make(workspace)? {
        Venv::Ready(_) => Outcome::Passed,
        Venv::NoPython(reason) => Outcome::Skipped(reason),
    })
}

fn check_models(workspace: &Workspace) -> Result<Outcome> {
    Ok(match venv::make(workspace)? {
        Venv::Ready(python) => Outcome::Noted(models::check(workspace, &python)?),
        Venv::NoPython(reason) => Outcome::Skipped(reason),
    })
}

/// A suite of another project, where it can be fetched.
fn conform(workspace: &Workspace, suite: Suite) -> Result<Outcome> {
    Ok(match conformance::check(workspace, suite)? {
        Ok(None) => Outcome::Passed,
        Ok(Some(note)) => Outcome::Noted(note),
        Err(reason) => Outcome::Skipped(reason),
    })
}

/// Library, binary and integration tests. The conformance suite finds moto by the variable.
fn test(workspace: &Workspace) -> Result<Outcome> {
    let tests = workspace
        .command("cargo test --locked --workspace --all-features --no-fail-fast --lib --bins --tests");
    match venv::make(workspace)? {
        Venv::Ready(python) => tests.env("MOTO_PYTHON", python).run()?,
        Venv::NoPython(reason) => {
            tests.run()?;
            return Ok(Outcome::Noted(format!("without moto: {reason}")));
        }
    }
    Ok(Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_says_how_to_repeat_it_alone() {
        for step in STEPS {
            let again = step.again();
            assert!(again.contains("cargo "), "{again}");
            if let Some(name) = again.strip_prefix("cargo xtask ci ") {
                assert_eq!(name, step.name);
            }
        }
    }

    #[test]
    fn no_step_changes_the_flags_that_the_sdk_is_compiled_with() {
        for step in STEPS {
            assert!(!format!(" {}", step.again()).contains(" RUSTFLAGS"), "{}", step.name);
        }
    }

    #[test]
    fn the_table_above_lists_the_steps_in_order() {
        let listed = include_str!("ci.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
        let listed: Vec<_> = listed.filter_map(|line| line.split('`').next()).collect();
        let steps: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        assert_eq!(listed, steps);
    }
}
