//! What AWS's services can do: `cargo run --example operations -- sqs`.
//!
//! Prints a line a service: its name, a tab, its operations. Without an argument all services are listed. Nothing is
//! asked of AWS: the models are inside.
//!
//! `cargo xtask parity` compares what it prints with botocore's.

use std::process::ExitCode;

use backend_mock::MockAws;
use session_core::{Catalog, Error, SessionExt};

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let services = match asked.is_empty() {
        true => Catalog::of_aws().services().map(ToString::to_string).collect(),
        false => asked,
    };
    match services.iter().try_for_each(|service| print_operations(service)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn print_operations(service: &str) -> Result<(), Error> {
    // Any session will do: what a service can do is the same for all.
    let operations = MockAws::new().session().available_operations(service)?;
    println!("{service}\t{}", operations.join(" "));
    Ok(())
}
