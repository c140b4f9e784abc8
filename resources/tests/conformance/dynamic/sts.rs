//! STS by name: who asks, on every backend; there is no typed client of it here.

use anyhow::{Context, ensure};
use serde_json::json;
use session_core::{ErrorKind, SessionExt};

use crate::case::{TestResult, cases};
use crate::world::World;

cases! {
    who_asks_is_told_with_account_and_arn,
    who_asks_is_the_same_in_every_region,
    mistakes_are_told_before_anything_is_sent,
}

async fn who_asks_is_told_with_account_and_arn(world: World) -> TestResult {
    let sts = world.session.client("sts").await?;
    let told = sts.call("GetCallerIdentity", json!({})).await?;
    let account = told["Account"].as_str().context("there is no account")?;
    ensure!(account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit()), "{account}");
    let arn = told["Arn"].as_str().context("there is no ARN")?;
    ensure!(arn.starts_with("arn:aws:") && arn.split(':').nth(4) == Some(account), "{arn}");
    ensure!(told["UserId"].as_str().is_some_and(|id| !id.is_empty()), "{:?}", told.value());
    ensure!(told.request_id().is_some() && told.status() == 200 && told.attempts() == 1, "{told:?}");
    Ok(())
}

async fn who_asks_is_the_same_in_every_region(world: World) -> TestResult {
    let here = world.session.client("sts").await?.call("get_caller_identity", json!({})).await?;
    let there = world.session.client("sts").region_name("us-west-2").await?;
    let there = there.call("GetCallerIdentity", json!({})).await?;
    ensure!(here.value() == there.value(), "{:?} and {:?}", here.value(), there.value());
    Ok(())
}

async fn mistakes_are_told_before_anything_is_sent(world: World) -> TestResult {
    let sts = world.session.client("sts").await?;
    let error = sts.call("GetCallerIdentity", json!({"Account": "1"})).await.unwrap_err();
    ensure!(error.kind() == ErrorKind::InvalidInput && error.status().is_none(), "{error:?}");
    let error = sts.call("GetCallerIdentities", json!({})).await.unwrap_err();
    ensure!(error.to_string().contains("`GetCallerIdentity`"), "{error}");
    Ok(())
}
