//! botocore's documents, as the script beside this crate prints them.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};
use xshell::cmd;

use crate::workspace::Workspace;

/// What botocore ships: service metadata by name, `partitions.json` and `endpoints.json`.
pub(super) struct Botocore(Value);

impl Botocore {
    /// Asks the botocore of that interpreter.
    pub(super) fn read(workspace: &Workspace, python: &Path) -> Result<Self> {
        let shell = workspace.shell();
        let script = workspace.root().join("xtask").join("models").join("read_botocore.py");
        let printed = cmd!(shell, "{python} -I {script}").quiet().read()?;
        Ok(Self(serde_json::from_str(&printed).context("the script did not print JSON")?))
    }

    #[cfg(test)]
    pub(super) fn of(document: Value) -> Self {
        Self(document)
    }

    /// The head of a file: what is in it, where from, and under which licence.
    pub(super) fn head(&self, what: &[&str]) -> Result<String> {
        let version = string(&self.0, "version")?;
        let told: String = what.iter().map(|line| format!("# {line}\n")).collect();
        Ok(format!(
            "{told}#\n# Source: botocore {version}, Copyright Amazon.com, Inc. or its affiliates, Apache-2.0. \
             Written by `cargo xtask models`.\n"
        ))
    }

    /// The metadata of every service model, by the service's name.
    pub(super) fn services(&self) -> Result<&Map<String, Value>> {
        object(&self.0, "services")
    }

    /// The partitions of `endpoints.json`, in its order, which is also botocore's.
    pub(super) fn endpoints(&self) -> Result<&[Value]> {
        array(&self.0, "endpoints")
    }

    /// The partitions of `partitions.json`.
    pub(super) fn partitions(&self) -> Result<&[Value]> {
        array(&self.0, "partitions")
    }
}

/// A text in an object.
pub(super) fn string<'v>(value: &'v Value, key: &str) -> Result<&'v str> {
    value[key].as_str().with_context(|| format!("`{key}` is no text"))
}

/// An object in an object.
pub(super) fn object<'v>(value: &'v Value, key: &str) -> Result<&'v Map<String, Value>> {
    value[key].as_object().with_context(|| format!("`{key}` is no object"))
}

fn array<'v>(value: &'v Value, key: &str) -> Result<&'v [Value]> {
    Ok(value[key].as_array().with_context(|| format!("`{key}` is no list"))?)
}

/// Names in alphabetical order, each fit for a list with spaces between.
///
/// Endpoints that are not regional may have dots: `rds-fips.ca-central-1`.
pub(super) fn sorted<'v>(names: impl IntoIterator<Item = &'v String>) -> Result<Vec<&'v str>> {
    let mut names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    names.sort_unstable();
    for name in &names {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
        let framed = name.starts_with(['-', '.']) || name.ends_with(['-', '.']) || name.is_empty();
        ensure!(plain && !framed, "`{name}` is not the name of a region or an endpoint");
    }
    Ok(names)
}
