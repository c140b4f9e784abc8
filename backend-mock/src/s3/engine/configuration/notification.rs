//! Event notifications: stored and checked. No event is sent.

use super::Document;
use crate::context::RegionName;
use crate::s3::engine::access::partition;
use crate::s3::engine::{Caller, Code, Engine, Error};

/// How many configurations a bucket has at most.
const MAX_RULES: usize = 100;

/// The longest id and the longest value of a filter, in bytes.
const MAX_ID_BYTES: usize = 255;
const MAX_FILTER_BYTES: usize = 1024;

const OVERLAP: &str =
    "Configurations overlap. Configurations on the same bucket cannot share a common event type.";

/// The events that a bucket tells of; a `*` stands for all of a family.
const EVENTS: [&str; 29] = [
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleTransition",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAnnotation:*",
    "s3:ObjectCreated:Rename",
];

/// Where the events of one configuration go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Topic,
    Queue,
    Function,
}

/// One configuration: which events, of which keys, go where.
#[derive(Clone, Debug)]
pub(crate) struct NotificationRule {
    pub(crate) id: Option<String>,
    pub(crate) destination: Destination,
    pub(crate) arn: String,
    pub(crate) events: Vec<String>,
    /// Names and values of the filter's rules.
    pub(crate) filter: Vec<(String, String)>,
}

/// All of a bucket's configurations, and the document that they came as.
#[derive(Clone, Debug)]
pub(crate) struct Notification {
    pub(crate) rules: Vec<NotificationRule>,
    pub(crate) document: Document,
}

impl Notification {
    /// Whether a destination is there, and lets S3 in, is known to its own service, and not asked here.
    ///
    /// # Errors
    /// `InvalidArgument` for an ARN that names no such destination in the region, an event that there is not, a filter
    /// that is none, and configurations that overlap; `InvalidRequest` for too many of them.
    fn check(&self, region: &RegionName) -> Result<(), Error> {
        let invalid = |message: &str| Err(Error::with_message(Code::InvalidArgument, message.to_owned()));
        if self.rules.len() > MAX_RULES {
            return Err(Error::invalid_request(format!(
                "Too many configurations submitted. The maximum number of configurations is {MAX_RULES}"
            )));
        }
        for (at, rule) in self.rules.iter().enumerate() {
            if rule.id.as_ref().is_some_and(|id| id.len() > MAX_ID_BYTES) {
                return invalid("ID length exceeded allowed limit of 255");
            }
            if !rule.destination.is_named_by(&rule.arn) {
                return Err(Error::invalid_argument(
                    "The ARN could not be parsed",
                    rule.destination.element(),
                    &rule.arn,
                ));
            }
            if rule.destination == Destination::Queue && rule.arn.ends_with(".fifo") {
                return invalid("FIFO SQS queues are not supported.");
            }
            let is_here = (partition(region), region.as_str());
            let mut named = rule.arn.split(':').skip(1).step_by(2);
            if named.next().zip(named.next()) != Some(is_here) {
                return invalid(
                    "The notification destination service region is not valid for the bucket location constraint",
                );
            }
            if rule.events.is_empty() {
                return Err(Error::new(Code::MalformedXML));
            }
            if let Some(event) = rule.events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
                return Err(Error::invalid_argument(
                    "The event is not supported for notifications",
                    "Event",
                    event,
                ));
            }
            let of =
                |name: &str| rule.filter.iter().filter(|(rule, _)| rule.eq_ignore_ascii_case(name)).count();
            let is_known =
                |name: &str| ["prefix", "suffix"].iter().any(|known| name.eq_ignore_ascii_case(known));
            if let Some((name, _)) = rule.filter.iter().find(|(name, _)| !is_known(name)) {
                return Err(Error::invalid_argument(
                    "filter rule name must be either prefix or suffix",
                    "FilterRule.Name",
                    name,
                ));
            }
            if of("prefix") > 1 || of("suffix") > 1 {
                return invalid("Cannot specify more than one prefix or suffix rule in a filter.");
            }
            if rule.filter.iter().any(|(_, value)| value.len() > MAX_FILTER_BYTES) {
                return invalid("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation");
            }
            if rule.repeats_an_event() {
                return invalid(OVERLAP);
            }
            if let Some(other) = self.rules[..at].iter().find(|other| rule.overlaps(other)) {
                return invalid(match rule.filter.is_empty() && other.filter.is_empty() {
                    true => OVERLAP,
                    false => {
                        "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the \
                         prefixes are overlapping for the same event type."
                    }
                });
            }
            if let Some(id) = &rule.id
                && self.rules[..at].iter().any(|other| other.id.as_ref() == Some(id))
            {
                return invalid("Same ID used for multiple configurations. IDs must be unique");
            }
        }
        Ok(())
    }
}

/// Whether two events are one, or one is in the other's family.
fn is_common(one: &str, other: &str) -> bool {
    let covers =
        |family: &str, event: &str| family.strip_suffix('*').is_some_and(|family| event.starts_with(family));
    one == other || covers(one, other) || covers(other, one)
}

impl NotificationRule {
    fn repeats_an_event(&self) -> bool {
        let mut events = self.events.iter().enumerate();
        events.any(|(at, event)| self.events[..at].iter().any(|other| is_common(event, other)))
    }

    fn overlaps(&self, other: &Self) -> bool {
        let of = |rule: &Self, name: &str| {
            let found = rule.filter.iter().find(|(rule, _)| rule.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let (prefix, other_prefix) = (of(self, "prefix"), of(other, "prefix"));
        let (suffix, other_suffix) = (of(self, "suffix"), of(other, "suffix"));
        let same_event =
            self.events.iter().any(|event| other.events.iter().any(|other| is_common(event, other)));
        same_event
            && (prefix.starts_with(&other_prefix) || other_prefix.starts_with(&prefix))
            && (suffix.ends_with(&other_suffix) || other_suffix.ends_with(&suffix))
    }
}

impl Destination {
    fn element(self) -> &'static str {
        match self {
            Self::Topic => "Topic",
            Self::Queue => "Queue",
            Self::Function => "CloudFunction",
        }
    }

    fn is_named_by(self, arn: &str) -> bool {
        let service = match self {
            Self::Topic => "sns",
            Self::Queue => "sqs",
            Self::Function => "lambda",
        };
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [prefix, partition, named, region, account, resource] = parts[..] else { return false };
        let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        prefix == "arn"
            && partition.starts_with("aws")
            && named == service
            && !region.is_empty()
            && digits
            && !resource.is_empty()
            && (self != Self::Function || resource.starts_with("function:"))
    }
}

impl Engine {
    /// None while the bucket tells nobody.
    pub(crate) fn bucket_notification(
        &self,
        caller: &Caller,
        bucket: &str,
    ) -> Result<Option<&Document>, Error> {
        Ok(self.configuration(caller, bucket)?.notification.as_ref())
    }

    /// # Errors
    /// As [`Notification::check`].
    pub(crate) fn put_bucket_notification(
        &mut self,
        caller: &Caller,
        bucket: &str,
        notification: Notification,
    ) -> Result<(), Error> {
        notification.check(self.bucket(caller, bucket)?.region())?;
        self.configuration_mut(caller, bucket)?.notification = Some(notification.document);
        Ok(())
    }
}
