//! Services that speak JSON 1.0 and 1.1, made, listed and removed on moto.

use std::time::Duration;

use anyhow::ensure;
use futures_util::TryStreamExt;
use serde_json::json;
use session_core::dynamic::ServiceFault;
use session_core::dynamic::Value;
use session_core::{ErrorKind, SessionExt};

use crate::case::{TestResult, cases};
use crate::world::World;

cases! {
    sqs_carries_a_message_and_its_digest,
    kms_encrypts_and_decrypts_bytes,
    secretsmanager_keeps_versions_of_a_secret,
    ssm_counts_the_versions_of_a_parameter,
    logs_of_a_stream_are_read_in_order,
    events_have_rules_and_targets,
    kinesis_gives_records_back_as_bytes,
    ecs_counts_its_clusters,
    stepfunctions_starts_an_execution,
    cloudwatch_adds_up_what_was_put,
    acm_asks_for_a_certificate,
    ecr_says_where_a_repository_is,
    glue_has_databases_and_tables,
    athena_has_work_groups,
    cognito_idp_has_pools_and_clients,
}

/// An input with bytes in it, which JSON does not have.
fn with_bytes(input: serde_json::Value, name: &str, bytes: &Value) -> Value {
    let mut input = Value::from(input);
    input.insert(name, bytes.clone());
    input
}

fn is_arn(value: &Value, service: &str) -> bool {
    value.as_str().is_some_and(|arn| arn.starts_with(&format!("arn:aws:{service}:eu-west-1:123456789012:")))
}

async fn sqs_carries_a_message_and_its_digest(world: World) -> TestResult {
    let sqs = world.session.client("sqs").await?;
    let name = world.fresh_name();
    let attributes = json!({"VisibilityTimeout": "7"});
    let made = sqs.call("CreateQueue", json!({"QueueName": name, "Attributes": attributes})).await?;
    let url = &made["QueueUrl"];
    let found = sqs.call("GetQueueUrl", json!({"QueueName": name})).await?;
    ensure!(found["QueueUrl"] == *url, "{:?}", found.value());
    let input = json!({"QueueUrl": url, "MessageBody": "hello",
        "MessageAttributes": {"raw": {"DataType": "Binary", "BinaryValue": "frames"}}});
    let sent = sqs.call("SendMessage", input).await?;
    ensure!(
        sent["MD5OfMessageBody"].as_str() == Some("5d41402abc4b2a76b9719d911017c592"),
        "{:?}",
        sent.value()
    );
    let input = json!({"QueueUrl": url, "MessageAttributeNames": ["All"]});
    let received = sqs.call("ReceiveMessage", input).await?;
    let message = &received["Messages"][0];
    ensure!(message["MessageId"] == sent["MessageId"] && message["Body"].as_str() == Some("hello"));
    let raw = &message["MessageAttributes"]["raw"]["BinaryValue"];
    ensure!(raw.as_blob() == Some(b"frames".as_slice()), "{message:?}");
    let input = json!({"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]});
    sqs.call("DeleteMessage", input).await?;
    let input = json!({"QueueUrl": url, "AttributeNames": ["All"]});
    let attributes = sqs.call("GetQueueAttributes", input).await?;
    let attributes = &attributes["Attributes"];
    ensure!(attributes["ApproximateNumberOfMessages"].as_str() == Some("0"), "{attributes:?}");
    ensure!(attributes["VisibilityTimeout"].as_str() == Some("7") && is_arn(&attributes["QueueArn"], "sqs"));
    sqs.call("DeleteQueue", json!({"QueueUrl": url})).await?;
    let error = sqs.call("GetQueueUrl", json!({"QueueName": name})).await.unwrap_err();
    // The code is that of the old Query protocol, as boto's is.
    ensure!(error.kind() == ErrorKind::NotFound, "{error:?}");
    ensure!(error.code() == Some("AWS.SimpleQueueService.NonExistentQueue"), "{error:?}");
    ensure!(ServiceFault::of(&error).is_some_and(|fault| fault.is("QueueDoesNotExist")), "{error:?}");
    Ok(())
}

async fn kms_encrypts_and_decrypts_bytes(world: World) -> TestResult {
    let kms = world.session.client("kms").await?;
    let made = kms.call("CreateKey", json!({"Description": "films"})).await?;
    let key = &made["KeyMetadata"];
    ensure!(is_arn(&key["Arn"], "kms") && key["CreationDate"].as_timestamp().is_some(), "{key:?}");
    let id = &key["KeyId"];
    let name = format!("alias/{}", world.fresh_name());
    kms.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": id})).await?;
    let described = kms.call("DescribeKey", json!({"KeyId": name})).await?;
    ensure!(described["KeyMetadata"]["KeyId"] == *id, "{:?}", described.value());
    let sealed = kms.call("Encrypt", json!({"KeyId": id, "Plaintext": "frames"})).await?;
    let bytes = &sealed["CiphertextBlob"];
    ensure!(bytes.as_blob().is_some_and(|bytes| bytes.len() > 6), "{:?}", sealed.value());
    let opened = kms.call("Decrypt", with_bytes(json!({}), "CiphertextBlob", bytes)).await?;
    ensure!(opened["Plaintext"].as_blob() == Some(b"frames".as_slice()), "{:?}", opened.value());
    let grown = kms.call("GenerateDataKey", json!({"KeyId": id, "KeySpec": "AES_256"})).await?;
    ensure!(grown["Plaintext"].as_blob().is_some_and(|bytes| bytes.len() == 32));
    kms.call("DeleteAlias", json!({"AliasName": name})).await?;
    let gone = kms.call("ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 7})).await?;
    ensure!(gone["DeletionDate"].as_timestamp().is_some(), "{:?}", gone.value());
    Ok(())
}

async fn secretsmanager_keeps_versions_of_a_secret(world: World) -> TestResult {
    let secrets = world.session.client("secretsmanager").await?;
    let name = world.fresh_name();
    // The token, which the input leaves out, is filled in and becomes the version's id.
    let made = secrets.call("CreateSecret", json!({"Name": name, "SecretString": "one"})).await?;
    ensure!(is_arn(&made["ARN"], "secretsmanager"), "{:?}", made.value());
    ensure!(made["VersionId"].as_str().is_some_and(|id| id.len() == 36), "{:?}", made.value());
    let put = secrets.call("PutSecretValue", json!({"SecretId": name, "SecretString": "two"})).await?;
    ensure!(put["VersionId"] != made["VersionId"], "{:?}", put.value());
    let got = secrets.call("GetSecretValue", json!({"SecretId": name})).await?;
    ensure!(got["SecretString"].as_str() == Some("two") && got["VersionId"] == put["VersionId"]);
    let input = json!({"SecretId": name, "VersionStage": "AWSPREVIOUS"});
    let before = secrets.call("GetSecretValue", input).await?;
    ensure!(before["SecretString"].as_str() == Some("one"), "{:?}", before.value());
    secrets.call("DeleteSecret", json!({"SecretId": name, "ForceDeleteWithoutRecovery": true})).await?;
    let error = secrets.call("DescribeSecret", json!({"SecretId": name})).await.unwrap_err();
    ensure!(error.is_not_found() && error.code() == Some("ResourceNotFoundException"), "{error:?}");
    Ok(())
}

async fn ssm_counts_the_versions_of_a_parameter(world: World) -> TestResult {
    let ssm = world.session.client("ssm").await?;
    let path = format!("/{}", world.fresh_name());
    for leaf in ["a", "b", "c"] {
        let input = json!({"Name": format!("{path}/{leaf}"), "Value": leaf, "Type": "String"});
        let put = ssm.call("PutParameter", input).await?;
        ensure!(put["Version"].as_i64() == Some(1), "{:?}", put.value());
    }
    let name = format!("{path}/a");
    let input = json!({"Name": name, "Value": "new", "Overwrite": true, "Type": "String"});
    let put = ssm.call("PutParameter", input).await?;
    ensure!(put["Version"].as_i64() == Some(2), "{:?}", put.value());
    let got = ssm.call("GetParameter", json!({"Name": name})).await?;
    ensure!(got["Parameter"]["Value"].as_str() == Some("new"), "{:?}", got.value());
    ensure!(is_arn(&got["Parameter"]["ARN"], "ssm"), "{:?}", got.value());
    let paginator = ssm.paginator("GetParametersByPath")?.input(json!({"Path": path})).page_size(2);
    let (mut items, mut count) = (paginator.items(), 0);
    while items.try_next().await?.is_some() {
        count += 1;
    }
    ensure!(count == 3, "{count}");
    ssm.call("DeleteParameter", json!({"Name": name})).await?;
    let error = ssm.call("GetParameter", json!({"Name": name})).await.unwrap_err();
    ensure!(error.code() == Some("ParameterNotFound") && error.is_not_found(), "{error:?}");
    Ok(())
}

async fn logs_of_a_stream_are_read_in_order(world: World) -> TestResult {
    let logs = world.session.client("logs").await?;
    let group = world.fresh_name();
    logs.call("CreateLogGroup", json!({"logGroupName": group})).await?;
    let stream = json!({"logGroupName": group, "logStreamName": "main"});
    logs.call("CreateLogStream", stream.clone()).await?;
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed()?.as_millis())?;
    let events = json!([{"timestamp": now - 1, "message": "first"}, {"timestamp": now, "message": "second"}]);
    let input = json!({"logGroupName": group, "logStreamName": "main", "logEvents": events});
    logs.call("PutLogEvents", input).await?;
    let read = logs.call("GetLogEvents", stream).await?;
    ensure!(read["events"][0]["message"].as_str() == Some("first"), "{:?}", read.value());
    ensure!(read["events"][1]["timestamp"].as_i64() == Some(now), "{:?}", read.value());
    let listed = logs.call("DescribeLogGroups", json!({"logGroupNamePrefix": group})).await?;
    ensure!(is_arn(&listed["logGroups"][0]["arn"], "logs"), "{:?}", listed.value());
    logs.call("DeleteLogGroup", json!({"logGroupName": group})).await?;
    let listed = logs.call("DescribeLogGroups", json!({"logGroupNamePrefix": group})).await?;
    ensure!(listed["logGroups"].as_list().is_some_and(<[_]>::is_empty), "{:?}", listed.value());
    Ok(())
}

async fn events_have_rules_and_targets(world: World) -> TestResult {
    let events = world.session.client("events").await?;
    let name = world.fresh_name();
    let put = events.call("PutRule", json!({"Name": name, "ScheduleExpression": "rate(5 minutes)"})).await?;
    ensure!(is_arn(&put["RuleArn"], "events"), "{:?}", put.value());
    let entry = json!({"Source": "films", "DetailType": "shot", "Detail": "{}"});
    let sent = events.call("PutEvents", json!({"Entries": [entry]})).await?;
    ensure!(sent["Entries"][0]["EventId"].as_str().is_some(), "{:?}", sent.value());
    let target = json!({"Id": "1", "Arn": "arn:aws:sqs:eu-west-1:123456789012:films"});
    let targets = events.call("PutTargets", json!({"Rule": name, "Targets": [target]})).await?;
    ensure!(targets["FailedEntryCount"].as_i64() == Some(0), "{:?}", targets.value());
    let listed = events.call("ListTargetsByRule", json!({"Rule": name})).await?;
    ensure!(listed["Targets"][0]["Id"].as_str() == Some("1"), "{:?}", listed.value());
    let rule = events.call("DescribeRule", json!({"Name": name})).await?;
    ensure!(rule["State"].as_str() == Some("ENABLED") && rule["Arn"] == put["RuleArn"], "{:?}", rule.value());
    events.call("RemoveTargets", json!({"Rule": name, "Ids": ["1"]})).await?;
    events.call("DeleteRule", json!({"Name": name})).await?;
    let error = events.call("DescribeRule", json!({"Name": name})).await.unwrap_err();
    ensure!(error.is_not_found(), "{error:?}");
    Ok(())
}

async fn kinesis_gives_records_back_as_bytes(world: World) -> TestResult {
    let kinesis = world.session.client("kinesis").await?;
    let name = json!({"StreamName": world.fresh_name()});
    let mut input = name.clone();
    input["ShardCount"] = json!(1);
    kinesis.call("CreateStream", input).await?;
    kinesis.waiter("StreamExists")?.input(name.clone()).wait(Duration::from_secs(60)).await?;
    let mut input = name.clone();
    (input["Data"], input["PartitionKey"]) = (json!("frames"), json!("film"));
    let put = kinesis.call("PutRecord", input).await?;
    let mut input = name.clone();
    (input["ShardId"], input["ShardIteratorType"]) = (json!(put["ShardId"]), json!("TRIM_HORIZON"));
    let iterator = kinesis.call("GetShardIterator", input).await?;
    let read = kinesis.call("GetRecords", json!({"ShardIterator": iterator["ShardIterator"]})).await?;
    let record = &read["Records"][0];
    ensure!(record["Data"].as_blob() == Some(b"frames".as_slice()), "{record:?}");
    ensure!(record["SequenceNumber"] == put["SequenceNumber"], "{record:?}");
    kinesis.call("DeleteStream", name.clone()).await?;
    let error = kinesis.call("DescribeStreamSummary", name).await.unwrap_err();
    ensure!(error.is_not_found(), "{error:?}");
    Ok(())
}

async fn ecs_counts_its_clusters(world: World) -> TestResult {
    let ecs = world.session.client("ecs").await?;
    let name = world.fresh_name();
    let made = ecs.call("CreateCluster", json!({"clusterName": name})).await?;
    let arn = &made["cluster"]["clusterArn"];
    ensure!(is_arn(arn, "ecs"), "{:?}", made.value());
    let family = json!({"family": name,
        "containerDefinitions": [{"name": "web", "image": "nginx", "memory": 64}]});
    let task = ecs.call("RegisterTaskDefinition", family).await?;
    ensure!(task["taskDefinition"]["revision"].as_i64() == Some(1), "{:?}", task.value());
    let listed = ecs.call("ListClusters", json!({})).await?;
    ensure!(listed["clusterArns"].as_list().is_some_and(|arns| arns.contains(arn)), "{:?}", listed.value());
    let input = json!({"clusters": [name, "ghost"]});
    let described = ecs.call("DescribeClusters", input).await?;
    ensure!(described["clusters"][0]["status"].as_str() == Some("ACTIVE"), "{:?}", described.value());
    ensure!(described["failures"][0]["reason"].as_str() == Some("MISSING"), "{:?}", described.value());
    let gone = ecs.call("DeleteCluster", json!({"cluster": name})).await?;
    ensure!(gone["cluster"]["status"].as_str() == Some("INACTIVE"), "{:?}", gone.value());
    Ok(())
}

async fn stepfunctions_starts_an_execution(world: World) -> TestResult {
    let states = world.session.client("stepfunctions").await?;
    let definition = json!({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}).to_string();
    let input = json!({"name": world.fresh_name(), "definition": definition,
        "roleArn": "arn:aws:iam::123456789012:role/films"});
    let made = states.call("CreateStateMachine", input).await?;
    let machine = json!({"stateMachineArn": made["stateMachineArn"]});
    ensure!(is_arn(&made["stateMachineArn"], "states"), "{:?}", made.value());
    let started = states.call("StartExecution", machine.clone()).await?;
    let listed = states.call("ListExecutions", machine.clone()).await?;
    ensure!(listed["executions"][0]["executionArn"] == started["executionArn"], "{:?}", listed.value());
    let described = states.call("DescribeStateMachine", machine.clone()).await?;
    ensure!(described["definition"].as_str() == Some(&definition), "{:?}", described.value());
    states.call("DeleteStateMachine", machine.clone()).await?;
    let error = states.call("DescribeStateMachine", machine).await.unwrap_err();
    ensure!(error.code() == Some("StateMachineDoesNotExist"), "{error:?}");
    Ok(())
}

async fn cloudwatch_adds_up_what_was_put(world: World) -> TestResult {
    let watch = world.session.client("cloudwatch").await?;
    let name = world.fresh_name();
    let rows: Vec<_> = [1.5, 2.5].map(|value| json!({"MetricName": "frames", "Value": value})).into();
    watch.call("PutMetricData", json!({"Namespace": name, "MetricData": rows})).await?;
    let listed = watch.call("ListMetrics", json!({"Namespace": name})).await?;
    ensure!(listed["Metrics"][0]["MetricName"].as_str() == Some("frames"), "{:?}", listed.value());
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed()?.as_secs())?;
    let input = json!({"Namespace": name, "MetricName": "frames", "StartTime": now - 600,
        "EndTime": now + 600, "Period": 3600, "Statistics": ["Sum", "Maximum"]});
    let told = watch.call("GetMetricStatistics", input).await?;
    let point = &told["Datapoints"][0];
    ensure!(
        point["Sum"].as_f64() == Some(4.0) && point["Maximum"].as_f64() == Some(2.5),
        "{:?}",
        told.value()
    );
    let input = json!({"AlarmName": name, "Namespace": name, "MetricName": "frames", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 3, "Statistic": "Sum",
        "ComparisonOperator": "GreaterThanThreshold"});
    watch.call("PutMetricAlarm", input).await?;
    let alarms = watch.call("DescribeAlarms", json!({"AlarmNames": [name]})).await?;
    ensure!(is_arn(&alarms["MetricAlarms"][0]["AlarmArn"], "cloudwatch"), "{:?}", alarms.value());
    watch.call("DeleteAlarms", json!({"AlarmNames": [name]})).await?;
    Ok(())
}

async fn acm_asks_for_a_certificate(world: World) -> TestResult {
    let acm = world.session.client("acm").await?;
    let input = json!({"DomainName": "films.example.com", "ValidationMethod": "DNS"});
    let asked = acm.call("RequestCertificate", input).await?;
    let arn = json!({"CertificateArn": asked["CertificateArn"]});
    ensure!(is_arn(&asked["CertificateArn"], "acm"), "{:?}", asked.value());
    let told = acm.call("DescribeCertificate", arn.clone()).await?;
    ensure!(told["Certificate"]["Type"].as_str() == Some("AMAZON_ISSUED"), "{:?}", told.value());
    acm.call("DeleteCertificate", arn.clone()).await?;
    let error = acm.call("DescribeCertificate", arn).await.unwrap_err();
    ensure!(error.is_not_found(), "{error:?}");
    Ok(())
}

async fn ecr_says_where_a_repository_is(world: World) -> TestResult {
    let ecr = world.session.client("ecr").await?;
    let name = world.fresh_name();
    let made = ecr.call("CreateRepository", json!({"repositoryName": name})).await?;
    let place = format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/{name}");
    ensure!(made["repository"]["repositoryUri"].as_str() == Some(&place), "{:?}", made.value());
    let listed = ecr.call("DescribeRepositories", json!({"repositoryNames": [name]})).await?;
    ensure!(listed["repositories"][0]["repositoryArn"] == made["repository"]["repositoryArn"]);
    ecr.call("DeleteRepository", json!({"repositoryName": name})).await?;
    let error = ecr.call("DescribeRepositories", json!({"repositoryNames": [name]})).await.unwrap_err();
    ensure!(error.code() == Some("RepositoryNotFoundException") && error.is_not_found(), "{error:?}");
    Ok(())
}

async fn glue_has_databases_and_tables(world: World) -> TestResult {
    let glue = world.session.client("glue").await?;
    let name = world.fresh_name();
    glue.call("CreateDatabase", json!({"DatabaseInput": {"Name": name}})).await?;
    let table = json!({"Name": "films", "StorageDescriptor": {"Columns": [{"Name": "year", "Type": "int"}]}});
    glue.call("CreateTable", json!({"DatabaseName": name, "TableInput": table})).await?;
    let got = glue.call("GetTable", json!({"DatabaseName": name, "Name": "films"})).await?;
    let column = &got["Table"]["StorageDescriptor"]["Columns"][0];
    ensure!(column["Type"].as_str() == Some("int"), "{:?}", got.value());
    ensure!(got["Table"]["VersionId"].as_str() == Some("1"), "{:?}", got.value());
    glue.call("DeleteTable", json!({"DatabaseName": name, "Name": "films"})).await?;
    glue.call("DeleteDatabase", json!({"Name": name})).await?;
    let error = glue.call("GetDatabase", json!({"Name": name})).await.unwrap_err();
    ensure!(error.is_not_found() && error.code() == Some("EntityNotFoundException"), "{error:?}");
    Ok(())
}

async fn athena_has_work_groups(world: World) -> TestResult {
    let athena = world.session.client("athena").await?;
    let name = world.fresh_name();
    athena.call("CreateWorkGroup", json!({"Name": name, "Configuration": {}})).await?;
    let got = athena.call("GetWorkGroup", json!({"WorkGroup": name})).await?;
    ensure!(got["WorkGroup"]["State"].as_str() == Some("ENABLED"), "{:?}", got.value());
    let listed = athena.call("ListWorkGroups", json!({})).await?;
    let mut names = listed["WorkGroups"].as_list().unwrap_or_default().iter();
    ensure!(names.any(|group| group["Name"].as_str() == Some(&name)), "{:?}", listed.value());
    athena.call("DeleteWorkGroup", json!({"WorkGroup": name})).await?;
    Ok(())
}

async fn cognito_idp_has_pools_and_clients(world: World) -> TestResult {
    let cognito = world.session.client("cognito-idp").await?;
    let made = cognito.call("CreateUserPool", json!({"PoolName": world.fresh_name()})).await?;
    let pool = json!({"UserPoolId": made["UserPool"]["Id"]});
    ensure!(is_arn(&made["UserPool"]["Arn"], "cognito-idp"), "{:?}", made.value());
    let mut input = pool.clone();
    input["Username"] = json!("agnes");
    let user = cognito.call("AdminCreateUser", input.clone()).await?;
    ensure!(user["User"]["UserStatus"].as_str() == Some("FORCE_CHANGE_PASSWORD"), "{:?}", user.value());
    let got = cognito.call("AdminGetUser", input.clone()).await?;
    ensure!(got["UserCreateDate"].as_timestamp().is_some(), "{:?}", got.value());
    cognito.call("AdminDeleteUser", input.clone()).await?;
    let error = cognito.call("AdminGetUser", input).await.unwrap_err();
    ensure!(error.code() == Some("UserNotFoundException"), "{error:?}");
    cognito.call("DeleteUserPool", pool).await?;
    Ok(())
}
