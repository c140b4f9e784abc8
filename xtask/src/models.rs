//! The models inside: what AWS publishes about its services, made into text files that the crates carry.
//!
//! botocore ships AWS's documents; `requirements.txt` pins its version. A script in `xtask/models` prints what lists are
//! made from, and each module below makes one list, byte for byte the same at every run. The service models themselves
//! are packed by [`packed`] from the source distributions.

mod botocore;
mod distributions;
mod packed;
mod partitions;
mod regions;
mod services;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use self::botocore::Botocore;
pub(crate) use self::distributions::{Distributions, fetch, fetch_package};
use crate::venv::{self, Venv};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Writes nothing; fails where a file is not what would be written
    #[arg(long)]
    check: bool,
}

/// A file of the repository, and what is in it.
struct Embedded {
    /// From the root.
    path: &'static str,
    text: String,
}

/// The task: writes the files, or checks them.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let python = match venv::make(workspace)? {
        Venv::Ready(python) => python,
        Venv::NoPython(reason) => bail!("{reason}"),
    };
    if arguments.check {
        println!("{}", check(workspace, &python)?);
        return Ok(());
    }
    for Embedded { path, text } in generate(workspace, &python)? {
        fs::write(workspace.root().join(path), &text).with_context(|| path.to_owned())?;
        println!("{path}: {} kB", text.len().div_ceil(1000));
    }
    println!("session-core/models: {}", packed::write(workspace, &python)?);
    Ok(())
}

/// Compares the files with what would be written; returns what was compared, in a line.
///
/// # Errors
/// Names every file that differs and the first line in which it does.
pub(crate) fn check(workspace: &Workspace, python: &Path) -> Result<String> {
    let files = generate(workspace, python)?;
    let differ: Vec<_> = files
        .iter()
        .filter_map(|Embedded { path, text }| {
            let found = fs::read_to_string(workspace.root().join(path)).unwrap_or_default();
            Some(format!("{path}:{}", first_difference(&found, text)?))
        })
        .collect();
    ensure!(differ.is_empty(), "not what `cargo xtask models` writes: {}", differ.join(", "));
    let models = packed::check(workspace, python)?;
    Ok(format!("{} files are what botocore says; {models}", files.len()))
}

fn generate(workspace: &Workspace, python: &Path) -> Result<Vec<Embedded>> {
    let botocore = Botocore::read(workspace, python)?;
    Ok(vec![
        Embedded { path: "session-core/src/catalog/services.txt", text: services::text(&botocore)? },
        Embedded { path: "session-core/src/catalog/partitions.txt", text: partitions::text(&botocore)? },
        Embedded { path: "session-core/src/catalog/regions.txt", text: regions::text(&botocore)? },
    ])
}

/// The number of the first line, from 1, in which two texts differ.
fn first_difference(found: &str, wanted: &str) -> Option<usize> {
    if found == wanted {
        return None;
    }
    let same = found.split('\n').zip(wanted.split('\n')).take_while(|(found, wanted)| found == wanted);
    Some(same.count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_counted_from_one() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("", "a\n"), Some(1));
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a", "a\n"), Some(2));
    }
}
