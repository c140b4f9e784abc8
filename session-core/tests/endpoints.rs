//! AWS's test cases of endpoint rules: every service's, and those of each function.
//!
//! They are in botocore's source distribution, of which `BOTOCORE_SOURCE` names the unpacked directory;
//! `cargo xtask conformance endpoints` fetches it and runs this. Every URL, header, property and error text must be
//! the case's.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use serde_json::{Value, json};
use session_core::dynamic::conformance::endpoints::EndpointRules;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let Some(source) = env::var_os("BOTOCORE_SOURCE").map(PathBuf::from) else {
        println!(
            "endpoint rules were not tested: BOTOCORE_SOURCE is unset; run `cargo xtask conformance endpoints`"
        );
        return Ok(ExitCode::SUCCESS);
    };
    let services = of_services(&source)?;
    let functions = of_functions(&source)?;
    let mut failed = Vec::new();
    for (what, suites) in [("services", &services), ("functions", &functions)] {
        let (mut cases, before) = (0, failed.len());
        for suite in suites {
            cases += suite.run(&mut failed)?;
        }
        let passed = cases - (failed.len() - before);
        println!("endpoint rules of {what}: {passed} of {cases} cases in {} files", suites.len());
    }
    let mut inputs = Inputs::default();
    for suite in &services {
        suite.run_inputs(&mut inputs, &mut failed)?;
    }
    let Inputs { run, passed, left_out } = inputs;
    println!(
        "from inputs of operations: {passed} of {run} cases, and {left_out} of operations that no model has"
    );
    for failure in &failed {
        println!("{failure}");
    }
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A rule set and its cases.
struct Suite {
    name: String,
    rules: PathBuf,
    cases: PathBuf,
}

impl Suite {
    /// How many cases there are; adds a line for each that fails.
    fn run(&self, failed: &mut Vec<String>) -> Result<usize, Box<dyn Error>> {
        let rules = EndpointRules::parse(&fs::read_to_string(&self.rules)?)?;
        let document: Value = serde_json::from_str(&fs::read_to_string(&self.cases)?)?;
        let cases = document["testCases"].as_array().ok_or("no testCases")?;
        for case in cases {
            let (expected, resolved) = (expected(&case["expect"]), rules.resolve(&case["params"]));
            if resolved != expected {
                let about = &case["documentation"];
                failed.push(format!("{}: {about}: expected {expected:?}, resolved {resolved:?}", self.name));
            }
        }
        Ok(cases.len())
    }

    /// The cases once more, with parameters made of what operations are called with.
    fn run_inputs(&self, count: &mut Inputs, failed: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
        let rules = EndpointRules::parse(&fs::read_to_string(&self.rules)?)?;
        let document: Value = serde_json::from_str(&fs::read_to_string(&self.cases)?)?;
        for case in document["testCases"].as_array().into_iter().flatten() {
            for input in case["operationInputs"].as_array().into_iter().flatten() {
                let Some(parameters) = rules.parameters_of(&self.name, input)? else {
                    count.left_out += 1;
                    continue;
                };
                count.run += 1;
                let (expected, resolved) = (expected(&case["expect"]), rules.resolve(&parameters));
                match resolved == expected {
                    true => count.passed += 1,
                    false => {
                        failed.push(format!(
                            "{}: {input}: expected {expected:?}, resolved {resolved:?}",
                            self.name
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Cases that give an operation's input instead of parameters.
#[derive(Default)]
struct Inputs {
    run: usize,
    passed: usize,
    left_out: usize,
}

fn expected(expect: &Value) -> Result<Value, String> {
    if let Some(error) = expect["error"].as_str() {
        return Err(error.to_owned());
    }
    let endpoint = &expect["endpoint"];
    let object = |name| endpoint.get(name).cloned().unwrap_or_else(|| json!({}));
    Ok(json!({"url": endpoint["url"], "headers": object("headers"), "properties": object("properties")}))
}

/// Every service's cases, with the newest of its rule sets.
fn of_services(source: &Path) -> Result<Vec<Suite>, Box<dyn Error>> {
    let mut suites = Vec::new();
    for directory in sorted(&source.join("tests/functional/endpoint-rules"))? {
        let cases = directory.join("endpoint-tests-1.json");
        if !cases.is_file() {
            continue;
        }
        let name = file_name(&directory);
        let versions = sorted(&source.join("botocore/data").join(&name))?;
        let newest = versions.into_iter().rev().map(|version| version.join("endpoint-rule-set-1.json"));
        let rules =
            newest.into_iter().find(|rules| rules.is_file()).ok_or_else(|| format!("{name}: no rules"))?;
        suites.push(Suite { name, rules, cases });
    }
    Ok(suites)
}

fn of_functions(source: &Path) -> Result<Vec<Suite>, Box<dyn Error>> {
    let directory = source.join("tests/unit/data/endpoints");
    let suites = sorted(&directory.join("test-cases"))?.into_iter().map(|cases| {
        let name = file_name(&cases);
        Suite { rules: directory.join("valid-rules").join(&name), name, cases }
    });
    Ok(suites.collect())
}

fn sorted(directory: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
