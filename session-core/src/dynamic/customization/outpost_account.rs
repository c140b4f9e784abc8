//! S3 Control on Outposts: the account is in the ARN that names the bucket or the access point.

use super::{Customized, Value, refuse, text_of};
use crate::error::Error;

/// Fills in the account of the ARN; another one beside it is refused.
pub(super) fn fill(this: Customized<'_>, input: &mut Value) -> Result<(), Error> {
    if this.plan.operation.name == "CreateAccessPoint" || this.plan.input.member("AccountId").is_none() {
        return Ok(());
    }
    for member in ["Name", "Bucket"] {
        let Some(account) = text_of(input, member).and_then(account_of) else { continue };
        let account = account.to_owned();
        match text_of(input, "AccountId") {
            Some(given) if given != account => {
                return Err(refuse(format!(
                    "AccountId is not that of the ARN in {member}, which is {account}"
                )));
            }
            _ => input.insert("AccountId", account),
        };
    }
    Ok(())
}

fn account_of(arn: &str) -> Option<&str> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
    let (_partition, service, _region) = (parts.next()?, parts.next()?, parts.next()?);
    let account = parts.next()?;
    parts.next().filter(|resource| service == "s3-outposts" && resource.starts_with("outpost"))?;
    Some(account)
}
