//! What the cloud in memory serves: each operation of the models is asked for, and those that it has have a case.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use serde_json::json;
use session_core::dynamic::conformance::least_input::least_input;
use session_core::{ServiceName, SessionExt};

use super::pair::{Compared, Pair, Script, twin};
use super::{
    dynamodb_alike, dynamodb_table_alike, s3_access, s3_alike, s3_configuration, s3_listed_configuration,
};
use crate::case::{TestResult, cases};
use crate::world::World;

cases! {
    every_operation_that_is_served_is_compared,
}

/// Operations that boto has and the typed clients have not: what they were called before.
const OF_BOTO_ALONE: [&str; 4] =
    ["GetBucketLifecycle", "GetBucketNotification", "PutBucketLifecycle", "PutBucketNotification"];

fn scripts() -> Vec<Script> {
    [
        s3_configuration::scripts(),
        s3_listed_configuration::scripts(),
        s3_access::scripts(),
        s3_alike::scripts(),
        dynamodb_alike::scripts(),
        dynamodb_table_alike::scripts(),
    ]
    .concat()
}

/// The operations of a service that a cloud does not refuse for what they are, and what it answers.
async fn served(service: &'static str) -> anyhow::Result<BTreeMap<String, String>> {
    let mut served = BTreeMap::new();
    for operation in twin()?.client(service).await?.operations() {
        let cloud = twin()?;
        // What inputs without a name of their own ask for, so that nothing is refused for being absent.
        let s3 = cloud.client("s3").await?;
        let place = json!({"LocationConstraint": "eu-west-1"});
        s3.call("CreateBucket", json!({"Bucket": "text", "CreateBucketConfiguration": place})).await?;
        s3.call("PutObject", json!({"Bucket": "text", "Key": "text"})).await?;
        let client = cloud.client(service).await?;
        let input = least_input(&ServiceName::from_static(service), operation)?;
        let answer = match client.call(operation, input).await {
            Ok(output) => output.value().to_string(),
            Err(error) if matches!(error.code(), Some("NotImplemented" | "UnknownOperationException")) => {
                continue;
            }
            Err(error) => error.to_string(),
        };
        served.insert(operation.to_owned(), answer);
    }
    Ok(served)
}

async fn every_operation_that_is_served_is_compared(world: World) -> TestResult {
    let compared = Compared::default();
    for script in scripts() {
        script(Pair::noting(world.clone(), &compared).await?).await?;
    }
    let compared = compared.lock().ok().context("a script panicked")?.clone();
    let mut found = BTreeMap::new();
    for service in ["s3", "dynamodb"] {
        found.extend(served(service).await?);
    }
    let unknown: Vec<_> = compared.iter().filter(|name| !found.contains_key(*name)).collect();
    ensure!(unknown.is_empty(), "these are compared and said not to be served: {unknown:?}");
    let is_known = |name: &String| compared.contains(name) || OF_BOTO_ALONE.contains(&name.as_str());
    found.retain(|name, _| !is_known(name));
    ensure!(found.is_empty(), "these are answered and compared by no case: {found:#?}");
    Ok(())
}
