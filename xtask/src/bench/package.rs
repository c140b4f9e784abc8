//! A package of a bench's own under `target/`, outside of the workspace: with its lock file and versions, without its
//! features.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Writes a package whose manifest is `manifest`, which ends within its dependencies, and those of the workspace that are
/// `shared`.
pub(super) fn write(
    workspace: &Workspace,
    package: &Path,
    mut manifest: String,
    shared: &[&str],
    sources: &[(&str, &str)],
) -> Result<()> {
    let root = workspace.root();
    let workspace_manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    for name in shared {
        let line = workspace_manifest.lines().find(|line| line.starts_with(&format!("{name} = ")));
        let line = line.with_context(|| format!("Cargo.toml lists no `{name}`"))?;
        manifest.push_str(line);
        manifest.push('\n');
    }
    fs::create_dir_all(package.join("src"))?;
    write_anew(&package.join("Cargo.toml"), &manifest)?;
    for (name, source) in sources {
        write_anew(&package.join("src").join(name), source)?;
    }
    // What the workspace has not, is added to the copy by the first build, and stays.
    let lock = package.join("Cargo.lock");
    let locked = root.join("Cargo.lock");
    let newer = |file: &Path| fs::metadata(file).and_then(|file| file.modified());
    if newer(&lock).ok() < newer(&locked).ok() {
        fs::copy(locked, lock)?;
    }
    Ok(())
}

/// Leaves a file alone that is so already: cargo goes by its time.
fn write_anew(path: &Path, text: &str) -> Result<()> {
    if !fs::read_to_string(path).is_ok_and(|before| before == text) {
        fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
