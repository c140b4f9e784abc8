//! The configurations that are kept as documents: logging, notifications, replication.

use s3s::S3Response;
use s3s::dto::*;
use s3s::xml::{Deserialize, Deserializer, Serialize, Serializer};

use super::Operations;
use super::call::Call;
use crate::s3::engine::configuration::notification::{Destination as EventDestination, NotificationRule};
use crate::s3::engine::configuration::{Document, Logging, Notification, Replication};
use crate::s3::engine::{Code, Error};

/// The XML of a configuration.
pub(super) fn document<T: Serialize>(configuration: &T) -> Result<Document, Error> {
    let mut xml = Vec::new();
    let written = configuration.serialize(&mut Serializer::new(&mut xml));
    written.map_err(|_| Error::new(Code::InternalError))?;
    Ok(Document::new(xml))
}

/// The configuration that a document of [`document`]'s says.
pub(super) fn read<'d, T: Deserialize<'d>>(document: &'d Document) -> Result<T, Error> {
    T::deserialize(&mut Deserializer::new(document.as_bytes())).map_err(|_| Error::new(Code::InternalError))
}

/// The name of the bucket that an ARN or a name stands for.
fn bucket_of(text: &str) -> &str {
    text.rsplit_once(":::").map_or(text, |(_, bucket)| bucket)
}

pub(super) async fn get_bucket_logging(
    operations: &Operations,
    call: &Call,
    input: GetBucketLoggingInput,
) -> Result<S3Response<GetBucketLoggingOutput>, Error> {
    let document = operations.engine().bucket_logging(&call.caller(), &input.bucket)?.cloned();
    let status: Option<BucketLoggingStatus> = document.as_ref().map(read).transpose()?;
    let logging_enabled = status.and_then(|status| status.logging_enabled);
    Ok(S3Response::new(GetBucketLoggingOutput { logging_enabled }))
}

pub(super) async fn put_bucket_logging(
    operations: &Operations,
    call: &Call,
    input: PutBucketLoggingInput,
) -> Result<S3Response<PutBucketLoggingOutput>, Error> {
    let status = input.bucket_logging_status;
    let logging = match &status.logging_enabled {
        Some(enabled) => Some(Logging {
            target_bucket: enabled.target_bucket.clone(),
            has_grants: enabled.target_grants.as_ref().is_some_and(|grants| !grants.is_empty()),
            document: document(&status)?,
        }),
        None => None,
    };
    operations.engine().put_bucket_logging(&call.caller(), &input.bucket, logging)?;
    Ok(S3Response::new(PutBucketLoggingOutput {}))
}

pub(super) async fn get_bucket_notification(
    operations: &Operations,
    call: &Call,
    input: GetBucketNotificationConfigurationInput,
) -> Result<S3Response<GetBucketNotificationConfigurationOutput>, Error> {
    let document = operations.engine().bucket_notification(&call.caller(), &input.bucket)?.cloned();
    let configuration: NotificationConfiguration =
        document.as_ref().map(read).transpose()?.unwrap_or_default();
    Ok(S3Response::new(GetBucketNotificationConfigurationOutput {
        event_bridge_configuration: configuration.event_bridge_configuration,
        lambda_function_configurations: configuration.lambda_function_configurations,
        queue_configurations: configuration.queue_configurations,
        topic_configurations: configuration.topic_configurations,
    }))
}

pub(super) async fn put_bucket_notification(
    operations: &Operations,
    call: &Call,
    input: PutBucketNotificationConfigurationInput,
) -> Result<S3Response<PutBucketNotificationConfigurationOutput>, Error> {
    let mut configuration = input.notification_configuration;
    let ids = &mut || operations.ids().uuid();
    let mut rules = Vec::new();
    for topic in configuration.topic_configurations.iter_mut().flatten() {
        let id = topic.id.get_or_insert_with(&mut *ids);
        rules.push(rule(EventDestination::Topic, id, &topic.topic_arn, &topic.events, topic.filter.as_mut()));
    }
    for queue in configuration.queue_configurations.iter_mut().flatten() {
        let id = queue.id.get_or_insert_with(&mut *ids);
        rules.push(rule(EventDestination::Queue, id, &queue.queue_arn, &queue.events, queue.filter.as_mut()));
    }
    for function in configuration.lambda_function_configurations.iter_mut().flatten() {
        let id = function.id.get_or_insert_with(&mut *ids);
        let (arn, filter) = (&function.lambda_function_arn, function.filter.as_mut());
        rules.push(rule(EventDestination::Function, id, arn, &function.events, filter));
    }
    let notification = Notification { rules, document: document(&configuration)? };
    operations.engine().put_bucket_notification(&call.caller(), &input.bucket, notification)?;
    Ok(S3Response::new(PutBucketNotificationConfigurationOutput {}))
}

fn rule(
    destination: EventDestination,
    id: &str,
    arn: &str,
    events: &[Event],
    filter: Option<&mut NotificationConfigurationFilter>,
) -> NotificationRule {
    let filter = filter.and_then(|filter| filter.key.as_mut()).and_then(|key| key.filter_rules.as_mut());
    let pair = |rule: &mut FilterRule| {
        let name = rule.name.as_ref().map_or("", FilterRuleName::as_str);
        // S3 tells the names that it knows in its own case.
        if let Some(known) = ["Prefix", "Suffix"].into_iter().find(|known| known.eq_ignore_ascii_case(name)) {
            rule.name = Some(FilterRuleName::from_static(known));
        }
        let name = rule.name.as_ref().map_or("", FilterRuleName::as_str).to_owned();
        (name, rule.value.clone().unwrap_or_default())
    };
    NotificationRule {
        id: Some(id.to_owned()),
        destination,
        arn: arn.to_owned(),
        events: events.iter().map(|event| event.as_ref().to_owned()).collect(),
        filter: filter.into_iter().flatten().map(pair).collect(),
    }
}

pub(super) async fn get_bucket_replication(
    operations: &Operations,
    call: &Call,
    input: GetBucketReplicationInput,
) -> Result<S3Response<GetBucketReplicationOutput>, Error> {
    let document = operations.engine().bucket_replication(&call.caller(), &input.bucket)?.clone();
    Ok(S3Response::new(GetBucketReplicationOutput { replication_configuration: Some(read(&document)?) }))
}

pub(super) async fn put_bucket_replication(
    operations: &Operations,
    call: &Call,
    input: PutBucketReplicationInput,
) -> Result<S3Response<PutBucketReplicationOutput>, Error> {
    let mut configuration = input.replication_configuration;
    check_replication(&configuration)?;
    for rule in &mut configuration.rules {
        rule.id.get_or_insert_with(|| operations.ids().uuid());
    }
    let destinations = configuration.rules.iter().map(|rule| bucket_of(&rule.destination.bucket).to_owned());
    let replication =
        Replication { destinations: destinations.collect(), document: document(&configuration)? };
    operations.engine().put_bucket_replication(&call.caller(), &input.bucket, Some(replication))?;
    Ok(S3Response::new(PutBucketReplicationOutput {}))
}

fn check_replication(configuration: &ReplicationConfiguration) -> Result<(), Error> {
    let is_role = configuration.role.starts_with("arn:aws") && configuration.role.contains(":iam::");
    if !is_role {
        return Err(Error::invalid_argument(
            "Invalid Role specified in replication configuration",
            "Role",
            &configuration.role,
        ));
    }
    let rules = &configuration.rules;
    if rules.is_empty() || rules.len() > 1000 {
        return Err(Error::new(Code::MalformedXML));
    }
    for (at, rule) in rules.iter().enumerate() {
        if !matches!(rule.status.as_str(), "Enabled" | "Disabled") {
            return Err(Error::new(Code::MalformedXML));
        }
        if rule.id.as_ref().is_some_and(|id| id.chars().count() > 255) {
            return Err(Error::with_message(
                Code::InvalidArgument,
                "ID length should not exceed allowed limit of 255",
            ));
        }
        if rule.id.is_some() && rules[..at].iter().any(|other| other.id == rule.id) {
            return Err(Error::with_message(
                Code::InvalidArgument,
                "Rule ID must be unique. Found same ID for more than one rule.",
            ));
        }
        if rule.filter.is_some() && (rule.priority.is_none() || rule.delete_marker_replication.is_none()) {
            return Err(Error::new(Code::MalformedXML));
        }
        if rule.priority.is_some() && rules[..at].iter().any(|other| other.priority == rule.priority) {
            return Err(Error::invalid_request("Found conflicting priorities in the rules."));
        }
        if !rule.destination.bucket.starts_with("arn:aws") {
            return Err(Error::invalid_argument("Invalid bucket ARN.", "Bucket", &rule.destination.bucket));
        }
    }
    Ok(())
}

pub(super) async fn delete_bucket_replication(
    operations: &Operations,
    call: &Call,
    input: DeleteBucketReplicationInput,
) -> Result<S3Response<DeleteBucketReplicationOutput>, Error> {
    operations.engine().put_bucket_replication(&call.caller(), &input.bucket, None)?;
    Ok(S3Response::new(DeleteBucketReplicationOutput {}))
}
