//! Benches by name: cargo and criterion do the work. What the models cost in size and build time is measured apart, and so
//! are transfers, whose peers are programs.

mod package;
mod size;
mod transfer;

use anyhow::{Context, Result, bail, ensure};
use xshell::{Shell, cmd};

use crate::venv::{self, Requirements, Venv};
use crate::workspace::Workspace;

/// Every bench there is, and the package that has it.
const BENCHES: [(&str, &str); 5] = [
    ("scope", "session-core"),
    ("dynamic", "session-core"),
    ("session", "backend-aws"),
    ("s3", "backend-mock"),
    ("dynamodb", "backend-mock"),
];

/// The bench that compares programs; the quick one has less for them to do.
const TRANSFER: &str = "transfer";

/// The bench that compares with the SDK's own parsers: they are compiled as in a release, which the profile of benches
/// spares the others.
const AS_RELEASED: [&str; 4] = [
    "--config",
    "profile.bench.package.aws-sdk-dynamodb.opt-level=3",
    "--config",
    "profile.bench.package.aws-sdk-dynamodb.codegen-units=16",
];

/// How many sessions of aioboto3 are open at once: each takes some ten megabytes.
const AIOBOTO3_SESSIONS: &str = "20";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The bench to run; every bench if none is named
    name: Option<String>,
    /// With `dynamic`: what clients by name add to a program and to the time it takes to build
    #[arg(long)]
    size: bool,
    /// Goes to criterion, such as `--quick`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let Arguments { name, size, arguments } = arguments;
    if *size {
        ensure!(name.as_deref() == Some("dynamic"), "only `bench dynamic` knows sizes");
        return size::run(workspace);
    }
    if name.as_deref() == Some(TRANSFER) {
        let quick = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => false,
            ["--quick"] => true,
            other => bail!("`bench transfer` knows `--quick`, not `{}`", other.join(" ")),
        };
        return transfer::run(workspace, quick);
    }
    let asked: Vec<_> =
        BENCHES.into_iter().filter(|(bench, _)| name.as_deref().is_none_or(|name| name == *bench)).collect();
    if asked.is_empty() {
        let known = BENCHES.iter().map(|(bench, _)| *bench).chain([TRANSFER]);
        let known = known.map(|bench| format!("`{bench}`")).collect::<Vec<_>>().join(", ");
        bail!("there is no bench `{}`; there is {known}", name.as_deref().unwrap_or_default());
    }
    let shell = workspace.shell();
    // The machine's own AWS files are no part of what is measured.
    let nowhere = workspace.target().join("nowhere");
    shell.set_var("AWS_CONFIG_FILE", &nowhere);
    shell.set_var("AWS_SHARED_CREDENTIALS_FILE", &nowhere);
    for (bench, package) in asked {
        // By name: cargo would otherwise hand criterion's arguments to libtest, too.
        let profile: &[&str] = if bench == "dynamic" { &AS_RELEASED } else { &[] };
        cmd!(shell, "cargo bench --package {package} --bench {bench} {profile...} -- {arguments...}")
            .run()
            .with_context(|| format!("the bench `{bench}` failed"))?;
        if bench == "session" {
            aioboto3(workspace, shell)?;
        }
    }
    Ok(())
}

/// The same figures of aioboto3, where there is a Python to run it.
fn aioboto3(workspace: &Workspace, shell: &Shell) -> Result<()> {
    let python = match venv::make_with(workspace, Requirements::Aioboto3)? {
        Venv::Ready(python) => python,
        Venv::NoPython(reason) => {
            println!("aioboto3: not measured; {reason}");
            return Ok(());
        }
    };
    let script = workspace.root().join("xtask").join("peers").join("aioboto3_sessions.py");
    let told = cmd!(shell, "{python} {script} {AIOBOTO3_SESSIONS}").read().context("aioboto3 failed")?;
    let (milliseconds, bytes) = told.trim().split_once(' ').context("aioboto3 told no two numbers")?;
    let cost = format!("{milliseconds} ms and {bytes} bytes");
    println!("aioboto3: {cost} for a session with an S3 client, of {AIOBOTO3_SESSIONS} open at once");
    Ok(())
}
