//! What exports and imports have in common: how jobs are named, found and listed.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Map, Value};

use super::super::engine::Engine;
use super::super::engine::error::Error;
use super::super::engine::job::{Job, Jobs};
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Member, Rule, Shape, optional, required};

/// Jobs in a page where the request asks for no number.
const PAGE: usize = 10;

pub(super) const BUCKET: Member = required(
    "S3Bucket",
    Shape::String,
    &[Rule::Length(0, 255), Rule::Matches(r"^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$", is_bucket)],
);
pub(super) const BUCKET_OWNER: Member =
    optional("S3BucketOwner", Shape::String, &[Rule::Matches("[0-9]{12}", is_account)]);

fn is_bucket(name: &str) -> bool {
    let ends = |end: Option<char>| end.is_some_and(|end| end.is_ascii_alphanumeric());
    let within = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.len() >= 2 && ends(name.chars().next()) && ends(name.chars().last()) && name.chars().all(within)
}

fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// The job of `kind` that a request names by its ARN.
///
/// # Errors
/// For what is no ARN of such a job, for one of another account, and with `code` for one that does not exist.
pub(super) fn named<'j, O: Clone>(
    engine: &Engine,
    jobs: &'j Jobs<O>,
    arn: &str,
    (kind, code): (&str, &'static str),
    not_found: impl FnOnce() -> String,
) -> Result<&'j Job<O>, Fault> {
    let infix = format!("/{}/", kind.to_ascii_lowercase());
    let mut parts = arn.splitn(6, ':').skip(4);
    let (account, resource) = (parts.next(), parts.next());
    if resource.is_none_or(|resource| !resource.contains(&infix)) {
        return Err(Fault::validation(format!("Invalid {kind} ARN")));
    }
    if account != Some(engine.account_id().as_str()) {
        let message = "Access is denied".to_owned();
        return Err(Fault::from(Error::Modeled { code: "AccessDeniedException", message }));
    }
    jobs.get(arn).ok_or_else(|| {
        let message = format!("{kind} not found: {}", not_found());
        Fault::from(Error::Modeled { code, message })
    })
}

/// Whether an ARN of the right account is of this region, too.
pub(super) fn is_of_region(engine: &Engine, arn: &str) -> bool {
    arn.starts_with(&engine.arn("dynamodb", ""))
}

/// A page of jobs, newest first, and the token of the next one.
pub(super) fn page<'j, O: Clone>(
    jobs: &'j Jobs<O>,
    input: Input<'_>,
    (size, kind): (&str, &str),
    is_wanted: impl Fn(&Job<O>) -> bool,
) -> Result<(Vec<&'j Job<O>>, Option<String>), Fault> {
    let after = match input.text("NextToken") {
        None => None,
        Some(token) => {
            let arn = BASE64.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let arn = arn.as_deref().and_then(|arn| jobs.get(arn)).map(|job| job.arn.clone());
            Some(arn.filter(|arn| arn.contains(kind)).ok_or_else(|| {
                Fault::validation(format!("Invalid Request: Provided nextToken is invalid: {token}"))
            })?)
        }
    };
    let size = input.integer(size).and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE);
    let mut rest = jobs.newest_first().skip_while(|job| after.as_ref().is_some_and(|arn| job.arn != *arn));
    if after.is_some() {
        rest.next();
    }
    let mut rest = rest.filter(|job| is_wanted(job));
    let page: Vec<_> = rest.by_ref().take(size).collect();
    let next = rest.next().and_then(|_| page.last()).map(|job| BASE64.encode(job.arn.as_bytes()));
    Ok((page, next))
}

/// The request without its token: two that are the same ask for the same job.
pub(super) fn without_token(body: &Json<'_>) -> String {
    let mut asked = Value::from(body);
    if let Some(members) = asked.as_object_mut() {
        members.remove("ClientToken");
    }
    asked.to_string()
}

/// What answers repeat of a request.
pub(super) fn repeated<O>(job: &Job<O>) -> Map<String, Value> {
    serde_json::from_str(&job.shown).unwrap_or_default()
}

/// The members of `body` that are there, by their names.
pub(super) fn present(body: &Value, names: &[&str]) -> Map<String, Value> {
    let member = |name: &&str| {
        let value = body.get(*name).filter(|value| !value.is_null())?;
        Some(((*name).to_owned(), value.clone()))
    };
    names.iter().filter_map(member).collect()
}

/// A time as in `2020-11-04T07:28:34Z`.
pub(super) fn to_the_second(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let time = DateTime::from_secs(i64::try_from(seconds).unwrap_or_default());
    time.fmt(Format::DateTime).unwrap_or_default()
}

/// A time as in `2020-11-04T07:28:34.028Z`.
pub(super) fn to_the_millisecond(time: SystemTime) -> String {
    let millis = time.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_millis();
    format!("{}.{millis:03}Z", to_the_second(time).trim_end_matches('Z'))
}
