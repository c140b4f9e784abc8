//! Arrows: which crate may know which, what an engine may know, and what must not be in the tree at all.

use anyhow::{Context, Result};
use serde_json::Value;
use xshell::cmd;

use super::Fault;
use crate::workspace::Workspace;

/// A crate of the workspace and whom it may depend on, its tests aside.
struct Arrow {
    from: &'static str,
    /// Crates of the workspace.
    to: &'static [&'static str],
    /// Whether it may know the SDK crate of a service.
    service_sdk: bool,
}

const ARROWS: &[Arrow] = &[
    Arrow { from: "session-core", to: &[], service_sdk: false },
    Arrow { from: "backend-aws", to: &["session-core"], service_sdk: false },
    Arrow { from: "backend-mock", to: &["session-core"], service_sdk: false },
    Arrow { from: "resources", to: &["session-core"], service_sdk: true },
    Arrow { from: "xtask", to: &[], service_sdk: false },
];

/// What an engine never mentions in its code: protocols, doors and runtimes.
const NOT_IN_ENGINES: &[&str] =
    &["wire", "http", "http_body", "hyper", "s3s", "tokio", "serde_json", "aws_smithy_runtime_api"];

/// Old stacks that one forgotten default feature would bring back: name and version's beginning.
const NOT_IN_TREE: &[(&str, &str)] = &[("hyper", "0.14."), ("rustls", "0.21.")];

/// Dependencies that the house does not allow.
pub(super) fn crates(workspace: &Workspace) -> Result<Vec<Fault>> {
    let shell = workspace.shell();
    let metadata = cmd!(shell, "cargo metadata --no-deps --format-version 1").quiet().read()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo listed no packages")?;
    let members: Vec<_> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    Ok(packages.iter().flat_map(|package| manifest(package, &members)).collect())
}

/// What is wrong with one package, as `cargo metadata` tells it.
fn manifest(package: &Value, members: &[&str]) -> Vec<Fault> {
    let name = package["name"].as_str().unwrap_or_default();
    let fault = |rule| Fault { path: format!("{name}/Cargo.toml"), line: 0, rule };
    let Some(arrow) = ARROWS.iter().find(|arrow| arrow.from == name) else {
        return vec![fault("a new crate: say in xtask/src/tidy/arrows.rs whom it may know".to_owned())];
    };
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    dependencies
        .filter(|dependency| dependency["kind"] != "dev")
        .filter_map(|dependency| dependency["name"].as_str())
        .filter(|other| match members.contains(other) {
            true => !arrow.to.contains(other),
            false => other.starts_with("aws-sdk-") && !arrow.service_sdk,
        })
        .map(|other| fault(format!("{name} must not know {other}, unless as a dev-dependency")))
        .collect()
}

/// What a file of an engine mentions and must not. Other files have no faults here.
pub(super) fn engine(path: &str, text: &str) -> Vec<Fault> {
    let of_engine =
        path.starts_with("backend-mock/src/") && (path.contains("/engine/") || path.ends_with("/engine.rs"));
    if !of_engine {
        return Vec::new();
    }
    let code = text.lines().enumerate().take_while(|(_, line)| *line != "#[cfg(test)]");
    code.filter(|(_, line)| !line.trim_start().starts_with("//"))
        .filter_map(|(index, line)| mentioned(line).map(|name| (index, name)))
        .map(|(index, name)| Fault {
            path: path.to_owned(),
            line: index + 1,
            rule: format!("an engine knows nobody: `{name}` belongs to the wire or the door"),
        })
        .collect()
}

/// The first forbidden name in a line that is part of a path, such as `tokio` in `tokio::spawn` or `use tokio;`.
fn mentioned(line: &str) -> Option<&'static str> {
    let word = |character: char| character.is_alphanumeric() || character == '_';
    NOT_IN_ENGINES.iter().copied().find(|name| {
        line.match_indices(name).any(|(start, _)| {
            let (before, after) = (&line[..start], &line[start + name.len()..]);
            let whole = !before.ends_with(word) && !after.starts_with(word);
            let imported = line.trim_start().starts_with("use ") || line.trim_start().starts_with("pub use ");
            whole && (after.starts_with("::") || before.ends_with("::") || imported)
        })
    })
}

/// Packages that must not be in the tree of any target that is built here.
pub(super) fn tree(workspace: &Workspace) -> Result<Vec<Fault>> {
    let shell = workspace.shell();
    let tree = cmd!(shell, "cargo tree --locked --workspace --all-features --prefix none");
    Ok(unwanted(&tree.quiet().read()?))
}

fn unwanted(tree: &str) -> Vec<Fault> {
    let mut found: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split_once(" v"))
        .filter(|(name, version)| {
            NOT_IN_TREE.iter().any(|(unwanted, old)| name == unwanted && version.starts_with(old))
        })
        .map(|(name, version)| format!("{name} {}", version.split(' ').next().unwrap_or(version)))
        .collect();
    found.sort();
    found.dedup();
    let rule =
        |package| format!("{package} is in the tree; `cargo tree --invert {package}` says through whom");
    let fault = |package: String| Fault {
        path: "Cargo.lock".to_owned(),
        line: 0,
        rule: rule(package.replace(' ', "@")),
    };
    found.into_iter().map(fault).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults_of(name: &str, dependency: &str, kind: Option<&str>) -> usize {
        let package = json!({"name": name, "dependencies": [{"name": dependency, "kind": kind}]});
        manifest(&package, &["session-core", "backend-aws", "backend-mock", "resources", "xtask"]).len()
    }

    #[test]
    fn the_core_knows_no_backend_and_no_service() {
        assert_eq!(faults_of("session-core", "backend-mock", None), 1);
        assert_eq!(faults_of("session-core", "backend-mock", Some("build")), 1);
        assert_eq!(faults_of("session-core", "aws-sdk-s3", None), 1);
        assert_eq!(faults_of("session-core", "aws-types", None), 0);
    }

    #[test]
    fn resources_meet_the_backends_in_tests_only() {
        assert_eq!(faults_of("resources", "backend-aws", None), 1);
        assert_eq!(faults_of("resources", "backend-aws", Some("dev")), 0);
        assert_eq!(faults_of("resources", "aws-sdk-s3", None), 0);
    }

    #[test]
    fn a_crate_without_an_arrow_is_a_fault() {
        assert_eq!(faults_of("newcomer", "serde", None), 1);
    }

    #[test]
    fn an_engine_that_speaks_http_is_a_fault_but_its_prose_and_its_neighbours_are_not() {
        let path = "backend-mock/src/s3/engine/bucket.rs";
        for line in [
            "use http::StatusCode;",
            "use serde_json;",
            "    tokio::spawn(task);",
            "use crate::s3::wire::error;",
            "use super::{wire, key};",
        ] {
            assert_eq!(engine(path, &format!("//! Buckets.\n{line}\n")).len(), 1, "{line}");
            assert!(engine("backend-mock/src/s3/wire.rs", line).is_empty());
        }
        for line in ["/// The wire turns it into tokio::io.", "let http = 1;", "use crate::s3::wired::x;"] {
            assert!(engine(path, line).is_empty(), "{line}");
        }
        assert_eq!(engine("backend-mock/src/dynamodb/engine.rs", "use s3s::dto;").len(), 1);
    }

    #[test]
    fn old_versions_in_the_tree_are_named_once() {
        let tree = "hyper v1.7.0\nhyper v0.14.32\nrustls v0.23.1\nhyper v0.14.32 (*)\n";
        let faults = unwanted(tree);
        assert_eq!(faults.len(), 1);
        assert!(faults[0].rule.contains("hyper@0.14.32"));
    }
}
