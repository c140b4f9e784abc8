//! Where things are: the root, the target directory, and a shell that stands in the root.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use xshell::{Cmd, Shell, cmd};

/// The workspace that the tasks work on.
pub(crate) struct Workspace {
    shell: Shell,
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The workspace that this program belongs to.
    pub(crate) fn find() -> Result<Self> {
        // Cargo says it when it runs the program; a program started otherwise knows where it was compiled.
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&package).parent().context("the package has no parent directory")?.to_owned();
        let shell = Shell::new()?;
        shell.change_dir(&root);
        let metadata = cmd!(shell, "cargo metadata --no-deps --format-version 1").quiet().read()?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        let target = metadata["target_directory"].as_str().context("cargo named no target directory")?;
        Ok(Self { shell, root, target: target.into() })
    }

    /// A shell that stands in the root.
    pub(crate) fn shell(&self) -> &Shell {
        &self.shell
    }

    /// The directory of the root `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target directory, wherever it was configured to be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// A command from words without quotes, such as `cargo fmt --all`. It sees nothing of the user's AWS set-up,
    /// unless `CONFORMANCE_AWS` asks for the real AWS.
    pub(crate) fn command(&self, words: &str) -> Cmd<'_> {
        let mut words = words.split_whitespace();
        let mut command = self.shell.cmd(words.next().unwrap_or_default()).args(words);
        if env::var_os("CONFORMANCE_AWS").is_none() {
            for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
                command = command.env_remove(name);
            }
            // A file that is not there is an empty one.
            for name in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
                command = command.env(name, self.target.join("no-aws-files").join(name));
            }
        }
        command
    }
}
