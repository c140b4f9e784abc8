//! Benches by name: cargo and criterion do the work.

use anyhow::{Context, Result, bail};
use xshell::cmd;

use crate::workspace::Workspace;

/// Every bench there is, and the package that has it.
const BENCHES: [(&str, &str); 1] = [("scope", "session-core")];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The bench to run; every bench if none is named
    name: Option<String>,
    /// Goes to criterion, such as `--quick`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let Arguments { name, arguments } = arguments;
    let asked: Vec<_> =
        BENCHES.into_iter().filter(|(bench, _)| name.as_deref().is_none_or(|name| name == *bench)).collect();
    if asked.is_empty() {
        let known = BENCHES.map(|(bench, _)| format!("`{bench}`")).join(", ");
        bail!("there is no bench `{}`; there is {known}", name.as_deref().unwrap_or_default());
    }
    let shell = workspace.shell();
    for (bench, package) in asked {
        // By name: cargo would otherwise hand criterion's arguments to libtest, too.
        cmd!(shell, "cargo bench --package {package} --bench {bench} -- {arguments...}")
            .run()
            .with_context(|| format!("the bench `{bench}` failed"))?;
    }
    Ok(())
}
