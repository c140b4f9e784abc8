//! What clients by name cost before anything is called: bytes in a program, and seconds of a release build.
//!
//! A small program that asks STS who it is, with the typed client, is built twice, without the feature `dynamic` and
//! with it, then calling a service by its name too. It is a package of its own under `target/`, with the workspace's lock
//! file: within the workspace other packages would turn the feature on.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use xshell::cmd;

use super::package;
use crate::workspace::Workspace;

/// What the feature may add to a program, in bytes.
const MOST_BYTES: u64 = 5_000_000;

/// What the feature may add to a build of `session-core` and the program, whose dependencies are there already.
const MOST_TIME: Duration = Duration::from_secs(15);

/// Of so many builds the quickest counts.
const BUILDS: usize = 3;

const PROGRAM: &str = include_str!("size/program.rs");

const MANIFEST: &str = r#"[package]
name = "size"
version = "0.0.0"
edition = "2024"

[workspace]

[features]
dynamic = ["session-core/dynamic"]

[profile.release]
strip = true
"#;

/// What the program uses besides `session-core`, as the workspace has it.
const DEPENDENCIES: [&str; 5] =
    ["async-trait", "aws-credential-types", "aws-smithy-runtime-api", "aws-types", "tokio"];

/// A typed client that is small, and in the lock file for the sake of `aws-config`.
const TYPED: &str = r#"aws-sdk-sts = { version = "1", default-features = false, features = ["rt-tokio"] }"#;

/// The task. Takes minutes the first time: the SDK's runtime is compiled for release.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let package = workspace.target().join("size");
    write(workspace, &package)?;
    let without = measure(workspace, &package, &[])?;
    let with = measure(workspace, &package, &["--features", "dynamic"])?;
    let bytes = with.bytes.saturating_sub(without.bytes);
    let time = with.time.saturating_sub(without.time);
    println!("a release build, stripped; models included");
    row("the program", without.bytes, with.bytes, bytes, MOST_BYTES, "bytes");
    let [before, after, more, most] = [without.time, with.time, time, MOST_TIME].map(tenths);
    println!(
        "  building core and program  {before:>12} {after:>12}   adds {more:>11} s      (at most {most}){}",
        if time <= MOST_TIME { "" } else { "  OVER" }
    );
    Ok(())
}

fn row(what: &str, before: u64, after: u64, more: u64, most: u64, unit: &str) {
    let verdict = if more <= most { "" } else { "  OVER" };
    println!("  {what:26} {before:>12} {after:>12}   adds {more:>11} {unit}  (at most {most}){verdict}");
}

fn tenths(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}

struct Cost {
    bytes: u64,
    time: Duration,
}

fn measure(workspace: &Workspace, package: &Path, features: &[&str]) -> Result<Cost> {
    let shell = workspace.shell();
    let manifest = package.join("Cargo.toml");
    let target = package.join("target");
    let build = || {
        cmd!(
            shell,
            "cargo build --quiet --release --manifest-path {manifest} --target-dir {target} {features...}"
        )
        .run()
    };
    build().context("the program was not built")?;
    let program = target.join("release").join("size").with_extension(std::env::consts::EXE_EXTENSION);
    let bytes = fs::metadata(&program).with_context(|| program.display().to_string())?.len();
    let mut time = Duration::MAX;
    for _ in 0..BUILDS {
        cmd!(shell, "cargo clean --quiet --release --manifest-path {manifest} --target-dir {target} --package session-core")
            .run()?;
        let begun = Instant::now();
        build()?;
        time = time.min(begun.elapsed());
    }
    Ok(Cost { bytes, time })
}

/// The package of the program.
fn write(workspace: &Workspace, directory: &Path) -> Result<()> {
    let core = workspace.root().join("session-core");
    let manifest = format!(
        "{MANIFEST}\n[dependencies]\nsession-core = {{ path = {core:?}, default-features = false }}\n{TYPED}\n"
    );
    package::write(workspace, directory, manifest, &DEPENDENCIES, &[("main.rs", PROGRAM)])
}
