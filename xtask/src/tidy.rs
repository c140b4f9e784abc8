//! House checks: what the compiler does not look at, as code.
//!
//! [`text`] reads one file at a time, [`arrows`] asks who knows whom, and [`run`] says all faults at once.

mod arrows;
mod text;

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::workspace::Workspace;

/// A rule of the house that was broken, and where.
#[derive(Debug, PartialEq)]
struct Fault {
    path: String,
    /// Counted from 1; 0 is the whole file.
    line: usize,
    rule: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule } = self;
        match line {
            0 => write!(f, "{path}: {rule}"),
            line => write!(f, "{path}:{line}: {rule}"),
        }
    }
}

/// The task.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    println!("{}", check(workspace)?);
    Ok(())
}

/// Checks all; returns what was checked, in a line.
///
/// # Errors
/// Names every fault.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let mut files = Vec::new();
    collect(workspace.root(), workspace.root(), &mut files)?;
    files.sort();
    let mut faults = Vec::new();
    for (path, text) in &files {
        faults.extend(text::check(path, text));
        faults.extend(arrows::engine(path, text));
    }
    faults.extend(arrows::crates(workspace)?);
    faults.extend(arrows::tree(workspace)?);
    let list: Vec<_> = faults.iter().map(ToString::to_string).collect();
    ensure!(list.is_empty(), "the house is untidy:\n  {}", list.join("\n  "));
    Ok(format!("{} files are tidy", files.len()))
}

/// Every text file below `directory`, with its path from `root`, but for what git, cargo and editors keep for themselves.
fn collect(root: &Path, directory: &Path, files: &mut Vec<(String, String)>) -> Result<()> {
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let hidden = name.starts_with('.') && name != ".ci" && name != ".cargo";
        if hidden || name == "Cargo.lock" || path.join("CACHEDIR.TAG").exists() || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(text) = fs::read_to_string(&path) {
            let below_root = path.strip_prefix(root).unwrap_or(&path);
            files.push((below_root.to_string_lossy().replace('\\', "/"), text));
        }
    }
    Ok(())
}
