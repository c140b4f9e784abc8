//! Scopes: what works while one is open, and what is left when it ends.

use anyhow::ensure;
use resources::{DynamoDb, S3};
use session_core::{Client, Error, ErrorKind, Resource, Session, SessionExt};

use crate::case::{TestResult, cases};
use crate::world::{World, bytes_of, content, s};

cases! {
    a_client_and_a_resource_see_the_same_cloud,
    a_program_over_a_dyn_session_needs_no_more,
    handles_fail_at_once_after_their_scope_is_closed,
    closing_a_scope_leaves_its_sibling_open,
    a_body_begun_before_closing_is_read_to_its_end,
    dropping_a_scope_ends_an_unread_body,
    run_closes_the_scope_on_success_and_on_error,
    a_detached_resource_outlives_its_scope,
    a_scope_tells_service_region_and_endpoint,
    opening_with_a_wrong_argument_fails_before_anything_is_sent,
    resources_can_be_asked_without_their_type,
    many_scopes_open_and_close_at_once,
}

async fn a_client_and_a_resource_see_the_same_cloud(world: World) -> TestResult {
    let bucket = world.bucket_with(&["film"]).await?;
    let client = world.session.client(S3).await?;
    let got = client.get_object().bucket(bucket.name()).key("film").send().await?;
    ensure!(got.body.collect().await?.to_vec() == b"film");
    client.close().await?;
    Ok(())
}

async fn a_program_over_a_dyn_session_needs_no_more(world: World) -> TestResult {
    async fn archive(session: &dyn Session, bucket_name: &str, table_name: &str) -> Result<u64, Error> {
        let s3 = session.resource(S3).await?;
        let dynamodb = session.resource(DynamoDb).await?;
        let orders = dynamodb.table(table_name);
        let mut items = orders.scan_items(|scan| scan);
        let mut archived = 0;
        while let Some(item) = items.try_next().await? {
            let id =
                item["id"].as_s().map_err(|_| Error::new(ErrorKind::InvalidInput, "the id is no string"))?;
            s3.object(bucket_name, id).put().body(id.clone().into_bytes().into()).send().await?;
            archived += 1;
        }
        dynamodb.close().await?;
        s3.close().await?;
        Ok(archived)
    }
    let (bucket, table) = (world.fresh_bucket().await?, world.fresh_table().await?);
    table.put_item().item("id", s("7")).send().await?;
    ensure!(archive(&*world.session, bucket.name(), table.name()).await? == 1);
    ensure!(bytes_of(&bucket.object("7")).await? == b"7");
    Ok(())
}

async fn handles_fail_at_once_after_their_scope_is_closed(world: World) -> TestResult {
    let (s3, dynamodb) = (world.session.resource(S3).await?, world.session.resource(DynamoDb).await?);
    let (object, table) = (s3.object("b", "k"), dynamodb.table("orders"));
    s3.close().await?;
    dynamodb.close().await?;
    for error in [
        Error::from(object.get().send().await.unwrap_err()),
        object.exists().await.unwrap_err(),
        object.bucket().objects().items().try_next().await.unwrap_err(),
        object.download_file(world.path("film")).await.unwrap_err(),
        table.load().await.unwrap_err(),
        table.scan_items(|scan| scan).try_next().await.unwrap_err(),
        table.batch_writer().put_item([("id", s("1"))]).await.unwrap_err(),
    ] {
        ensure!(error.kind() == ErrorKind::ScopeClosed && !error.is_retryable(), "{error:?}");
    }
    Ok(())
}

async fn closing_a_scope_leaves_its_sibling_open(world: World) -> TestResult {
    let bucket = world.bucket_with(&["film"]).await?;
    let (first, second) = (world.session.resource(S3).await?, world.session.resource(S3).await?);
    let object = second.object(bucket.name(), "film");
    first.close().await?;
    ensure!(second.is_open() && bytes_of(&object).await? == b"film");
    second.close().await?;
    Ok(())
}

async fn a_body_begun_before_closing_is_read_to_its_end(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let whole = content(3 << 20);
    bucket.object("film").put().body(whole.clone().into()).send().await?;
    let s3 = world.session.resource(S3).await?;
    let got = s3.object(bucket.name(), "film").get().send().await?;
    let closing = tokio::spawn(s3.close());
    ensure!(got.body.collect().await?.to_vec() == whole);
    closing.await??;
    Ok(())
}

async fn dropping_a_scope_ends_an_unread_body(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    bucket.object("film").put().body(content(3 << 20).into()).send().await?;
    let s3 = world.session.resource(S3).await?;
    let got = s3.object(bucket.name(), "film").get().send().await?;
    drop(s3);
    let error = Error::from(got.body.collect().await.unwrap_err());
    ensure!(error.kind() == ErrorKind::ScopeClosed, "{error:?}");
    Ok(())
}

async fn run_closes_the_scope_on_success_and_on_error(world: World) -> TestResult {
    let bucket = world.bucket_with(&["film"]).await?;
    let open = || world.session.resource(S3);
    let found: Result<_, Error> = open()
        .await?
        .run(|s3| {
            let object = s3.object(bucket.name(), "film");
            async move { Ok((bytes_of(&object).await?, object)) }
        })
        .await;
    let (bytes, object) = found?;
    ensure!(bytes == b"film");
    ensure!(object.exists().await.unwrap_err().kind() == ErrorKind::ScopeClosed);
    let failed: Result<(), Error> = open()
        .await?
        .run(|s3| {
            let object = s3.object(bucket.name(), "ghost");
            async move { object.load().await.map(drop) }
        })
        .await;
    ensure!(failed.unwrap_err().is_not_found());
    Ok(())
}

async fn a_detached_resource_outlives_its_scope(world: World) -> TestResult {
    let bucket = world.bucket_with(&["film"]).await?;
    let s3 = world.session.resource(S3).await?.detach();
    ensure!(s3.object(bucket.name(), "film").exists().await?);
    Ok(())
}

async fn a_scope_tells_service_region_and_endpoint(world: World) -> TestResult {
    let s3 = world.session.resource(S3).region_name("us-west-2").await?;
    ensure!(s3.meta().service_name.as_str() == "s3");
    ensure!(s3.meta().region_name.as_ref().is_some_and(|region| region.as_str() == "us-west-2"));
    let client: &dyn Client = &s3;
    ensure!(client.is_open() && client.meta().backend == world.s3.meta().backend);
    s3.close().await?;
    Ok(())
}

async fn opening_with_a_wrong_argument_fails_before_anything_is_sent(world: World) -> TestResult {
    let kind = |opened: Result<_, Error>| -> Option<ErrorKind> {
        let _: session_core::ResourceScope<resources::S3Resource> = match opened {
            Ok(scope) => scope,
            Err(error) => return Some(error.kind()),
        };
        None
    };
    let open = || world.session.resource(S3);
    ensure!(kind(open().region_name("no region").await) == Some(ErrorKind::InvalidRegion));
    ensure!(kind(open().endpoint_url("no url").await) == Some(ErrorKind::InvalidEndpoint));
    ensure!(kind(open().aws_access_key_id("AKIA").await) == Some(ErrorKind::PartialCredentials));
    ensure!(kind(open().api_version("1999-01-01").await) == Some(ErrorKind::InvalidConfig));
    ensure!(kind(open().api_version("2006-03-01").await).is_none());
    Ok(())
}

async fn resources_can_be_asked_without_their_type(world: World) -> TestResult {
    let bucket = world.bucket_with(&["film"]).await?;
    let table = world.fresh_table().await?;
    let there: [Box<dyn Resource>; 5] = [
        Box::new(bucket.object("film")),
        Box::new(bucket.clone()),
        Box::new(table),
        Box::new((**world.s3).clone()),
        Box::new((**world.dynamodb).clone()),
    ];
    for resource in &there {
        resource.load().await?;
        ensure!(resource.exists().await?, "{resource:?}");
    }
    let absent: [Box<dyn Resource>; 4] = [
        Box::new(bucket.object("ghost")),
        Box::new(world.no_bucket()),
        Box::new(world.no_table()),
        Box::new(bucket.object("film").multipart_upload("ghost")),
    ];
    for resource in &absent {
        ensure!(resource.load().await.unwrap_err().is_not_found(), "{resource:?}");
        ensure!(!resource.exists().await?, "{resource:?}");
    }
    Ok(())
}

async fn many_scopes_open_and_close_at_once(world: World) -> TestResult {
    let bucket = world.bucket_with(&["film"]).await?;
    let scopes = (0..16).map(|_| async {
        let s3 = world.session.resource(S3).await?;
        ensure!(bytes_of(&s3.object(bucket.name(), "film")).await? == b"film");
        s3.close().await?;
        Ok(())
    });
    futures_util::future::try_join_all(scopes).await?;
    Ok(())
}
