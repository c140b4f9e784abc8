//! The bench's work done by `aws-sdk-s3-transfer-manager`, with its own defaults.

mod work;

use std::time::Instant;

use anyhow::Result;
use aws_credential_types::Credentials;
use aws_sdk_s3::config::{Builder, Region};
use aws_sdk_s3_transfer_manager::io::InputStream;
use aws_sdk_s3_transfer_manager::{Client, Config};
use work::{Asked, BUCKET, Work, tell};

#[tokio::main]
async fn main() -> Result<()> {
    let Asked { endpoint_url, work, path, key } = Asked::of_arguments()?;
    let s3 = Builder::new()
        .behavior_version_latest()
        .endpoint_url(endpoint_url)
        .force_path_style(true)
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "bench"));
    let client = Client::new(Config::builder().s3_config(s3).build());
    let begun = Instant::now();
    match work {
        Work::UploadFile => {
            let body = InputStream::from_path(path)?;
            drop(client.upload().bucket(BUCKET).key(key).body(body).initiate()?.join().await?);
        }
        Work::DownloadFile => {
            drop(client.download().bucket(BUCKET).key(key).write_to_path(path).await?.join().await?);
        }
        Work::UploadDirectory => {
            let prefix = key.trim_end_matches('/');
            drop(client.upload_objects().bucket(BUCKET).key_prefix(prefix).source(path).initiate()?.join().await?);
        }
        Work::DownloadDirectory => {
            std::fs::create_dir(&path)?; // it wants one that is there
            let download = client.download_objects().bucket(BUCKET).key_prefix(key);
            drop(download.destination(path).initiate()?.join().await?);
        }
    }
    tell(begun);
    Ok(())
}
