//! Services that speak Query, and EC2 with its own dialect of it, made, listed and removed on moto.

use anyhow::{Context, ensure};
use futures_util::TryStreamExt;
use serde_json::json;
use session_core::SessionExt;
use session_core::dynamic::ServiceFault;

use crate::case::{TestResult, cases};
use crate::world::World;

cases! {
    ec2_has_instances_in_a_subnet,
    ec2_pages_filters_and_counts,
    ec2_errors_have_their_code_and_request_id,
    sns_publishes_to_a_topic,
    iam_has_users_roles_and_keys,
    sts_tells_who_asks_and_lends_credentials,
    cloudformation_makes_what_a_template_says,
    rds_has_an_instance_with_an_endpoint,
    elbv2_has_a_balancer_and_a_target_group,
    autoscaling_has_a_configuration_and_a_group,
}

async fn ec2_has_instances_in_a_subnet(world: World) -> TestResult {
    let ec2 = world.session.client("ec2").await?;
    let made = ec2.call("CreateVpc", json!({"CidrBlock": "10.7.0.0/16"})).await?;
    let vpc = json!({"VpcId": made["Vpc"]["VpcId"]});
    let mut input = vpc.clone();
    input["CidrBlock"] = json!("10.7.1.0/24");
    let subnet = ec2.call("CreateSubnet", input).await?;
    ensure!(subnet["Subnet"]["AvailableIpAddressCount"].as_i64() == Some(251), "{:?}", subnet.value());
    let mut input = vpc.clone();
    (input["GroupName"], input["Description"]) = (json!(world.fresh_name()), json!("films"));
    let group = ec2.call("CreateSecurityGroup", input).await?;
    let rule =
        json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]});
    let input = json!({"GroupId": group["GroupId"], "IpPermissions": [rule]});
    ec2.call("AuthorizeSecurityGroupIngress", input).await?;
    let told = ec2.call("DescribeSecurityGroups", json!({"GroupIds": [group["GroupId"]]})).await?;
    let rule = &told["SecurityGroups"][0]["IpPermissions"][0];
    ensure!(rule["FromPort"].as_i64() == Some(22), "{:?}", told.value());
    ensure!(rule["IpRanges"][0]["CidrIp"].as_str() == Some("10.0.0.0/8"), "{:?}", told.value());
    let tags = json!([{"ResourceType": "instance", "Tags": [{"Key": "film", "Value": "Cléo & 7"}]}]);
    let input = json!({"ImageId": "ami-12c6146b", "MinCount": 2, "MaxCount": 2, "TagSpecifications": tags,
        "SubnetId": subnet["Subnet"]["SubnetId"], "SecurityGroupIds": [group["GroupId"]]});
    let run = ec2.call("RunInstances", input).await?;
    let instances = run["Instances"].as_list().context("there are no instances")?;
    ensure!(instances.len() == 2 && instances[0]["LaunchTime"].as_timestamp().is_some(), "{instances:?}");
    let ids: Vec<_> = instances.iter().map(|instance| json!(instance["InstanceId"])).collect();
    let told = ec2.call("DescribeInstances", json!({"InstanceIds": ids})).await?;
    let first = &told["Reservations"][0]["Instances"][0];
    ensure!(first["State"]["Name"].as_str() == Some("running"), "{first:?}");
    ensure!(first["PrivateIpAddress"].as_str().is_some_and(|ip| ip.starts_with("10.7.1.")), "{first:?}");
    ensure!(first["Tags"][0]["Value"].as_str() == Some("Cléo & 7"), "{first:?}");
    let ended = ec2.call("TerminateInstances", json!({"InstanceIds": ids})).await?;
    ensure!(ended["TerminatingInstances"].as_list().is_some_and(|rows| rows.len() == 2));
    ec2.call("DeleteSubnet", json!({"SubnetId": subnet["Subnet"]["SubnetId"]})).await?;
    ec2.call("DeleteSecurityGroup", json!({"GroupId": group["GroupId"]})).await?;
    ec2.call("DeleteVpc", vpc).await?;
    Ok(())
}

async fn ec2_pages_filters_and_counts(world: World) -> TestResult {
    let ec2 = world.session.client("ec2").await?;
    let regions = ec2.call("describe_regions", json!({"RegionNames": ["eu-west-1"]})).await?;
    ensure!(
        regions["Regions"][0]["Endpoint"].as_str() == Some("ec2.eu-west-1.amazonaws.com"),
        "{:?}",
        regions.value()
    );
    let input = json!({"AvailabilityZone": "eu-west-1a", "Size": 7, "Encrypted": true});
    let volume = ec2.call("CreateVolume", input).await?;
    ensure!(volume["Encrypted"].as_bool() == Some(true) && volume["Size"].as_i64() == Some(7));
    let filters = json!([{"Name": "volume-id", "Values": [volume["VolumeId"]]}]);
    let paginator = ec2.paginator("DescribeVolumes")?.input(json!({"Filters": filters}));
    let found: Vec<_> = paginator.items().try_collect().await?;
    ensure!(found.len() == 1 && found[0]["State"].as_str() == Some("available"), "{found:?}");
    ec2.call("DeleteVolume", json!({"VolumeId": volume["VolumeId"]})).await?;
    let name = world.fresh_name();
    let key = ec2.call("CreateKeyPair", json!({"KeyName": name})).await?;
    ensure!(key["KeyMaterial"].as_str().is_some_and(|pem| pem.starts_with("-----BEGIN")));
    ec2.call("DeleteKeyPair", json!({"KeyName": name})).await?;
    Ok(())
}

async fn ec2_errors_have_their_code_and_request_id(world: World) -> TestResult {
    let ec2 = world.session.client("ec2").await?;
    let input = json!({"InstanceIds": ["i-0123456789abcdef0"]});
    let error = ec2.call("DescribeInstances", input).await.unwrap_err();
    ensure!(error.code() == Some("InvalidInstanceID.NotFound") && error.is_not_found(), "{error:?}");
    ensure!(error.status() == Some(400) && error.request_id().is_some(), "{error:?}");
    let fault = ServiceFault::of(&error).context("no fault among the causes")?;
    ensure!(fault.message().is_some_and(|told| told.contains("i-0123456789abcdef0")), "{fault:?}");
    Ok(())
}

async fn sns_publishes_to_a_topic(world: World) -> TestResult {
    let sns = world.session.client("sns").await?;
    let name = world.fresh_name();
    let made = sns.call("CreateTopic", json!({"Name": name, "Attributes": {"DisplayName": "films"}})).await?;
    let topic = json!({"TopicArn": made["TopicArn"]});
    let arn = format!("arn:aws:sns:eu-west-1:123456789012:{name}");
    ensure!(made["TopicArn"].as_str() == Some(&arn), "{:?}", made.value());
    let mut input = topic.clone();
    (input["Protocol"], input["Endpoint"]) =
        (json!("sqs"), json!("arn:aws:sqs:eu-west-1:123456789012:films"));
    let subscribed = sns.call("Subscribe", input).await?;
    let listed = sns.call("ListSubscriptionsByTopic", topic.clone()).await?;
    ensure!(listed["Subscriptions"][0]["SubscriptionArn"] == subscribed["SubscriptionArn"]);
    let attributes = sns.call("GetTopicAttributes", topic.clone()).await?;
    ensure!(attributes["Attributes"]["Owner"].as_str() == Some("123456789012"), "{:?}", attributes.value());
    ensure!(attributes["Attributes"]["DisplayName"].as_str() == Some("films"), "{:?}", attributes.value());
    sns.call("Unsubscribe", json!({"SubscriptionArn": subscribed["SubscriptionArn"]})).await?;
    let mut input = topic.clone();
    input["Message"] = json!("a & b");
    let published = sns.call("Publish", input).await?;
    ensure!(published["MessageId"].as_str().is_some_and(|id| id.len() == 36), "{:?}", published.value());
    sns.call("DeleteTopic", topic.clone()).await?;
    let error = sns.call("GetTopicAttributes", topic).await.unwrap_err();
    ensure!(error.is_not_found() && error.status() == Some(404), "{error:?}");
    Ok(())
}

async fn iam_has_users_roles_and_keys(world: World) -> TestResult {
    let iam = world.session.client("iam").await?;
    let name = world.fresh_name();
    let user = json!({"UserName": name});
    let made = iam.call("CreateUser", user.clone()).await?;
    let arn = format!("arn:aws:iam::123456789012:user/{name}");
    ensure!(made["User"]["Arn"].as_str() == Some(&arn), "{:?}", made.value());
    ensure!(made["User"]["CreateDate"].as_timestamp().is_some(), "{:?}", made.value());
    let key = iam.call("CreateAccessKey", user.clone()).await?;
    ensure!(key["AccessKey"]["AccessKeyId"].as_str().is_some_and(|id| id.starts_with("AKIA")));
    let keys: Vec<_> = iam.paginator("ListAccessKeys")?.input(user.clone()).items().try_collect().await?;
    ensure!(keys.len() == 1 && keys[0]["Status"].as_str() == Some("Active"), "{keys:?}");
    let input = json!({"UserName": name, "AccessKeyId": key["AccessKey"]["AccessKeyId"]});
    iam.call("DeleteAccessKey", input).await?;
    iam.call("DeleteUser", user.clone()).await?;
    let error = iam.call("GetUser", user).await.unwrap_err();
    ensure!(error.code() == Some("NoSuchEntity") && error.status() == Some(404), "{error:?}");
    let policy = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    let input = json!({"RoleName": name, "AssumeRolePolicyDocument": policy, "MaxSessionDuration": 7200});
    iam.call("CreateRole", input).await?;
    let role = iam.call("GetRole", json!({"RoleName": name})).await?;
    ensure!(role["Role"]["MaxSessionDuration"].as_i64() == Some(7200), "{:?}", role.value());
    iam.call("DeleteRole", json!({"RoleName": name})).await?;
    Ok(())
}

async fn sts_tells_who_asks_and_lends_credentials(world: World) -> TestResult {
    let sts = world.session.client("sts").await?;
    let who = sts.call("get_caller_identity", json!({})).await?;
    ensure!(who["Account"].as_str() == Some("123456789012"), "{:?}", who.value());
    let input = json!({"RoleArn": "arn:aws:iam::123456789012:role/films", "RoleSessionName": "agnes",
        "DurationSeconds": 900});
    let lent = sts.call("AssumeRole", input).await?;
    ensure!(lent["Credentials"]["Expiration"].as_timestamp().is_some());
    let arn = lent["AssumedRoleUser"]["Arn"].as_str();
    ensure!(arn == Some("arn:aws:sts::123456789012:assumed-role/films/agnes"), "{arn:?}");
    let token = sts.call("GetSessionToken", json!({"DurationSeconds": 900})).await?;
    ensure!(token["Credentials"]["AccessKeyId"].as_str().is_some_and(|id| id.starts_with('A')));
    Ok(())
}

async fn cloudformation_makes_what_a_template_says(world: World) -> TestResult {
    let formation = world.session.client("cloudformation").await?;
    let name = json!({"StackName": world.fresh_name()});
    let template = json!({"Parameters": {"Wait": {"Type": "String"}},
        "Resources": {"Films": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"Url": {"Value": {"Ref": "Films"}}}});
    let mut input = name.clone();
    input["TemplateBody"] = json!(template.to_string());
    input["Parameters"] = json!([{"ParameterKey": "Wait", "ParameterValue": "7"}]);
    let made = formation.call("CreateStack", input).await?;
    let told = formation.call("DescribeStacks", name.clone()).await?;
    let stack = &told["Stacks"][0];
    ensure!(stack["StackId"] == made["StackId"], "{stack:?}");
    ensure!(stack["StackStatus"].as_str() == Some("CREATE_COMPLETE"), "{stack:?}");
    ensure!(stack["Parameters"][0]["ParameterValue"].as_str() == Some("7"), "{stack:?}");
    let resources = formation.call("ListStackResources", name.clone()).await?;
    let queue = &resources["StackResourceSummaries"][0];
    ensure!(queue["ResourceType"].as_str() == Some("AWS::SQS::Queue"), "{queue:?}");
    ensure!(stack["Outputs"][0]["OutputValue"] == queue["PhysicalResourceId"], "{stack:?} {queue:?}");
    formation.call("DeleteStack", name.clone()).await?;
    let error = formation.call("DescribeStacks", name).await.unwrap_err();
    ensure!(error.code() == Some("ValidationError"), "{error:?}");
    Ok(())
}

async fn rds_has_an_instance_with_an_endpoint(world: World) -> TestResult {
    let rds = world.session.client("rds").await?;
    let name = world.fresh_name();
    let input = json!({"DBInstanceIdentifier": name, "DBInstanceClass": "db.t3.micro", "Engine": "postgres",
        "AllocatedStorage": 20, "MasterUsername": "agnes", "MasterUserPassword": "not-a-secret"});
    let made = rds.call("CreateDBInstance", input).await?;
    let arn = format!("arn:aws:rds:eu-west-1:123456789012:db:{name}");
    ensure!(made["DBInstance"]["DBInstanceArn"].as_str() == Some(&arn), "{:?}", made.value());
    let name = json!({"DBInstanceIdentifier": name});
    let told = rds.call("describe_db_instances", name.clone()).await?;
    ensure!(told["DBInstances"][0]["Endpoint"]["Port"].as_i64() == Some(5432), "{:?}", told.value());
    let mut input = name.clone();
    input["SkipFinalSnapshot"] = json!(true);
    rds.call("DeleteDBInstance", input).await?;
    let error = rds.call("DescribeDBInstances", name).await.unwrap_err();
    ensure!(error.is_not_found() && error.status() == Some(404), "{error:?}");
    Ok(())
}

async fn elbv2_has_a_balancer_and_a_target_group(world: World) -> TestResult {
    let (ec2, elb) = (world.session.client("ec2").await?, world.session.client("elbv2").await?);
    let filters = json!([{"Name": "default-for-az", "Values": ["true"]}]);
    let subnets = ec2.call("DescribeSubnets", json!({"Filters": filters})).await?;
    let ids = json!([subnets["Subnets"][0]["SubnetId"], subnets["Subnets"][1]["SubnetId"]]);
    let made = elb.call("CreateLoadBalancer", json!({"Name": "films", "Subnets": ids})).await?;
    let balancer = &made["LoadBalancers"][0];
    ensure!(balancer["DNSName"].as_str().is_some_and(|name| name.starts_with("films-")), "{balancer:?}");
    let input = json!({"Name": "films", "Protocol": "HTTP", "Port": 80, "VpcId": balancer["VpcId"]});
    let group = elb.call("CreateTargetGroup", input).await?;
    let group = &group["TargetGroups"][0];
    ensure!(group["HealthyThresholdCount"].as_i64() == Some(5), "{group:?}");
    let told = elb.call("DescribeLoadBalancers", json!({"Names": ["films"]})).await?;
    ensure!(told["LoadBalancers"][0]["LoadBalancerArn"] == balancer["LoadBalancerArn"], "{:?}", told.value());
    elb.call("DeleteTargetGroup", json!({"TargetGroupArn": group["TargetGroupArn"]})).await?;
    elb.call("DeleteLoadBalancer", json!({"LoadBalancerArn": balancer["LoadBalancerArn"]})).await?;
    let error = elb.call("DescribeLoadBalancers", json!({"Names": ["films"]})).await.unwrap_err();
    ensure!(error.is_not_found(), "{error:?}");
    Ok(())
}

async fn autoscaling_has_a_configuration_and_a_group(world: World) -> TestResult {
    let scaling = world.session.client("autoscaling").await?;
    let name = world.fresh_name();
    let launch = json!({"LaunchConfigurationName": name});
    let mut input = launch.clone();
    (input["ImageId"], input["InstanceType"]) = (json!("ami-12c6146b"), json!("t3.micro"));
    scaling.call("CreateLaunchConfiguration", input).await?;
    let input = json!({"AutoScalingGroupName": name, "LaunchConfigurationName": name, "MinSize": 0,
        "MaxSize": 2, "AvailabilityZones": ["eu-west-1a"]});
    scaling.call("CreateAutoScalingGroup", input).await?;
    let told = scaling.call("DescribeAutoScalingGroups", json!({"AutoScalingGroupNames": [name]})).await?;
    let group = &told["AutoScalingGroups"][0];
    ensure!(
        group["MaxSize"].as_i64() == Some(2) && group["DefaultCooldown"].as_i64() == Some(300),
        "{group:?}"
    );
    scaling
        .call("DeleteAutoScalingGroup", json!({"AutoScalingGroupName": name, "ForceDelete": true}))
        .await?;
    scaling.call("DeleteLaunchConfiguration", launch).await?;
    Ok(())
}
