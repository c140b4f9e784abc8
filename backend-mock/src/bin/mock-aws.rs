//! `mock-aws serve`: the in-memory AWS on a port, for the AWS CLI, boto3 or any SDK.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;

use backend_mock::{Identity, MockAws};
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// An AWS in memory: S3 and DynamoDB for tests, without a network.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve every service on one port, with any credentials, until SIGTERM or Ctrl-C.
    ///
    /// Prints `mock-aws listening on http://HOST:PORT` when it is ready. Logs go to standard error; RUST_LOG sets
    /// how much.
    Serve {
        /// The port to listen on; 0 takes a free one.
        #[arg(long, default_value_t = 4566)]
        port: u16,
        /// The address to listen on.
        #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
        host: IpAddr,
        /// Draws request ids, upload ids and tokens: the same seed gives the same ids.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// An access key, its secret and the account of twelve digits that they belong to; may be given repeatedly.
        ///
        /// Of any other key, one of twelve digits is that account, and the rest are account 123456789012.
        #[arg(long, value_name = "KEY:SECRET:ACCOUNT")]
        identity: Vec<Identity>,
        /// Verify signatures, of the keys given with --identity; without this, any are accepted.
        #[arg(long)]
        strict: bool,
        /// Enforce the capacity of DynamoDB's tables; without this, it is only reported.
        #[arg(long)]
        dynamodb_throttling: bool,
        /// Answer `POST /moto-api/reset` by emptying the cloud, for suites that expect moto's server.
        #[arg(long)]
        moto_api: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let Command::Serve { port, host, seed, identity, strict, dynamodb_throttling, moto_api } = command;
    // What s3s calls an internal error is, here, an answer that the wire has yet to write.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,s3s=off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let aws =
        identity.into_iter().fold(MockAws::builder().seed(seed), |aws, identity| aws.identity(identity));
    let aws = if strict { aws.strict_signatures() } else { aws };
    let aws = if dynamodb_throttling { aws.dynamodb_throttling() } else { aws };
    let aws = aws.build();
    let aws = if moto_api { aws.with_moto_api() } else { aws };
    match serve(host, port, aws).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mock-aws: cannot serve on {host}:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(host: IpAddr, port: u16, aws: MockAws) -> Result<(), Box<dyn std::error::Error>> {
    // Listening for signals first: one that arrives right after the ready line must not be lost.
    let stop = stop_signal()?;
    let server = aws.serve((host, port)).await?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "mock-aws listening on {}", server.endpoint_url())?;
    stdout.flush()?;
    drop(stdout);
    stop.await;
    server.shutdown().await;
    Ok(())
}

#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without Ctrl-C there is no signal to wait for: serve until the process is ended.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
