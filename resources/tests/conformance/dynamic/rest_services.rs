//! Services that speak REST, with JSON or XML, made, listed and removed on moto.

use anyhow::ensure;
use futures_util::TryStreamExt;
use serde_json::json;
use session_core::SessionExt;

use crate::case::{TestResult, cases};
use crate::world::World;

cases! {
    route53_has_zones_and_records,
    cloudfront_has_access_controls,
    lambda_lists_its_functions,
    efs_has_file_systems,
    batch_counts_the_revisions_of_a_job,
    apigateway_has_apis_and_resources,
    iot_has_things,
    eks_has_clusters,
}

async fn route53_has_zones_and_records(world: World) -> TestResult {
    let route53 = world.session.client("route53").await?;
    let name = format!("{}.example.com.", world.fresh_name());
    let input = json!({"Name": name, "CallerReference": name});
    let made = route53.call("CreateHostedZone", input).await?;
    ensure!(made.status() == 201 && made["HostedZone"]["Name"].as_str() == Some(&name), "{:?}", made.value());
    ensure!(made["DelegationSet"]["NameServers"].as_list().is_some_and(|servers| !servers.is_empty()));
    let id = made["HostedZone"]["Id"].as_str().unwrap_or_default().trim_start_matches("/hostedzone/");
    let record = json!({"Name": format!("www.{name}"), "Type": "A", "TTL": 60,
        "ResourceRecords": [{"Value": "10.0.0.1"}, {"Value": "10.0.0.2"}]});
    let change = |action: &str| {
        json!({"HostedZoneId": id,
            "ChangeBatch": {"Changes": [{"Action": action, "ResourceRecordSet": record}]}})
    };
    let changed = route53.call("ChangeResourceRecordSets", change("CREATE")).await?;
    ensure!(changed["ChangeInfo"]["SubmittedAt"].as_timestamp().is_some(), "{:?}", changed.value());
    let paginator = route53.paginator("ListResourceRecordSets")?.input(json!({"HostedZoneId": id}));
    let found: Vec<_> = paginator.items().try_collect().await?;
    let www = found.iter().find(|row| row["Type"].as_str() == Some("A"));
    ensure!(
        www.is_some_and(|row| row["ResourceRecords"][1]["Value"].as_str() == Some("10.0.0.2")),
        "{found:?}"
    );
    let got = route53.call("GetHostedZone", json!({"Id": id})).await?;
    ensure!(got["HostedZone"]["ResourceRecordSetCount"].as_i64() == Some(3), "{:?}", got.value());
    route53.call("ChangeResourceRecordSets", change("DELETE")).await?;
    route53.call("DeleteHostedZone", json!({"Id": id})).await?;
    let error = route53.call("GetHostedZone", json!({"Id": id})).await.unwrap_err();
    ensure!(error.code() == Some("NoSuchHostedZone") && error.status() == Some(404), "{error:?}");
    Ok(())
}

async fn cloudfront_has_access_controls(world: World) -> TestResult {
    let front = world.session.client("cloudfront").await?;
    let name = world.fresh_name();
    let config = json!({"Name": name, "SigningProtocol": "sigv4", "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3"});
    let input = json!({"OriginAccessControlConfig": config});
    let made = front.call("CreateOriginAccessControl", input).await?;
    let id = json!({"Id": made["OriginAccessControl"]["Id"]});
    let got = front.call("GetOriginAccessControl", id.clone()).await?;
    let config = &got["OriginAccessControl"]["OriginAccessControlConfig"];
    ensure!(config["Name"].as_str() == Some(&name), "{:?}", got.value());
    let mut input = id.clone();
    input["IfMatch"] = json!(got["ETag"]);
    front.call("DeleteOriginAccessControl", input).await?;
    let error = front.call("GetOriginAccessControl", id).await.unwrap_err();
    ensure!(error.status() == Some(404) && error.is_not_found(), "{error:?}");
    Ok(())
}

async fn lambda_lists_its_functions(world: World) -> TestResult {
    let lambda = world.session.client("lambda").await?;
    let listed = lambda.call("ListFunctions", json!({"MaxItems": 10})).await?;
    ensure!(listed["Functions"].as_list().is_some(), "{:?}", listed.value());
    let error = lambda.call("GetFunction", json!({"FunctionName": "ghost"})).await.unwrap_err();
    ensure!(error.is_not_found() && error.code() == Some("ResourceNotFoundException"), "{error:?}");
    let error = lambda.call("DeleteFunction", json!({"FunctionName": "ghost"})).await.unwrap_err();
    ensure!(error.status() == Some(404), "{error:?}");
    Ok(())
}

async fn efs_has_file_systems(world: World) -> TestResult {
    let efs = world.session.client("efs").await?;
    let input = json!({"Encrypted": true, "Tags": [{"Key": "Name", "Value": "films"}]});
    let made = efs.call("CreateFileSystem", input).await?;
    let id = json!({"FileSystemId": made["FileSystemId"]});
    ensure!(made["Name"].as_str() == Some("films") && made.status() == 201, "{:?}", made.value());
    let told = efs.call("DescribeFileSystems", id.clone()).await?;
    ensure!(told["FileSystems"][0]["LifeCycleState"].as_str() == Some("available"), "{:?}", told.value());
    ensure!(told["FileSystems"][0]["CreationTime"].as_timestamp().is_some(), "{:?}", told.value());
    efs.call("DeleteFileSystem", id.clone()).await?;
    let error = efs.call("DescribeFileSystems", id).await.unwrap_err();
    ensure!(error.is_not_found() && error.code() == Some("FileSystemNotFound"), "{error:?}");
    Ok(())
}

async fn batch_counts_the_revisions_of_a_job(world: World) -> TestResult {
    let batch = world.session.client("batch").await?;
    let name = world.fresh_name();
    let container = json!({"image": "busybox", "vcpus": 1, "memory": 64, "command": ["true"]});
    let input = json!({"jobDefinitionName": name, "type": "container", "containerProperties": container});
    let made = batch.call("RegisterJobDefinition", input).await?;
    ensure!(made["revision"].as_i64() == Some(1), "{:?}", made.value());
    let told = batch.call("DescribeJobDefinitions", json!({"jobDefinitionName": name})).await?;
    let definition = &told["jobDefinitions"][0];
    ensure!(definition["jobDefinitionArn"] == made["jobDefinitionArn"], "{definition:?}");
    ensure!(definition["status"].as_str() == Some("ACTIVE"), "{definition:?}");
    batch.call("DeregisterJobDefinition", json!({"jobDefinition": made["jobDefinitionArn"]})).await?;
    Ok(())
}

async fn apigateway_has_apis_and_resources(world: World) -> TestResult {
    let gateway = world.session.client("apigateway").await?;
    let made = gateway.call("CreateRestApi", json!({"name": "films"})).await?;
    let api = json!({"restApiId": made["id"]});
    ensure!(made["createdDate"].as_timestamp().is_some(), "{:?}", made.value());
    let resources = gateway.call("GetResources", api.clone()).await?;
    ensure!(resources["items"][0]["path"].as_str() == Some("/"), "{:?}", resources.value());
    let mut input = api.clone();
    (input["parentId"], input["pathPart"]) = (json!(resources["items"][0]["id"]), json!("shots"));
    let child = gateway.call("CreateResource", input).await?;
    ensure!(child["path"].as_str() == Some("/shots"), "{:?}", child.value());
    gateway.call("DeleteRestApi", api.clone()).await?;
    let error = gateway.call("GetRestApi", api).await.unwrap_err();
    ensure!(error.is_not_found() && error.code() == Some("NotFoundException"), "{error:?}");
    Ok(())
}

async fn iot_has_things(world: World) -> TestResult {
    let iot = world.session.client("iot").await?;
    let name = json!({"thingName": world.fresh_name()});
    let mut input = name.clone();
    input["attributePayload"] = json!({"attributes": {"film": "7"}});
    let made = iot.call("CreateThing", input).await?;
    let told = iot.call("DescribeThing", name.clone()).await?;
    ensure!(
        told["thingArn"] == made["thingArn"] && told["version"].as_i64() == Some(1),
        "{:?}",
        told.value()
    );
    ensure!(told["attributes"]["film"].as_str() == Some("7"), "{:?}", told.value());
    iot.call("DeleteThing", name.clone()).await?;
    let error = iot.call("DescribeThing", name).await.unwrap_err();
    ensure!(error.is_not_found(), "{error:?}");
    Ok(())
}

async fn eks_has_clusters(world: World) -> TestResult {
    let eks = world.session.client("eks").await?;
    let name = world.fresh_name();
    let input = json!({"name": name, "roleArn": "arn:aws:iam::123456789012:role/films",
        "resourcesVpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}});
    let made = eks.call("CreateCluster", input).await?;
    let arn = format!("arn:aws:eks:eu-west-1:123456789012:cluster/{name}");
    ensure!(made["cluster"]["arn"].as_str() == Some(&arn), "{:?}", made.value());
    let listed = eks.call("ListClusters", json!({})).await?;
    let mut names = listed["clusters"].as_list().unwrap_or_default().iter();
    ensure!(names.any(|found| found.as_str() == Some(&name)), "{:?}", listed.value());
    eks.call("DeleteCluster", json!({"name": name})).await?;
    let error = eks.call("DescribeCluster", json!({"name": name})).await.unwrap_err();
    ensure!(error.is_not_found() && error.code() == Some("ResourceNotFoundException"), "{error:?}");
    Ok(())
}
