//! The project's tasks, one subcommand a file. `cargo xtask --help` lists them.
//!
//! It knows none of the workspace's crates, so that it starts within seconds; whatever needs them is an example or
//! a test, and the task calls cargo.

mod bench;
mod ci;
mod conformance;
mod demo;
mod licenses;
mod models;
mod parity;
mod programs;
mod served;
mod tidy;
mod venv;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Tasks of the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// The whole gate: format, house checks, licences, lints, docs, tests, and programs of other projects
    Ci(ci::Arguments),
    /// Shows what the project does, in memory; `cargo xtask demo --help` tells of other places
    #[command(disable_help_flag = true)]
    Demo(demo::Arguments),
    /// Measures; arguments go to criterion
    #[command(disable_help_flag = true)]
    Bench(bench::Arguments),
    /// Makes `target/venv` with moto and boto3, which some tests talk to
    Venv,
    /// Checks what the compiler does not: documentation, lengths, names, and who may know whom
    Tidy,
    /// Makes the files about AWS's services that the crates carry from botocore's, or checks them
    Models(models::Arguments),
    /// Runs suites of other projects: AWS's own against the clients made from models, S3's against the server
    Conformance(conformance::Arguments),
    /// Compares the services and operations that there are with botocore's
    Parity(parity::Arguments),
    /// Checks the licence of every dependency against `deny.toml`
    Licenses,
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    let done = Workspace::find().and_then(|workspace| match task {
        Task::Ci(arguments) => ci::run(&workspace, &arguments),
        Task::Demo(arguments) => demo::run(&workspace, &arguments),
        Task::Bench(arguments) => bench::run(&workspace, &arguments),
        Task::Venv => venv::run(&workspace),
        Task::Tidy => tidy::run(&workspace),
        Task::Models(arguments) => models::run(&workspace, &arguments),
        Task::Conformance(arguments) => conformance::run(&workspace, &arguments),
        Task::Parity(arguments) => parity::run(&workspace, &arguments),
        Task::Licenses => licenses::run(&workspace),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain without a backtrace: what went wrong is in the steps, not in this program.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
