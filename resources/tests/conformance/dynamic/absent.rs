//! Services that the cloud in memory does not have: refused by name and kind, and never answered by another.

use anyhow::ensure;
use serde_json::json;
use session_core::{Error, ErrorKind, SessionExt};

use crate::case::{TestResult, cases};
use crate::world::World;

cases! {
    a_service_that_is_not_there_is_refused_by_name,
    a_name_that_no_service_has_is_refused_with_near_misses,
}

async fn a_service_that_is_not_there_is_refused_by_name(world: World) -> TestResult {
    for (service, operation) in
        [("ec2", "DescribeRegions"), ("sqs", "ListQueues"), ("route53", "ListHostedZones")]
    {
        let asked = async {
            let client = world.session.client(service).await?;
            client.call(operation, json!({})).await?;
            Ok::<_, Error>(())
        };
        let error = asked.await.unwrap_err();
        // The session knows what it has and refuses at the opening; its server can but answer.
        let told = error.message();
        ensure!(told.contains(&format!("`{service}`")) && told.contains("`dynamodb`"), "{error:?}");
        match error.kind() {
            ErrorKind::UnknownService => ensure!(error.code().is_none(), "{error:?}"),
            ErrorKind::Service => {
                ensure!(error.code() == Some("NotImplemented") && error.status() == Some(501), "{error:?}");
                ensure!(error.operation() == Some(operation), "{error:?}");
            }
            _ => anyhow::bail!("{error:?}"),
        }
    }
    Ok(())
}

async fn a_name_that_no_service_has_is_refused_with_near_misses(world: World) -> TestResult {
    let error = world.session.client("dynamdb").await.unwrap_err();
    ensure!(error.kind() == ErrorKind::UnknownService, "{error:?}");
    let told = error.to_string();
    ensure!(told.contains("dynamdb") && told.contains("dynamodb"), "{told}");
    Ok(())
}
