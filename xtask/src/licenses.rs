//! Licences: every dependency's must be satisfied by the list in `deny.toml`.
//!
//! The same file is read by cargo-deny, which knows more: where it is installed, it runs too, with its database of
//! security advisories.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};
use xshell::cmd;

use crate::workspace::Workspace;

/// The task.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    println!("{}", check(workspace)?);
    Ok(())
}

/// Checks all; returns what was checked and what was not, in a line.
///
/// # Errors
/// Names every dependency whose licence is not allowed.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let policy =
        fs::read_to_string(workspace.root().join("deny.toml")).context("deny.toml cannot be read")?;
    let policy = Policy::parse(&policy)?;
    let packages = dependencies(workspace, &policy.targets)?;
    let faults: Vec<_> = packages.iter().filter_map(|package| policy.fault(package)).collect();
    ensure!(faults.is_empty(), "licences that deny.toml does not allow:\n  {}", faults.join("\n  "));
    let advisories = advisories(workspace)?;
    Ok(format!("the licences of {} dependencies are allowed; {advisories}", packages.len()))
}

/// What cargo-deny finds, where it is installed.
fn advisories(workspace: &Workspace) -> Result<&'static str> {
    let shell = workspace.shell();
    if cmd!(shell, "cargo deny --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
        return Ok("the advisory database was not consulted: cargo-deny is not installed");
    }
    cmd!(shell, "cargo deny check bans licenses sources").run()?;
    if cmd!(shell, "cargo deny fetch db").ignore_stderr().run().is_err() {
        return Ok("the advisory database was not consulted: it could not be fetched");
    }
    cmd!(shell, "cargo deny check --disable-fetch advisories").run()?;
    Ok("the advisory database knows nothing against them")
}

/// A package of somebody else's and its licence, as its manifest says.
struct Package {
    name: String,
    version: String,
    license: Option<String>,
}

/// Every package that the lock file leads to on one of `targets`.
fn dependencies(workspace: &Workspace, targets: &[String]) -> Result<Vec<Package>> {
    let shell = workspace.shell();
    let platforms = targets.iter().flat_map(|target| ["--filter-platform", target.as_str()]);
    let metadata = cmd!(shell, "cargo metadata --locked --all-features --format-version 1 {platforms...}")
        .quiet()
        .read()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let resolved: Vec<_> = metadata["resolve"]["nodes"].as_array().into_iter().flatten().collect();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    metadata["packages"]
        .as_array()
        .context("cargo listed no packages")?
        .iter()
        .filter(|package| !package["source"].is_null())
        .filter(|package| resolved.iter().any(|node| node["id"] == package["id"]))
        .map(|package| {
            Ok(Package {
                name: text(&package["name"]).context("a package without a name")?,
                version: text(&package["version"]).context("a package without a version")?,
                license: text(&package["license"]),
            })
        })
        .collect()
}

/// What `deny.toml` allows.
struct Policy {
    allow: Vec<Licensee>,
    /// Packages that may have more licences than the rest.
    exceptions: Vec<(String, Vec<Licensee>)>,
    targets: Vec<String>,
}

impl Policy {
    fn parse(text: &str) -> Result<Self> {
        let file: toml::Table = text.parse().context("deny.toml is not TOML")?;
        let list = |value: Option<&toml::Value>| -> Vec<String> {
            let items = value.and_then(toml::Value::as_array).into_iter().flatten();
            items.filter_map(toml::Value::as_str).map(str::to_owned).collect()
        };
        let licensees = |value: Option<&toml::Value>| {
            list(value)
                .iter()
                .map(|name| {
                    Licensee::parse(name).with_context(|| format!("deny.toml: `{name}` is no licence"))
                })
                .collect::<Result<Vec<_>>>()
        };
        let licenses = file.get("licenses").context("deny.toml has no [licenses]")?;
        let mut exceptions = Vec::new();
        for exception in licenses.get("exceptions").and_then(toml::Value::as_array).into_iter().flatten() {
            let Some(name) = exception.get("crate").and_then(toml::Value::as_str) else {
                bail!("deny.toml: an exception names no crate");
            };
            exceptions.push((name.to_owned(), licensees(exception.get("allow"))?));
        }
        let targets = list(file.get("graph").and_then(|graph| graph.get("targets")));
        Ok(Self { allow: licensees(licenses.get("allow"))?, exceptions, targets })
    }

    /// What is wrong with a package's licence, if anything.
    fn fault(&self, package: &Package) -> Option<String> {
        let Package { name, version, license } = package;
        let Some(license) = license else {
            return Some(format!("{name} {version} states no licence"));
        };
        // Lax: old manifests say `MIT/Apache-2.0`.
        let expression = match Expression::parse_mode(license, ParseMode::LAX) {
            Ok(expression) => expression,
            Err(error) => {
                return Some(format!("{name} {version}: `{license}` cannot be read: {}", error.reason));
            }
        };
        let more = self.exceptions.iter().filter(|(except, _)| except == name).flat_map(|(_, more)| more);
        let allowed: Vec<_> = self.allow.iter().chain(more).collect();
        let satisfied =
            expression.evaluate(|requirement| allowed.iter().any(|licensee| licensee.satisfies(requirement)));
        (!satisfied).then(|| format!("{name} {version}: {license}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        [graph]
        targets = ["x86_64-unknown-linux-gnu"]
        [licenses]
        allow = ["MIT", "Apache-2.0 WITH LLVM-exception"]
        exceptions = [{ crate = "roots", allow = ["CDLA-Permissive-2.0"] }]
    "#;

    fn fault(name: &str, license: Option<&str>) -> Option<String> {
        let package = Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
        };
        Policy::parse(POLICY).unwrap().fault(&package)
    }

    #[test]
    fn one_allowed_alternative_is_enough_and_every_joined_licence_is_needed() {
        assert_eq!(fault("a", Some("MIT OR Apache-2.0")), None);
        assert_eq!(fault("a", Some("GPL-3.0/MIT")), None);
        assert_eq!(fault("a", Some("Apache-2.0 WITH LLVM-exception AND MIT")), None);
        assert_eq!(fault("a", Some("MIT AND ISC")).unwrap(), "a 1.0.0: MIT AND ISC");
        assert_eq!(fault("a", Some("Apache-2.0")).unwrap(), "a 1.0.0: Apache-2.0");
    }

    #[test]
    fn a_missing_or_unreadable_licence_is_a_fault() {
        assert!(fault("a", None).unwrap().contains("states no licence"));
        assert!(fault("a", Some("whatever you like")).unwrap().contains("cannot be read"));
    }

    #[test]
    fn an_exception_is_for_its_own_package_only() {
        assert_eq!(fault("roots", Some("CDLA-Permissive-2.0")), None);
        assert!(fault("a", Some("CDLA-Permissive-2.0")).is_some());
    }
}
