//! moto's own tests, from its source distribution, in server mode: their decorators send boto3 to `mock-aws`.
//!
//! A list in `backend-mock/conformance` says of each suite what fails and why, and what is not run: tests of moto's own
//! Python, and of services that are not here.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use super::Ran;
use super::expectations::{Expectations, Outcome, Results};
use crate::models;
use crate::programs::{clean, script, serve, succeed};
use crate::venv::{self, Venv};
use crate::workspace::Workspace;

/// Folders of moto's tests that are run together.
pub(super) struct MotoSuite {
    /// As on the command line, and of the list.
    name: &'static str,
    /// Under moto's `tests`. A list names tests from the folder that all of these share.
    folders: &'static [&'static str],
}

impl MotoSuite {
    pub(super) const S3: Self = Self { name: "moto-s3", folders: &["test_s3"] };

    pub(super) const DYNAMODB: Self =
        Self { name: "moto-dynamodb", folders: &["test_dynamodb", "test_dynamodbstreams"] };

    /// Runs what the list does not exclude, and compares what came of it with the list, or writes the list anew.
    pub(super) fn run(&self, workspace: &Workspace, update: bool, arguments: &[String]) -> Result<Ran> {
        let name = self.name;
        ensure!(arguments.is_empty(), "{name} takes no arguments for its suite");
        let python = match venv::make(workspace)? {
            Venv::Ready(python) => python,
            Venv::NoPython(reason) => return Ok(Err(reason)),
        };
        let source = match models::fetch_package(workspace, &python, "moto")? {
            Ok(source) => source,
            Err(reason) => return Ok(Err(reason)),
        };
        let list = workspace.root().join("backend-mock").join("conformance").join(format!("{name}.txt"));
        let expected = Expectations::read(&list)?;
        let told = workspace.target().join(format!("{name}-results.txt"));

        let server = serve(workspace, &["--moto-api"])?;
        let mut suite = clean(python);
        suite.arg(script(workspace, "moto_suite.py")).arg(source).arg(server.endpoint_url()).arg(&told);
        suite.args(self.folders).arg("--exclude").args(expected.excluded());
        succeed(suite)?;
        drop(server);

        let results = parse(&fs::read_to_string(&told).context("the suite left no results")?)?;
        let note = if update { expected.update(&results)? } else { expected.check(&results)? };
        Ok(Ok(Some(note)))
    }
}

/// The lines that `moto_suite.py` writes.
fn parse(text: &str) -> Result<Results> {
    text.lines()
        .map(|line| {
            let mut fields = line.splitn(3, '\t');
            let outcome = match fields.next() {
                Some("passed") => Outcome::Passed,
                Some("failed") => Outcome::Failed,
                Some("skipped") => Outcome::Skipped,
                _ => bail!("`{line}` says no outcome"),
            };
            let test = fields.next().context("a line names no test")?;
            Ok((test.to_owned(), (outcome, fields.next().unwrap_or_default().to_owned())))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_outcome_a_test_and_a_reason() {
        let results = parse("passed\ta.py::b\t\nfailed\ta.py::c[x]\tAssertionError: 1\n").unwrap();
        assert_eq!(results["a.py::b"].0, Outcome::Passed);
        assert_eq!(results["a.py::c[x]"], (Outcome::Failed, "AssertionError: 1".to_owned()));
        assert!(parse("maybe\ta\t").is_err());
    }
}
