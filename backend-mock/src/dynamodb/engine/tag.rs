//! Tags: names and values that a table carries.

use std::sync::Arc;

use super::Engine;
use super::error::Error;

/// Tags that a resource may have.
const TAGS: usize = 50;
/// Tags that one page of ListTagsOfResource holds.
const PAGE: usize = 10;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) key: Arc<str>,
    pub(crate) value: Arc<str>,
}

/// A page of tags, and where the next one starts.
#[derive(Debug, PartialEq)]
pub(crate) struct TagPage {
    pub(crate) tags: Vec<Tag>,
    pub(crate) next: Option<usize>,
}

impl Engine {
    pub(crate) fn tag_resource(&mut self, arn: &str, tags: Vec<Tag>) -> Result<(), Error> {
        let name = self.table_of_arn(arn)?;
        if tags.is_empty() {
            return Err(Error::validation("Atleast one Tag needs to be provided as Input."));
        }
        check_tags(&tags)?;
        self.change_tags(&name, arn, |kept| {
            for tag in tags {
                match kept.iter_mut().find(|kept| kept.key == tag.key) {
                    Some(kept) => kept.value = tag.value,
                    None => kept.push(tag),
                }
            }
        })
    }

    pub(crate) fn untag_resource(&mut self, arn: &str, keys: &[String]) -> Result<(), Error> {
        let name = self.table_of_arn(arn)?;
        if keys.is_empty() {
            return Err(Error::validation("Atleast one Tag Key needs to be provided as Input."));
        }
        for key in keys {
            check_key(key)?;
        }
        self.change_tags(&name, arn, |kept| {
            kept.retain(|tag| !keys.iter().any(|key| **key == *tag.key));
        })
    }

    /// The page that starts at `start`.
    pub(crate) fn list_tags(&self, arn: &str, start: usize) -> Result<TagPage, Error> {
        let name = self.table_of_arn(arn)?;
        let table = self.tables.get(&*name).ok_or_else(|| Error::arn_not_found(arn))?;
        let tags: Vec<Tag> = table.settings.tags.iter().skip(start).take(PAGE).cloned().collect();
        let end = start.saturating_add(tags.len());
        Ok(TagPage { tags, next: (end < table.settings.tags.len()).then_some(end) })
    }

    fn change_tags(
        &mut self,
        name: &str,
        arn: &str,
        change: impl FnOnce(&mut Vec<Tag>),
    ) -> Result<(), Error> {
        let table = self.tables.get_mut(name).ok_or_else(|| Error::arn_not_found(arn))?;
        let mut tags = table.settings.tags.clone();
        change(&mut tags);
        check_count(&tags)?;
        Arc::make_mut(&mut table.settings).tags = tags;
        Ok(())
    }

    /// The name of the table that an ARN means.
    pub(super) fn table_of_arn(&self, arn: &str) -> Result<String, Error> {
        if arn.is_empty() {
            return Err(Error::validation("Invalid TableArn"));
        }
        if !arn.starts_with("arn:") {
            return Err(Error::invalid_parameter(format!("ARNs must start with 'arn:': {arn}")));
        }
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, region, account) = (parts.next(), parts.next(), parts.next());
        let resource = parts.next().unwrap_or_default();
        if service != Some("dynamodb") {
            return Err(Error::invalid_parameter(format!(
                "Provided Arn is not a DynamoDB resource arn: {arn}"
            )));
        }
        if account.is_some_and(|account| account != self.account_id.as_str()) {
            return Err(Error::Modeled {
                code: "AccessDeniedException",
                message: format!(
                    "User: arn:aws:iam::{}:root is not authorized to perform this operation on resource: {arn} \
                     because no resource-based policy allows it",
                    self.account_id
                ),
            });
        }
        match resource.strip_prefix("table/") {
            Some(name) if name.contains("/index/") => Err(Error::invalid_parameter(format!(
                "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: {arn}"
            ))),
            Some(name) if !name.contains('/') && region == Some(self.region.as_str()) => Ok(name.to_owned()),
            _ => Err(Error::validation(format!(
                "Invalid TableArn: Invalid ResourceArn provided as input {arn}"
            ))),
        }
    }
}

/// # Errors
/// [`Error::Validation`] for a tag that cannot be, in the order in which the tags are given.
pub(crate) fn check_tags(tags: &[Tag]) -> Result<(), Error> {
    for (position, tag) in tags.iter().enumerate() {
        check_key(&tag.key)?;
        if tag.key.starts_with("aws:") {
            return Err(Error::validation(format!("Tag Key cannot be prefixed with aws:, Key: {}", tag.key)));
        }
        if tag.value.chars().count() > 256 || !is_tag_text(&tag.value) {
            return Err(Error::validation(format!(
                "The Tag Value provided is invalid, Value: {}",
                tag.value
            )));
        }
        if tags[..position].iter().any(|earlier| earlier.key == tag.key) {
            return Err(Error::validation(format!(
                "Duplicate Tag Keys provided as input: Duplicate Tag Key found {}",
                tag.key
            )));
        }
    }
    check_count(tags)
}

fn check_count(tags: &[Tag]) -> Result<(), Error> {
    if tags.len() > TAGS {
        return Err(Error::validation(
            "Number of Tags exceed the current limit for the provided ResourceArn",
        ));
    }
    Ok(())
}

fn check_key(key: &str) -> Result<(), Error> {
    if key.is_empty() || key.chars().count() > 128 || !is_tag_text(key) {
        return Err(Error::validation(format!("The Tag Key provided is invalid, Key: {key}")));
    }
    Ok(())
}

/// Letters, digits and spaces of any script, and `_.:/=+-@`.
fn is_tag_text(text: &str) -> bool {
    text.chars().all(|character| {
        character.is_alphanumeric() || character.is_whitespace() || "_.:/=+-@".contains(character)
    })
}
