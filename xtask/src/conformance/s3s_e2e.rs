//! The end-to-end suite of the `s3s` project: a program on the SDK that is pointed at a server.
//!
//! Its version is that of the `s3s` that the workspace builds on. It is compiled once, unoptimised, under `target/tools`,
//! which takes minutes, since it brings an SDK of its own. `backend-mock/conformance/s3s-e2e.txt` lists what fails and why.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Ran;
use super::expectations::{Expectations, Outcome, Results};
use crate::programs::{clean, serve};
use crate::workspace::Workspace;

const VERSION: &str = "0.14.1";

pub(super) fn run(workspace: &Workspace, update: bool, arguments: &[String]) -> Result<Ran> {
    let program = match install(workspace)? {
        Ok(program) => program,
        Err(reason) => return Ok(Err(reason)),
    };
    let list = workspace.root().join("backend-mock").join("conformance").join("s3s-e2e.txt");
    let expected = Expectations::read(&list)?;
    let told = workspace.target().join("s3s-e2e-results.json");

    let server = serve(workspace, &[])?;
    let mut suite = clean(program);
    suite.arg("--json").arg(&told).args(arguments);
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIAS3SE2E"),
        ("AWS_SECRET_ACCESS_KEY", "any secret will do"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", server.endpoint_url()),
        ("RUST_LOG", "off"),
    ] {
        suite.env(name, value);
    }
    // It ends badly when a case fails: which may be expected is for the list to say.
    let output = suite.output().context("s3s-e2e did not start")?;
    drop(server);
    let report = fs::read_to_string(&told).with_context(|| {
        format!("s3s-e2e left no report: {}", String::from_utf8_lossy(&output.stderr).trim())
    })?;
    fs::remove_file(&told)?;
    let results = parse(&serde_json::from_str(&report)?)?;
    let note = if update { expected.update(&results)? } else { expected.check(&results)? };
    Ok(Ok(Some(note)))
}

/// The program, compiled if it is not there.
fn install(workspace: &Workspace) -> Result<Result<PathBuf, String>> {
    let tools = workspace.target().join("tools");
    let program = tools.join("bin").join("s3s-e2e").with_extension(env::consts::EXE_EXTENSION);
    let installed = fs::read_to_string(tools.join(".crates.toml")).unwrap_or_default();
    if program.exists() && installed.contains(&format!("s3s-e2e {VERSION} ")) {
        return Ok(Ok(program));
    }
    let command = format!("cargo install s3s-e2e --version {VERSION} --locked --force --debug");
    let compiled = workspace
        .command(&command)
        .arg("--root")
        .arg(&tools)
        .env("CARGO_TARGET_DIR", workspace.target().join("tools-build"))
        .run();
    match compiled {
        Ok(()) => Ok(Ok(program)),
        Err(why) if env::var_os("CI").is_some() => Err(why.into()),
        Err(_) => Ok(Err(format!(
            "s3s-e2e {VERSION} could not be installed; is there a way to a package registry?"
        ))),
    }
}

/// The report that `--json` writes: suites of fixtures of cases.
fn parse(report: &Value) -> Result<Results> {
    let mut results = Results::new();
    let name = |of: &Value| of["name"].as_str().unwrap_or_default().to_owned();
    let list = |of: &Value, what: &str| of[what].as_array().cloned().unwrap_or_default();
    for suite in list(report, "suites") {
        for fixture in list(&suite, "fixtures") {
            for case in list(&fixture, "cases") {
                let outcome = match (case["ignored"].as_bool(), case["passed"].as_bool()) {
                    (Some(true), _) => Outcome::Skipped,
                    (_, Some(true)) => Outcome::Passed,
                    _ => Outcome::Failed,
                };
                let reason = case["run"]["result"].to_string();
                let test = format!("{}/{}/{}", name(&suite), name(&fixture), name(&case));
                results.insert(test, (outcome, reason));
            }
        }
    }
    ensure!(!results.is_empty(), "the report of s3s-e2e names no case");
    Ok(results)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_case_by_case() {
        let report = serde_json::json!({ "suites": [{ "name": "Basic", "fixtures": [{ "name": "Put", "cases": [
            { "name": "tiny", "passed": true, "ignored": false },
            { "name": "large", "passed": false, "ignored": false, "run": { "result": "Panicked" } },
        ] }] }] });
        let results = parse(&report).unwrap();
        assert_eq!(results["Basic/Put/tiny"].0, Outcome::Passed);
        assert_eq!(results["Basic/Put/large"], (Outcome::Failed, "\"Panicked\"".to_owned()));
        assert!(parse(&serde_json::json!({})).is_err());
    }

    #[test]
    fn the_suite_is_that_of_the_crate_that_the_wire_is_built_on() {
        let locked = include_str!("../../../Cargo.lock");
        assert!(locked.contains(&format!("name = \"s3s\"\nversion = \"{VERSION}\"")));
    }
}
