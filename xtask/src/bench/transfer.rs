//! Transfers side by side: ours, `aws-sdk-s3-transfer-manager`, and aioboto3 where there is a Python.
//!
//! All talk to one loopback server, turn by turn, each piece of work in a process of its own, whose memory at its peak is
//! what the piece takes. The programs and the server are a package of their own under `target/`, as with `bench dynamic
//! --size`: the transfer manager brings the SDK's old HTTP and TLS stacks, which stay out of the workspace's tree. `mock-aws
//! serve` is not the server, for it keeps what it is sent and sums it, and would be what is measured.
//!
//! Files are in memory where the system has a place for them, so that the disk is not measured either. The server speaks
//! TLS, as AWS does, so that everyone signs, sums and encrypts as on AWS; each trusts the server's authority by a variable
//! of its environment.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use xshell::cmd;

use super::package;
use crate::served::Served;
use crate::venv::{self, Requirements, Venv};
use crate::workspace::Workspace;

/// Of so many rounds the middle one counts.
const ROUNDS: usize = 5;

/// The same of aioboto3, unless the bench is quick: one of its rounds takes as long as ten of the others.
const AIOBOTO3_ROUNDS: usize = 1;

/// How much quicker than aioboto3 ours is to be on small objects.
const TIMES_AIOBOTO3: f64 = 5.0;

const SMALL: u64 = 4 << 10;

/// The sources of the package.
const SOURCES: [(&str, &str); 4] = [
    ("server.rs", include_str!("transfer/server.rs")),
    ("ours.rs", include_str!("transfer/ours.rs")),
    ("transfer_manager.rs", include_str!("transfer/transfer_manager.rs")),
    ("work.rs", include_str!("transfer/work.rs")),
];

/// What they use, as the workspace has it.
const DEPENDENCIES: [&str; 12] = [
    "anyhow",
    "aws-credential-types",
    "aws-sdk-s3",
    "bytes",
    "http",
    "http-body-util",
    "hyper",
    "hyper-util",
    "rcgen",
    "rustls",
    "tokio",
    "tokio-rustls",
];

const MANIFEST: &str = r#"[package]
name = "transfer"
version = "0.0.0"
edition = "2024"

[workspace]

[[bin]]
name = "server"
path = "src/server.rs"

[[bin]]
name = "ours"
path = "src/ours.rs"

[[bin]]
name = "transfer_manager"
path = "src/transfer_manager.rs"

# Both sides use the SDK's S3 alike: optimised less, it builds in minutes.
[profile.release.package.aws-sdk-s3]
opt-level = 1
codegen-units = 256

[profile.release.package.aws-sdk-dynamodb]
opt-level = 1
codegen-units = 256

[dependencies]
aws-sdk-s3-transfer-manager = "=0.3.1"
"#;

/// The task. Takes many minutes the first time: the SDK is compiled for release.
pub(super) fn run(workspace: &Workspace, quick: bool) -> Result<()> {
    let package = workspace.target().join("transfer");
    write(workspace, &package)?;
    let (shell, manifest, target) = (workspace.shell(), package.join("Cargo.toml"), package.join("target"));
    cmd!(shell, "cargo build --quiet --release --manifest-path {manifest} --target-dir {target}")
        .run()
        .context("the programs were not built")?;
    let built =
        |name: &str| target.join("release").join(name).with_extension(std::env::consts::EXE_EXTENSION);

    let mut peers = vec![
        Peer { name: "ours", command: vec![built("ours")], rounds: ROUNDS },
        Peer { name: "transfer manager", command: vec![built("transfer_manager")], rounds: ROUNDS },
    ];
    match venv::make_with(workspace, Requirements::Aioboto3)? {
        Venv::Ready(python) => {
            let script = workspace.root().join("xtask").join("peers").join("aioboto3_transfers.py");
            let rounds = if quick { ROUNDS } else { AIOBOTO3_ROUNDS };
            peers.push(Peer { name: "aioboto3", command: vec![python, script], rounds });
        }
        Venv::NoPython(reason) => println!("aioboto3: not measured; {reason}"),
    }

    let in_memory = Path::new("/dev/shm");
    let place = if in_memory.is_dir() { in_memory } else { &package };
    let place = Place::within(place)?;
    let authority = place.0.join("authority.pem");
    let mut server = Command::new(built("server"));
    server.arg(&authority);
    let server = Served::start(server)?;
    let endpoint = Endpoint { url: server.endpoint_url(), authority: &authority };
    let (large, count) = if quick { (64 << 20, 500) } else { (1 << 30, 10_000) };
    let rounds = peers.iter().map(|peer| format!("{} of {}", peer.rounds, peer.name));
    let rounds = rounds.collect::<Vec<_>>().join(", ");
    println!("one loopback server; median of the rounds ({rounds}), and the most memory at once");
    let mut figures = Vec::new();
    for piece in pieces(&place, large, count)? {
        println!("{}", piece.title);
        let measured = measure(&peers, &piece, endpoint)?;
        for (peer, (seconds, peak)) in peers.iter().zip(&measured) {
            let mib = *peak as f64 / f64::from(1 << 20);
            println!("  {:18}{:>10.0} {}{mib:>10.0} MiB", peer.name, piece.amount / seconds, piece.unit);
        }
        figures.push((piece, measured));
    }
    server.close()?;
    for (piece, measured) in &figures {
        verdict(piece, measured);
    }
    Ok(())
}

/// Where the work is done.
#[derive(Clone, Copy)]
struct Endpoint<'s> {
    url: &'s str,
    /// The certificate of who vouches for it.
    authority: &'s Path,
}

/// One who does the work.
struct Peer {
    name: &'static str,
    /// A program, and what it runs.
    command: Vec<PathBuf>,
    rounds: usize,
}

/// A piece of work.
struct Piece {
    title: String,
    /// The word the programs know it by.
    work: &'static str,
    path: PathBuf,
    key: String,
    amount: f64,
    unit: &'static str,
    /// How many files there are in the path afterwards, and how many bytes they have; of a download.
    arrives: Option<(u64, u64)>,
}

fn pieces(place: &Place, large: u64, count: u64) -> Result<[Piece; 4]> {
    let (file, directory) = (place.0.join("large"), place.0.join("small"));
    fs::write(&file, vec![b'.'; usize::try_from(large)?])?;
    fs::create_dir(&directory)?;
    for index in 0..count {
        fs::write(directory.join(format!("{index:06}")), [b'.'; SMALL as usize])?;
    }
    let (one, many) = (format!("1x{large}/large"), format!("{count}x{SMALL}/"));
    let mib = large as f64 / f64::from(1 << 20);
    let (sized, counted) = (format!("{mib:.0} MiB"), format!("{count} x 4 KiB"));
    let downloaded = place.0.join("downloaded");
    let piece = |title, work, path, key: &str, amount, unit, arrives| Piece {
        title,
        work,
        path,
        key: key.to_owned(),
        amount,
        unit,
        arrives,
    };
    Ok([
        piece(format!("upload of {sized}"), "upload_file", file, &one, mib, "MiB/s    ", None),
        piece(
            format!("download of {sized}"),
            "download_file",
            downloaded.clone(),
            &one,
            mib,
            "MiB/s    ",
            Some((1, large)),
        ),
        piece(
            format!("upload of {counted}"),
            "upload_directory",
            directory,
            &many,
            count as f64,
            "objects/s",
            None,
        ),
        piece(
            format!("download of {counted}"),
            "download_directory",
            downloaded,
            &many,
            count as f64,
            "objects/s",
            Some((count, count * SMALL)),
        ),
    ])
}

/// Seconds and bytes of each peer.
fn measure(peers: &[Peer], piece: &Piece, endpoint: Endpoint<'_>) -> Result<Vec<(f64, u64)>> {
    let mut rounds = vec![Vec::new(); peers.len()];
    let mut peaks = vec![0; peers.len()];
    for round in 0..ROUNDS {
        let peers = peers.iter().zip(&mut rounds).zip(&mut peaks);
        for ((peer, seconds), peak) in peers.filter(|((peer, _), _)| round < peer.rounds) {
            let (took, most) = peer.does(piece, endpoint)?;
            seconds.push(took);
            *peak = most.max(*peak);
        }
    }
    Ok(rounds
        .into_iter()
        .zip(peaks)
        .map(|(mut seconds, peak)| {
            seconds.sort_unstable_by(f64::total_cmp);
            (seconds[seconds.len() / 2], peak)
        })
        .collect())
}

impl Peer {
    fn does(&self, piece: &Piece, endpoint: Endpoint<'_>) -> Result<(f64, u64)> {
        let [program, arguments @ ..] = self.command.as_slice() else { bail!("no program is named") };
        let done = Command::new(program)
            .args(arguments)
            .args([endpoint.url, piece.work])
            .arg(&piece.path)
            .arg(&piece.key)
            // Ours and aioboto3 go by the first, the transfer manager by the second.
            .env("AWS_CA_BUNDLE", endpoint.authority)
            .env("SSL_CERT_FILE", endpoint.authority)
            .output()
            .with_context(|| format!("{} did not start", self.name))?;
        let (told, complaint) =
            (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        ensure!(done.status.success(), "{}: {} failed: {complaint}", self.name, piece.work);
        let (seconds, peak) = told.trim().split_once(' ').context("the program told no two numbers")?;
        if let Some(promised) = piece.arrives {
            let arrived = arrived(&piece.path)?;
            ensure!(arrived == promised, "{}: {} left {arrived:?}, not {promised:?}", self.name, piece.work);
            remove(&piece.path)?;
        }
        Ok((seconds.parse()?, peak.parse()?))
    }
}

/// How many files there are, and how many bytes they have.
fn arrived(path: &Path) -> Result<(u64, u64)> {
    if path.is_file() {
        return Ok((1, fs::metadata(path)?.len()));
    }
    fs::read_dir(path)?.try_fold((0, 0), |(count, bytes), entry| {
        let (more, of_entry) = arrived(&entry?.path())?;
        Ok((count + more, bytes + of_entry))
    })
}

fn remove(path: &Path) -> Result<()> {
    Ok(if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }?)
}

fn verdict(piece: &Piece, measured: &[(f64, u64)]) {
    let [ours, others @ ..] = measured else { return };
    let names = ["the transfer manager", "aioboto3"];
    let small = piece.unit.starts_with("objects");
    for (name, (seconds, _)) in names.into_iter().zip(others) {
        let (times, least) =
            (seconds / ours.0, if name == "aioboto3" && small { TIMES_AIOBOTO3 } else { 1.0 });
        let verdict = if times >= least { "" } else { "  SLOWER" };
        println!("{}: {times:.2} times {name} (at least {least}){verdict}", piece.title);
    }
}

/// A directory that is gone afterwards.
struct Place(PathBuf);

impl Place {
    fn within(directory: &Path) -> Result<Self> {
        let place = directory.join(format!("bench-transfer-{}", std::process::id()));
        fs::create_dir(&place).with_context(|| place.display().to_string())?;
        Ok(Self(place))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What is left is in memory or under the target directory, and named after this.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The package of the programs.
fn write(workspace: &Workspace, directory: &Path) -> Result<()> {
    let mut manifest = String::from(MANIFEST);
    for name in ["backend-aws", "resources", "session-core"] {
        writeln!(manifest, "{name} = {{ path = {:?} }}", workspace.root().join(name))?;
    }
    package::write(workspace, directory, manifest, &DEPENDENCIES, &SOURCES)
}
