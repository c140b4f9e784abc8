//! Presigned forms: what a browser uploads without credentials, and what is not allowed.

use std::time::Duration;

use anyhow::ensure;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use resources::{Bucket, PresignedPost};
use session_core::{Error, ErrorKind};

use crate::case::{TestResult, cases, check};
use crate::world::{World, bytes_of};

cases! {
    a_form_uploads_the_object_it_is_for,
    a_form_may_leave_the_name_to_the_file,
    a_form_s_fields_are_the_object_s,
    a_file_of_another_length_is_refused,
    a_form_with_another_value_is_refused,
    a_form_with_a_field_of_its_own_is_refused,
    a_form_with_another_policy_is_refused,
    a_form_for_a_bucket_that_is_missing_says_so,
    a_mistake_in_a_form_is_told_before_anything_is_sent,
}

const BOUNDARY: &str = "the-end-of-a-part";

/// Sends a form in place of the request that the client made: with no credentials.
#[derive(Debug)]
struct Browser {
    url: String,
    body: Vec<u8>,
}

#[dyn_dispatch_hint]
impl Intercept for Browser {
    fn name(&self) -> &'static str {
        "Browser"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let names: Vec<_> = request.headers().iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            request.headers_mut().remove(name);
        }
        request.set_method("POST")?;
        request.set_uri(self.url.as_str())?;
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        request.headers_mut().try_insert("content-type", content_type)?;
        request.headers_mut().try_insert("content-length", self.body.len().to_string())?;
        *request.body_mut() = SdkBody::from(self.body.clone());
        Ok(())
    }
}

async fn send(bucket: &Bucket, url: &str, fields: &[(&str, &str)], file: (&str, &str)) -> Result<(), Error> {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    let (file_name, content) = file;
    body.push_str(&format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{content}\r\n--{BOUNDARY}--\r\n"
    ));
    let browser = Browser { url: url.to_owned(), body: body.into_bytes() };
    bucket.object("unused").put().customize().interceptor(browser).send().await?;
    Ok(())
}

async fn submit(
    bucket: &Bucket,
    form: &PresignedPost,
    added: &[(&str, &str)],
    file: &str,
) -> Result<(), Error> {
    let fields: Vec<_> = form.fields().chain(added.iter().copied()).collect();
    send(bucket, form.url(), &fields, ("film.txt", file)).await
}

async fn a_form_uploads_the_object_it_is_for(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let film = bucket.object("films/ü 1+2");
    let form = film.presigned_post().expires_in(Duration::from_secs(60)).await?;
    submit(&bucket, &form, &[], "once upon a time").await?;
    ensure!(bytes_of(&film).await? == b"once upon a time");
    Ok(())
}

async fn a_form_may_leave_the_name_to_the_file(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let form = bucket.presigned_post("in/${filename}").await?;
    submit(&bucket, &form, &[], "once").await?;
    ensure!(bytes_of(&bucket.object("in/film.txt")).await? == b"once");
    Ok(())
}

async fn a_form_s_fields_are_the_object_s(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let film = bucket.object("film");
    let form = film
        .presigned_post()
        .field("x-amz-meta-director", "Varda")
        .starts_with("Content-Type", "video/")
        .starts_with("x-amz-meta-year", "")
        .await?;
    submit(&bucket, &form, &[("Content-Type", "video/mp4"), ("x-amz-meta-year", "1962")], "once").await?;
    let stored = film.load().await?;
    ensure!(stored.content_type() == Some("video/mp4"), "{stored:?}");
    let metadata = stored.metadata().cloned().unwrap_or_default();
    ensure!(metadata["director"] == "Varda" && metadata["year"] == "1962", "{metadata:?}");
    Ok(())
}

async fn a_file_of_another_length_is_refused(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let form = bucket.presigned_post("film").content_length_range(3..=5).await?;
    check(submit(&bucket, &form, &[], "no").await.unwrap_err(), ErrorKind::InvalidInput, "EntityTooSmall")?;
    check(
        submit(&bucket, &form, &[], "much too long").await.unwrap_err(),
        ErrorKind::InvalidInput,
        "EntityTooLarge",
    )?;
    submit(&bucket, &form, &[], "right").await?;
    Ok(())
}

async fn a_form_with_another_value_is_refused(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let form = bucket.presigned_post("film").starts_with("Content-Type", "video/").await?;
    let error = submit(&bucket, &form, &[("Content-Type", "text/html")], "once").await.unwrap_err();
    check(error, ErrorKind::AccessDenied, "AccessDenied")?;
    let other_key: Vec<_> =
        form.fields().map(|(name, value)| (name, if name == "key" { "other" } else { value })).collect();
    let fields: Vec<_> = other_key.into_iter().chain([("Content-Type", "video/mp4")]).collect();
    let error = send(&bucket, form.url(), &fields, ("film.txt", "once")).await.unwrap_err();
    check(error, ErrorKind::AccessDenied, "AccessDenied")
}

async fn a_form_with_a_field_of_its_own_is_refused(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let form = bucket.presigned_post("film").await?;
    let error = submit(&bucket, &form, &[("x-amz-meta-more", "1")], "once").await.unwrap_err();
    check(error, ErrorKind::AccessDenied, "AccessDenied")
}

async fn a_form_with_another_policy_is_refused(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let form = bucket.presigned_post("film").await?;
    let fields = form.fields().filter(|(name, _)| *name != "policy").chain([("policy", "bm8gSlNPTg==")]);
    let error = send(&bucket, form.url(), &fields.collect::<Vec<_>>(), ("film.txt", "once")).await;
    ensure!(error.is_err());
    Ok(())
}

async fn a_form_for_a_bucket_that_is_missing_says_so(world: World) -> TestResult {
    let bucket = world.no_bucket();
    let form = bucket.presigned_post("film").await?;
    let error = submit(&bucket, &form, &[], "once").await.unwrap_err();
    check(error, ErrorKind::NotFound, "NoSuchBucket")
}

async fn a_mistake_in_a_form_is_told_before_anything_is_sent(world: World) -> TestResult {
    let bucket = world.no_bucket();
    let form = || bucket.presigned_post("film");
    #[expect(clippy::reversed_empty_ranges, reason = "the mistake")]
    for (form, name) in [
        (form().field("Policy", "x"), "`policy`"),
        (form().starts_with("key", ""), "`key`"),
        (form().content_length_range(5..=3), "content_length_range"),
        (form().expires_in(Duration::ZERO), "expires_in"),
        (form().expires_in(Duration::from_secs(7 * 24 * 3600 + 1)), "expires_in"),
        (bucket.presigned_post(""), "key"),
        (world.s3.bucket("").presigned_post("film"), "name of a Bucket"),
    ] {
        let error = form.await.unwrap_err();
        ensure!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains(name), "{error:?}");
    }
    Ok(())
}
