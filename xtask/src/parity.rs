//! Parity: does every service and every operation that botocore has exist here?
//!
//! The example `operations` of `session-core` prints ours, a script beside this crate botocore's, in the same form: the
//! service, a tab, its operations. What we have beyond is none of the question: aioboto3 pins an older botocore. What that
//! one has and the botocore of our models no longer has, AWS has withdrawn; it is told and is no fault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::venv::{self, Requirements, Venv};
use crate::workspace::Workspace;

const BUILD: &str = "cargo build --workspace --all-features --example operations";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Compares with the botocore that aioboto3 installs
    #[arg(long)]
    aioboto3: bool,
    /// Prints every service, not only what is missing
    #[arg(long)]
    all: bool,
}

/// Operations by service.
type Operations = BTreeMap<String, BTreeSet<String>>;

/// The task.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let newest = of_botocore(workspace, Requirements::Peers)?;
    let theirs = match arguments.aioboto3 {
        true => of_botocore(workspace, Requirements::Aioboto3)?,
        false => newest.clone(),
    };
    workspace.command(BUILD).quiet().run()?;
    let ours = printed(&mut Command::new(example(workspace.target())))?;
    let withdrawn = missing(&newest, &theirs);
    let missing: BTreeMap<_, BTreeSet<_>> = missing(&ours, &theirs)
        .into_iter()
        .map(|(service, operations)| {
            (service, &operations - withdrawn.get(service).unwrap_or(&BTreeSet::new()))
        })
        .filter(|(_, operations)| !operations.is_empty())
        .collect();
    if arguments.all {
        for (service, operations) in &theirs {
            let there = ours.get(service).map_or(0, |known| known.intersection(operations).count());
            println!("{service}: {there} of {}", operations.len());
        }
    }
    for (service, operations) in &withdrawn {
        match newest.contains_key(*service) {
            true => println!("withdrawn by AWS: {service}'s {}", listed(operations)),
            false => println!("withdrawn by AWS: {service}, {} operations", operations.len()),
        }
    }
    for (service, operations) in &missing {
        println!("{service} lacks {}", listed(operations));
    }
    ensure!(missing.is_empty(), "{} of {} services lack operations", missing.len(), theirs.len());
    let [total, gone] = [count(&theirs), withdrawn.values().map(BTreeSet::len).sum()];
    println!(
        "{} services with {total} operations: all there but {gone} that AWS has withdrawn",
        theirs.len()
    );
    println!("here: {} services with {} operations", ours.len(), count(&ours));
    Ok(())
}

/// What the botocore of an environment has.
fn of_botocore(workspace: &Workspace, requirements: Requirements) -> Result<Operations> {
    let python = match venv::make_with(workspace, requirements)? {
        Venv::Ready(python) => python,
        Venv::NoPython(reason) => bail!("{reason}"),
    };
    let script = workspace.root().join("xtask").join("models").join("operations.py");
    printed(Command::new(python).arg("-I").arg(script))
}

fn count(operations: &Operations) -> usize {
    operations.values().map(BTreeSet::len).sum()
}

fn listed(operations: &BTreeSet<&str>) -> String {
    operations.iter().copied().collect::<Vec<_>>().join(", ")
}

/// What they have and we do not, by service.
fn missing<'t>(ours: &Operations, theirs: &'t Operations) -> BTreeMap<&'t str, BTreeSet<&'t str>> {
    let none = BTreeSet::new();
    let by_service = theirs.iter().map(|(service, operations)| {
        let known = ours.get(service).unwrap_or(&none);
        let missing = operations.iter().filter(|operation| !known.contains(*operation));
        (service.as_str(), missing.map(String::as_str).collect::<BTreeSet<_>>())
    });
    by_service.filter(|(service, missing)| !missing.is_empty() || !ours.contains_key(*service)).collect()
}

fn example(target: &Path) -> std::path::PathBuf {
    let program = target.join("debug").join("examples").join("operations");
    program.with_extension(std::env::consts::EXE_EXTENSION)
}

fn printed(command: &mut Command) -> Result<Operations> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{program} did not start"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} ended with {}: {told}", output.status);
    Ok(parse(&String::from_utf8(output.stdout)?))
}

fn parse(printed: &str) -> Operations {
    let lines = printed.lines().filter_map(|line| line.split_once('\t'));
    lines
        .map(|(service, operations)| {
            (service.to_owned(), operations.split_whitespace().map(str::to_owned).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_and_what_is_beyond_is_not() {
        let ours = parse("s3\tGetObject PutObject\nsqs\tSendMessage\n");
        let theirs = parse("s3\tGetObject HeadObject\nsns\tPublish\nsqs\tSendMessage\n");
        let missing = missing(&ours, &theirs);
        assert_eq!(missing.keys().copied().collect::<Vec<_>>(), ["s3", "sns"]);
        assert_eq!(missing["s3"].iter().copied().collect::<Vec<_>>(), ["HeadObject"]);
    }
}
