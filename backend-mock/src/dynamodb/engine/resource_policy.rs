//! Resource policies: kept and given back. Nobody is refused by them, as nobody is refused at all.

use std::sync::Arc;
use std::time::SystemTime;

use super::Engine;
use super::error::Error;
use super::table::Table;
use super::table_settings::ResourcePolicy;

/// Size of a policy.
const POLICY_BYTES: usize = 20_480;

impl Engine {
    /// The id of the new revision.
    pub(crate) fn put_resource_policy(
        &mut self,
        arn: &str,
        document: String,
        expected: Option<&str>,
    ) -> Result<Arc<str>, Error> {
        if document.len() > POLICY_BYTES {
            return Err(Error::invalid_parameter(format!(
                "Maximum policy size of {POLICY_BYTES} bytes exceeded"
            )));
        }
        let (name, now) = (self.table_of_arn(arn)?, self.now);
        let table = self.tables.get_mut(&*name).ok_or_else(|| Error::named_table_not_found(&name))?;
        check_revision(table, expected)?;
        if let Some(policy) = &table.settings.policy
            && *policy.document == *document
        {
            return Ok(policy.revision_id.clone());
        }
        // A number of milliseconds, as on AWS, and greater than the one before however slow the clock is.
        let milliseconds = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let before =
            table.settings.policy.as_ref().and_then(|policy| policy.revision_id.parse::<u128>().ok());
        let revision = before.map_or(milliseconds, |before| milliseconds.max(before + 1));
        let revision_id: Arc<str> = revision.to_string().into();
        Arc::make_mut(&mut table.settings).policy =
            Some(ResourcePolicy { document: document.into(), revision_id: revision_id.clone() });
        Ok(revision_id)
    }

    pub(crate) fn resource_policy(&self, arn: &str) -> Result<&ResourcePolicy, Error> {
        let name = self.table_of_arn(arn)?;
        let table = self.tables.get(&*name).ok_or_else(|| Error::named_table_not_found(&name))?;
        table.settings.policy.as_ref().ok_or_else(|| not_found(arn))
    }

    /// The id of the revision that is gone, if there was a policy.
    pub(crate) fn delete_resource_policy(
        &mut self,
        arn: &str,
        expected: Option<&str>,
    ) -> Result<Option<Arc<str>>, Error> {
        let name = self.table_of_arn(arn)?;
        let table = self.tables.get_mut(&*name).ok_or_else(|| Error::named_table_not_found(&name))?;
        check_revision(table, expected)?;
        if table.settings.policy.is_none() {
            return Ok(None);
        }
        Ok(Arc::make_mut(&mut table.settings).policy.take().map(|policy| policy.revision_id))
    }
}

fn check_revision(table: &Table, expected: Option<&str>) -> Result<(), Error> {
    let name = &table.definition.name;
    let message = match (expected, &table.settings.policy) {
        (None, _) | (Some("NO_POLICY"), None) => return Ok(()),
        (Some(expected), Some(policy)) if *policy.revision_id == *expected => return Ok(()),
        (Some("NO_POLICY"), Some(policy)) => format!(
            "Requested policy update expecting none to be present for table {name}, but a policy exists with revision \
             id {}.",
            policy.revision_id
        ),
        (Some(expected), Some(policy)) => format!(
            "Requested update for policy with revision id {expected}, but the policy associated to target table {name} \
             has revision id {}.",
            policy.revision_id
        ),
        (Some(expected), None) => format!(
            "Requested update for policy with revision id {expected}, but no policy is associated to target table \
             {name}."
        ),
    };
    Err(not_found(&message))
}

fn not_found(what: &str) -> Error {
    Error::Modeled {
        code: "PolicyNotFoundException",
        message: format!("Resource-based policy not found for the provided ResourceArn: {what}"),
    }
}
