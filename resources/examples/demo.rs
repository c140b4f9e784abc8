//! The front door: one walk through S3 and DynamoDB, the same in memory, on a compatible server and on AWS.
//!
//! `cargo xtask demo` runs it in memory; `--endpoint-url URL` and `--aws` choose another place. It removes what it made,
//! after a failure and after Ctrl-C too, and ends with a failure if any answer was not what it should be.

use std::future::Future;
use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, anyhow, ensure};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    Projection, ProjectionType, ScalarAttributeType,
};
use backend_aws::AwsSession;
use backend_mock::MockAws;
use clap::Parser;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use resources::{Bucket, DynamoDb, S3, Table};
use session_core::{Session, SessionExt};
use sha2::{Digest, Sha256};
use tokio::signal::ctrl_c;

const MIB: u64 = 1024 * 1024;
/// Orders in the table, and customers they are spread over.
const ORDERS: usize = 1_000;
const CUSTOMERS: usize = 10;
const STATES: [&str; 3] = ["open", "paid", "shipped"];
const INDEX: &str = "by-state";
/// How long a table may take to come, to go, and to bring its index up to date.
const PATIENCE: Duration = Duration::from_secs(300);

/// One walk through S3 and DynamoDB: in memory, unless told otherwise.
#[derive(Parser)]
#[command(name = "cargo xtask demo")]
struct Arguments {
    /// A server that speaks S3's and DynamoDB's API, such as `http://127.0.0.1:4566`. Credentials and region are the
    /// usual ones if AWS_ACCESS_KEY_ID or AWS_PROFILE is set, and made up otherwise
    #[arg(long, value_name = "URL", conflicts_with = "aws")]
    endpoint_url: Option<String>,
    /// The real AWS, with the usual credentials and region. Costs a fraction of a cent
    #[arg(long)]
    aws: bool,
    /// The size of the file that goes up and down
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=4096))]
    size_mib: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the demo failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Chooses the place; everything after this line knows a [`Session`] and no more.
async fn run(arguments: &Arguments) -> Result<()> {
    if arguments.aws {
        println!("on AWS");
        return walk(&AwsSession::builder().build().await?, arguments).await;
    }
    if let Some(endpoint_url) = &arguments.endpoint_url {
        println!("on {endpoint_url}");
        let mut session = AwsSession::builder().endpoint_url(endpoint_url);
        if std::env::var_os("AWS_ACCESS_KEY_ID").is_none() && std::env::var_os("AWS_PROFILE").is_none() {
            session =
                session.aws_access_key_id("demo").aws_secret_access_key("demo").region_name("us-east-1");
        }
        return walk(&session.build().await?, arguments).await;
    }
    println!("in memory");
    walk(&MockAws::new().session(), arguments).await
}

/// Shows all, and cleans up whatever came of it.
async fn walk(session: &dyn Session, arguments: &Arguments) -> Result<()> {
    let s3 = session.resource(S3).await?;
    let dynamodb = session.resource(DynamoDb).await?;
    let name = unique_name();
    let (bucket, table) = (s3.bucket(&name), dynamodb.table(&name));
    let mut diary = Diary::new();

    let shown = unless_interrupted(async {
        show_s3(&bucket, arguments.size_mib * MIB, &mut diary).await?;
        show_dynamodb(&table, &mut diary).await
    });
    let shown = shown.await;
    let cleaning = async {
        let cleaned = unless_interrupted(clean_up(&bucket, &table)).await;
        cleaned.with_context(|| format!("the bucket or the table `{name}` may be left behind"))
    };
    let cleaned = diary.enter("clean up", cleaning).await;
    println!("\n{}", diary.table());
    let closed = unless_interrupted(async {
        let (s3, dynamodb) = (s3.close().await, dynamodb.close().await);
        Ok(s3.and(dynamodb)?)
    });
    let closed = closed.await;
    shown.and(cleaned).and(closed)
}

/// A bucket, a file up by parts and down by ranges.
async fn show_s3(bucket: &Bucket, size: u64, diary: &mut Diary) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let (original, copy) = (directory.path().join("original"), directory.path().join("copy"));
    let object = bucket.object("films/pattern.bin");

    let path = original.clone();
    let digest = diary.enter("make a file", off_the_runtime(move || make_file(&path, size))).await?;
    diary
        .enter("create a bucket", async {
            bucket.create().send().await?;
            Ok(Note(bucket.name().to_owned()))
        })
        .await?;
    diary
        .enter("upload the file", async {
            let bar = bar("upload", size);
            let listener = bar.clone();
            let upload = object
                .upload_file(&original)
                .progress(move |progress| listener.set_position(progress.transferred));
            let uploaded = upload.await?;
            bar.finish_and_clear();
            Ok(Note(format!("ETag {}", uploaded.e_tag.unwrap_or_default())))
        })
        .await?;
    diary
        .enter("list the bucket", async {
            let listed = bucket.objects().prefix("films/").items().try_collect().await?;
            ensure!(
                listed.len() == 1 && listed[0].size() == size,
                "the listing is not what was uploaded: {listed:?}"
            );
            Ok(Note(format!("{}, {} bytes", listed[0].key(), listed[0].size())))
        })
        .await?;
    diary
        .enter("download by ranges", async {
            let bar = bar("download", size);
            let listener = bar.clone();
            object
                .download_file(&copy)
                .progress(move |progress| listener.set_position(progress.transferred))
                .await?;
            bar.finish_and_clear();
            Ok(Note(format!("{size} bytes")))
        })
        .await?;
    diary
        .enter("compare SHA-256", async {
            let found = off_the_runtime(move || digest_of(&copy)).await?;
            ensure!(found == digest.0, "the file came back as {found} and went as {}", digest.0);
            Ok(Note(format!("{}… twice", &found[..16])))
        })
        .await?;
    Ok(())
}

/// A table with an index, orders in batches, and questions answered by page.
async fn show_dynamodb(table: &Table, diary: &mut Diary) -> Result<()> {
    diary
        .enter("create a table", async {
            create(table).await?;
            table.wait_until_exists(PATIENCE).await?;
            Ok(Note(format!("with the index {INDEX}")))
        })
        .await?;
    diary
        .enter("write in batches", async {
            let mut batch = table.batch_writer();
            for number in 0..ORDERS {
                batch.put_item(order(number)).await?;
            }
            batch.finish().await?;
            Ok(Note(format!("{ORDERS} orders")))
        })
        .await?;
    diary
        .enter("query the table", async {
            let query = table
                .query()
                .key_condition_expression("customer = :customer")
                .expression_attribute_values(":customer", AttributeValue::S("customer-3".to_owned()))
                .consistent_read(true)
                .limit(30);
            let mut pages = query.into_paginator().send();
            let (mut page_count, mut orders) = (0, 0);
            while let Some(page) = pages.try_next().await? {
                page_count += 1;
                orders += page.items().len();
            }
            let expected = ORDERS / CUSTOMERS;
            ensure!(orders == expected, "the table gave {orders} orders of a customer instead of {expected}");
            Ok(Note(format!("{orders} orders of a customer on {page_count} pages")))
        })
        .await?;
    diary
        .enter("query the index", async {
            let expected = (0..ORDERS).filter(|&number| state(number) == "paid").count();
            let start = Instant::now();
            loop {
                let (orders, pages) = paid_orders(table).await?;
                if orders == expected {
                    return Ok(Note(format!("{orders} paid orders on {pages} pages")));
                }
                // An index follows its table a little later.
                let waited = start.elapsed();
                ensure!(waited < PATIENCE, "the index gave {orders} paid orders instead of {expected}");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        })
        .await?;
    Ok(())
}

async fn create(table: &Table) -> Result<()> {
    let attribute = |name: &str, of_type| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(of_type).build()
    };
    let key =
        |name: &str, key_type| KeySchemaElement::builder().attribute_name(name).key_type(key_type).build();
    let index = GlobalSecondaryIndex::builder()
        .index_name(INDEX)
        .key_schema(key("state", KeyType::Hash)?)
        .key_schema(key("number", KeyType::Range)?)
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build());
    table
        .create()
        .attribute_definitions(attribute("customer", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("number", ScalarAttributeType::N)?)
        .attribute_definitions(attribute("state", ScalarAttributeType::S)?)
        .key_schema(key("customer", KeyType::Hash)?)
        .key_schema(key("number", KeyType::Range)?)
        .global_secondary_indexes(index.build()?)
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await?;
    Ok(())
}

fn order(number: usize) -> impl IntoIterator<Item = (String, AttributeValue)> {
    [
        ("customer".to_owned(), AttributeValue::S(format!("customer-{}", number % CUSTOMERS))),
        ("number".to_owned(), AttributeValue::N(number.to_string())),
        ("state".to_owned(), AttributeValue::S(state(number).to_owned())),
    ]
}

fn state(number: usize) -> &'static str {
    STATES[number % STATES.len()]
}

/// How many orders the index gives as paid, and on how many pages.
async fn paid_orders(table: &Table) -> Result<(usize, usize)> {
    let query = table
        .query()
        .index_name(INDEX)
        .key_condition_expression("#state = :state")
        .expression_attribute_names("#state", "state")
        .expression_attribute_values(":state", AttributeValue::S("paid".to_owned()))
        .limit(100);
    let mut pages = query.into_paginator().send();
    let (mut orders, mut count) = (0, 0);
    while let Some(page) = pages.try_next().await? {
        orders += page.items().len();
        count += 1;
    }
    Ok((orders, count))
}

/// Removes bucket and table, as far as they were made.
async fn clean_up(bucket: &Bucket, table: &Table) -> Result<Note> {
    let buckets = async {
        if bucket.exists().await? {
            bucket.objects().delete().await?.complete()?;
            bucket.delete().send().await?;
        }
        anyhow::Ok(())
    };
    let tables = async {
        if table.exists().await? {
            // A table that is being created cannot be deleted yet.
            table.wait_until_exists(PATIENCE).await?;
            table.delete().send().await?;
            table.wait_until_not_exists(PATIENCE).await?;
        }
        anyhow::Ok(())
    };
    // Each is tried, whatever comes of the other.
    let (buckets, tables) = (buckets.await, tables.await);
    buckets.and(tables)?;
    Ok(Note("nothing is left".to_owned()))
}

/// What `work` gives, or an error as soon as Ctrl-C is pressed.
async fn unless_interrupted<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        done = work => done,
        pressed = ctrl_c() => {
            pressed?;
            Err(anyhow!("interrupted"))
        }
    }
}

/// Work that keeps a thread busy, so that Ctrl-C is heard meanwhile.
async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}

/// A name that no other run has.
fn unique_name() -> String {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("session-demo-{:x}-{:x}", since_epoch.as_micros(), std::process::id())
}

/// Writes a file of bytes without a visible order, the same in every run, and gives its SHA-256.
fn make_file(path: &Path, size: u64) -> Result<Note> {
    let mut file = std::fs::File::create(path)?;
    let mut digest = Sha256::new();
    // George Marsaglia's xorshift; any seed but 0 will do.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut block = vec![0; usize::try_from(MIB)?];
    for _ in 0..size / MIB {
        for word in block.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes());
        }
        digest.update(&block);
        file.write_all(&block)?;
    }
    Ok(Note(hex(&digest.finalize())))
}

fn digest_of(path: &Path) -> Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut digest = Sha256::new();
    let mut block = vec![0; usize::try_from(MIB)?];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hex(&digest.finalize())),
            length => digest.update(&block[..length]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A bar where somebody is looking; the diary has its own line for everybody else.
fn bar(what: &'static str, size: u64) -> ProgressBar {
    if !std::io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{prefix:>10} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}");
    ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::stdout())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_prefix(what)
}

/// What there is to say about a step that succeeded.
struct Note(String);

/// What was done, what came of it and how long it took.
struct Diary {
    start: Instant,
    entries: Vec<(&'static str, Duration, String)>,
}

impl Diary {
    fn new() -> Self {
        Self { start: Instant::now(), entries: Vec::new() }
    }

    /// Does `work`, says so, and keeps it for the table.
    async fn enter(&mut self, what: &'static str, work: impl Future<Output = Result<Note>>) -> Result<Note> {
        let start = Instant::now();
        let done = work.await;
        let note = done.as_ref().map_or_else(|error| format!("FAILED: {error:#}"), |Note(note)| note.clone());
        println!("{what}: {note}");
        self.entries.push((what, start.elapsed(), note));
        done.with_context(|| what)
    }

    fn table(&self) -> String {
        let total = ("total", self.start.elapsed(), String::new());
        let rows = self.entries.iter().chain([&total]);
        let row = |(what, took, note): &(&str, Duration, String)| {
            format!("{what:<20} {:>8.2} s  {note}", took.as_secs_f64()).trim_end().to_owned()
        };
        rows.map(row).collect::<Vec<_>>().join("\n")
    }
}
