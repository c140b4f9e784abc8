//! Suites in Python, from source distributions, against `mock-aws`: moto's own tests, in server mode, and the tests of
//! boto's projects that are made for AWS.
//!
//! A script beside this crate leads a suite's clients to the server. A list in `backend-mock/conformance` says of each
//! suite what fails and why, and what is not run: tests of moto's own Python, and of services that are not here.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use super::Ran;
use super::expectations::{Expectations, Outcome, Results};
use crate::models;
use crate::programs::{clean, script, serve, succeed};
use crate::venv::{self, Venv};
use crate::workspace::Workspace;

/// Tests that are run together.
pub(super) struct PytestSuite {
    /// As on the command line, and of the list.
    name: &'static str,
    /// Whose source distribution holds the tests.
    package: &'static str,
    script: &'static str,
    /// What the server has to be told.
    server: &'static [&'static str],
    /// Under the package's `tests`. A list names tests from the folder that all of these share.
    paths: &'static [&'static str],
}

impl PytestSuite {
    pub(super) const MOTO_S3: Self = Self::of_moto("moto-s3", &["test_s3"]);

    pub(super) const MOTO_DYNAMODB: Self =
        Self::of_moto("moto-dynamodb", &["test_dynamodb", "test_dynamodbstreams"]);

    pub(super) const BOTOCORE_S3: Self =
        Self::of_boto("botocore-s3", "botocore", &["integration/test_s3.py"]);

    pub(super) const S3TRANSFER: Self = Self::of_boto("s3transfer", "s3transfer", &["integration"]);

    const fn of_moto(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { name, package: "moto", script: "moto_suite.py", server: &["--moto-api"], paths }
    }

    const fn of_boto(name: &'static str, package: &'static str, paths: &'static [&'static str]) -> Self {
        Self { name, package, script: "boto_suite.py", server: &[], paths }
    }

    /// Runs what the list does not exclude, and compares what came of it with the list, or writes the list anew.
    pub(super) fn run(&self, workspace: &Workspace, update: bool, arguments: &[String]) -> Result<Ran> {
        let name = self.name;
        ensure!(arguments.is_empty(), "{name} takes no arguments for its suite");
        let python = match venv::make(workspace)? {
            Venv::Ready(python) => python,
            Venv::NoPython(reason) => return Ok(Err(reason)),
        };
        let source = match models::fetch_package(workspace, &python, self.package)? {
            Ok(source) => source,
            Err(reason) => return Ok(Err(reason)),
        };
        let list = workspace.root().join("backend-mock").join("conformance").join(format!("{name}.txt"));
        let expected = Expectations::read(&list)?;
        let told = workspace.target().join(format!("{name}-results.txt"));

        let server = serve(workspace, self.server)?;
        let mut suite = clean(python);
        suite.arg(script(workspace, self.script)).arg(source).arg(server.endpoint_url()).arg(&told);
        suite.args(self.paths).arg("--exclude").args(expected.excluded());
        succeed(suite)?;
        drop(server);

        let results = parse(&fs::read_to_string(&told).context("the suite left no results")?)?;
        let note = if update { expected.update(&results)? } else { expected.check(&results)? };
        Ok(Ok(Some(note)))
    }
}

/// The lines that `suite.py` writes.
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
