//! Where services differ from their models, and clients by name make up for it: on moto, which has such services.

use anyhow::ensure;
use serde_json::json;
use session_core::SessionExt;

use crate::case::{TestResult, cases};
use crate::world::World;

cases! {
    ids_of_route_53_are_taken_as_they_were_given,
    policies_of_iam_are_read_as_maps,
    templates_of_cloudformation_are_read_as_maps,
    user_data_arrives_as_it_was_given,
    an_archive_is_taken_with_its_tree_hash,
    a_snapshot_is_copied_from_another_region,
    a_console_speaks_in_text,
}

async fn ids_of_route_53_are_taken_as_they_were_given(world: World) -> TestResult {
    let route53 = world.session.client("route53").await?;
    let name = format!("{}.example.com.", world.fresh_name());
    let zone = json!({"Name": name, "CallerReference": world.fresh_name()});
    let made = route53.call("CreateHostedZone", zone).await?;
    let (zone, change) = (&made["HostedZone"]["Id"], &made["ChangeInfo"]["Id"]);
    ensure!(zone.as_str().is_some_and(|id| id.starts_with("/hostedzone/")), "{:?}", made.value());
    let got = route53.call("GetHostedZone", json!({"Id": zone})).await?;
    ensure!(got["HostedZone"]["Name"].as_str() == Some(name.as_str()), "{:?}", got.value());
    ensure!(change.as_str().is_some_and(|id| id.starts_with("/change/")), "{:?}", made.value());
    route53.call("GetChange", json!({"Id": change})).await?;
    route53.call("DeleteHostedZone", json!({"Id": zone})).await?;
    Ok(())
}

async fn policies_of_iam_are_read_as_maps(world: World) -> TestResult {
    let iam = world.session.client("iam").await?;
    let name = world.fresh_name();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "a+b & c%20d", "Effect": "Allow",
        "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]});
    let role = json!({"RoleName": name, "AssumeRolePolicyDocument": policy.to_string()});
    iam.call("CreateRole", role).await?;
    let got = iam.call("GetRole", json!({"RoleName": name})).await?;
    let document = &got["Role"]["AssumeRolePolicyDocument"];
    ensure!(document["Statement"][0]["Sid"].as_str() == Some("a+b & c%20d"), "{document:?}");
    let own = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    let inline = json!({"RoleName": name, "PolicyName": "p", "PolicyDocument": own.to_string()});
    iam.call("PutRolePolicy", inline).await?;
    let got = iam.call("GetRolePolicy", json!({"RoleName": name, "PolicyName": "p"})).await?;
    ensure!(got["PolicyDocument"]["Statement"][0]["Action"].as_str() == Some("s3:*"), "{:?}", got.value());
    iam.call("DeleteRolePolicy", json!({"RoleName": name, "PolicyName": "p"})).await?;
    iam.call("DeleteRole", json!({"RoleName": name})).await?;
    Ok(())
}

async fn templates_of_cloudformation_are_read_as_maps(world: World) -> TestResult {
    let cloudformation = world.session.client("cloudformation").await?;
    let stack = json!({"StackName": world.fresh_name()});
    let template = json!({"AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {}}}});
    let mut input = stack.clone();
    input["TemplateBody"] = json!(template.to_string());
    cloudformation.call("CreateStack", input).await?;
    let got = cloudformation.call("GetTemplate", stack.clone()).await?;
    let kind = &got["TemplateBody"]["Resources"]["Queue"]["Type"];
    ensure!(kind.as_str() == Some("AWS::SQS::Queue"), "{:?}", got.value());
    cloudformation.call("DeleteStack", stack).await?;
    Ok(())
}

async fn user_data_arrives_as_it_was_given(world: World) -> TestResult {
    let ec2 = world.session.client("ec2").await?;
    let run =
        json!({"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1, "UserData": "#!/bin/sh\necho ü"});
    let run = ec2.call("RunInstances", run).await?;
    let instance = &run["Instances"][0]["InstanceId"];
    let input = json!({"InstanceId": instance, "Attribute": "userData"});
    let told = ec2.call("DescribeInstanceAttribute", input).await?;
    let encoded = told["UserData"]["Value"].as_str().unwrap_or_default();
    ensure!(encoded == "IyEvYmluL3NoCmVjaG8gw7w=", "{:?}", told.value());
    ec2.call("TerminateInstances", json!({"InstanceIds": [instance]})).await?;
    Ok(())
}

async fn an_archive_is_taken_with_its_tree_hash(world: World) -> TestResult {
    let glacier = world.session.client("glacier").await?;
    let vault = json!({"vaultName": world.fresh_name()});
    glacier.call("CreateVault", vault.clone()).await?;
    let upload = glacier.operation("UploadArchive")?.input(vault.clone()).body(b"film".to_vec());
    let sent = upload.send().await?;
    ensure!(sent["archiveId"].as_str().is_some_and(|id| !id.is_empty()), "{:?}", sent.value());
    let told = glacier.call("DescribeVault", vault.clone()).await?;
    ensure!(told["NumberOfArchives"].as_i64() == Some(1), "{:?}", told.value());
    let mut archive = vault.clone();
    archive["archiveId"] = json!(sent["archiveId"]);
    glacier.call("DeleteArchive", archive).await?;
    glacier.call("DeleteVault", vault).await?;
    Ok(())
}

async fn a_snapshot_is_copied_from_another_region(world: World) -> TestResult {
    let there = world.session.client("ec2").region_name("us-west-2").await?;
    let volume = there.call("CreateVolume", json!({"AvailabilityZone": "us-west-2a", "Size": 1})).await?;
    let volume = json!({"VolumeId": volume["VolumeId"]});
    let snapshot = there.call("CreateSnapshot", volume.clone()).await?;
    let here = world.session.client("ec2").region_name("eu-west-1").await?;
    let input = json!({"SourceRegion": "us-west-2", "SourceSnapshotId": snapshot["SnapshotId"]});
    let copied = here.call("CopySnapshot", input).await?;
    let copy = json!({"SnapshotIds": [copied["SnapshotId"]]});
    let told = here.call("DescribeSnapshots", copy).await?;
    ensure!(told["Snapshots"].as_list().is_some_and(|rows| rows.len() == 1), "{:?}", told.value());
    here.call("DeleteSnapshot", json!({"SnapshotId": copied["SnapshotId"]})).await?;
    there.call("DeleteSnapshot", json!({"SnapshotId": snapshot["SnapshotId"]})).await?;
    there.call("DeleteVolume", volume).await?;
    Ok(())
}

async fn a_console_speaks_in_text(world: World) -> TestResult {
    let ec2 = world.session.client("ec2").await?;
    let run = json!({"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1});
    let run = ec2.call("RunInstances", run).await?;
    let instance = &run["Instances"][0]["InstanceId"];
    let told = ec2.call("GetConsoleOutput", json!({"InstanceId": instance})).await?;
    ensure!(told["Output"].as_str().is_some_and(|text| text.contains("Linux version")), "{:?}", told.value());
    ec2.call("TerminateInstances", json!({"InstanceIds": [instance]})).await?;
    Ok(())
}
