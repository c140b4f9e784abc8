//! What a session costs: building one from explicit keys, opening its first S3 client, opening another; and what a
//! thousand of them hold in memory, each with a client and all open at once.
//!
//! `cargo xtask bench session` prints these figures, and aioboto3's beside them where Python is there.

use std::hint::black_box;
use std::time::Instant;

use backend_aws::AwsSession;
use criterion::Criterion;
use session_core::{Error, SessionExt};
use tokio::runtime::Runtime;

session_core::service!(S3 = "s3", aws_sdk_s3, "2006-03-01");

/// How many sessions are open at once for the memory that one takes.
const SESSIONS: u32 = 1000;

async fn session() -> Result<AwsSession, Error> {
    AwsSession::builder()
        .aws_access_key_id("AKIDEXAMPLE")
        .aws_secret_access_key("secret")
        .region_name("eu-west-1")
        .build()
        .await
}

async fn session_and_client() -> Result<(AwsSession, aws_sdk_s3::Client), Error> {
    let session = session().await?;
    let s3 = session.client(S3).await?.detach();
    Ok((session, s3))
}

/// What the process has in memory now, in bytes; `None` where the system does not say.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn main() -> Result<(), Error> {
    let runtime = Runtime::new()?;
    let mut criterion = Criterion::default().configure_from_args();

    criterion.bench_function("session/build from explicit keys", |bencher| {
        bencher.to_async(&runtime).iter(|| async { black_box(session().await.is_ok()) });
    });
    criterion.bench_function("session/build and open an S3 client", |bencher| {
        bencher.to_async(&runtime).iter(|| async { black_box(session_and_client().await.is_ok()) });
    });
    let open = runtime.block_on(session())?;
    criterion.bench_function("session/open another S3 client", |bencher| {
        bencher.to_async(&runtime).iter(|| async { black_box(open.client(S3).await.is_ok()) });
    });
    criterion.final_summary();

    // What the process pays once is not counted.
    let first = runtime.block_on(session_and_client())?;
    let (memory, begun) = (resident_bytes(), Instant::now());
    let all = runtime.block_on(async {
        let mut all = Vec::new();
        for _ in 0..SESSIONS {
            all.push(session_and_client().await?);
        }
        Ok::<_, Error>(all)
    })?;
    let took = begun.elapsed().as_secs_f64() * 1e3 / f64::from(SESSIONS);
    match (memory, resident_bytes()) {
        (Some(before), Some(after)) => {
            let each = after.saturating_sub(before) / u64::from(SESSIONS);
            println!(
                "ours: {took:.3} ms and {each} bytes for a session with an S3 client, of {SESSIONS} open at once"
            );
        }
        _ => println!("ours: {took:.3} ms for a session with an S3 client, of {SESSIONS} open at once"),
    }
    drop((first, all));
    Ok(())
}
