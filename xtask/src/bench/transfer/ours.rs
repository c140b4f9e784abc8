//! The bench's work done by `resources`, as a program has it that says nothing of transfers.

mod work;

use std::time::Instant;

use anyhow::Result;
use backend_aws::AwsSession;
use resources::S3;
use session_core::SessionExt as _;
use work::{Asked, BUCKET, Work, tell};

#[tokio::main]
async fn main() -> Result<()> {
    let Asked { endpoint_url, work, path, key } = Asked::of_arguments()?;
    let session = AwsSession::builder()
        .endpoint_url(endpoint_url)
        .region_name("eu-west-1")
        .aws_access_key_id("AKIDEXAMPLE")
        .aws_secret_access_key("secret")
        .build()
        .await?;
    let s3 = session.resource(S3).await?;
    let bucket = s3.bucket(BUCKET);
    let begun = Instant::now();
    match work {
        Work::UploadFile => drop(bucket.object(key).upload_file(path).await?),
        Work::DownloadFile => drop(bucket.object(key).download_file(path).await?),
        Work::UploadDirectory => drop(bucket.upload_directory(path).prefix(key).await?.complete()?),
        Work::DownloadDirectory => drop(bucket.download_directory(path).prefix(key).await?.complete()?),
    }
    tell(begun);
    session.close().await?;
    Ok(())
}
