//! Where AWS has a service: `cargo run --example regions -- dynamodb`.
//!
//! Prints a line a partition: its name, the regions, and, after a bar, the endpoints that are not regional. Without an
//! argument all services are listed. After `--partition-of` the arguments are regions instead, and a line says which
//! partition each belongs to. Nothing is asked of AWS: the lists are inside.
//!
//! `cargo xtask ci regions` compares what it prints with what boto3 says.

use std::process::ExitCode;

use backend_mock::MockAws;
use session_core::{Catalog, Error, NonRegional, Session, SessionExt};

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    // Any session will do: where AWS has a service is the same for all.
    let session = MockAws::new().session();
    let printed = match asked.split_first() {
        Some((option, regions)) if option == "--partition-of" => {
            regions.iter().for_each(|region| print_partition(&session, region));
            Ok(())
        }
        Some(_) => asked.iter().try_for_each(|service| print_regions(&session, service)),
        None => {
            Catalog::of_aws().services().try_for_each(|service| print_regions(&session, service.as_str()))
        }
    };
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print_regions(session: &dyn Session, service: &str) -> Result<(), Error> {
    for partition in session.available_partitions() {
        let regions = session.available_regions(service, partition.name(), NonRegional::Exclude)?;
        let mut others = session.available_regions(service, partition.name(), NonRegional::Include)?;
        others.retain(|endpoint| !regions.contains(endpoint));
        println!("{service} in {partition}: {} | {}", regions.join(" "), others.join(" "));
    }
    Ok(())
}

fn print_partition(session: &dyn Session, region: &str) {
    match session.partition_for_region(region) {
        Ok(partition) => println!("{region}: {partition}"),
        Err(_) => println!("{region}: none"),
    }
}
