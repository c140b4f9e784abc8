//! Jobs: exports and imports, which are answered before they are finished and are remembered when they are.
//!
//! An import reads when it is asked for and an export writes when it is finished; that they have done so is seen when the
//! engine's delay is over, and with the delay of zero by the next request. Nothing deletes a job, and jobs outlive their
//! tables.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use imbl::Vector;

use super::Engine;
use crate::dynamodb::object_store::Refusal;
use crate::seed::IdSource;

/// How long a client token means the job that it came with, from the job's end on.
const TOKEN_VALIDITY: Duration = Duration::from_secs(8 * 3_600);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobStatus {
    InProgress,
    Completed,
    Failed,
}

impl JobStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Failure {
    /// What S3 refused, as DynamoDB passes it on.
    pub(crate) fn of_s3(refusal: &Refusal, ids: &mut IdSource) -> Self {
        let Refusal { status, code, message } = refusal;
        let (id, extended_id) = (ids.alphanumeric(16), ids.alphanumeric(76));
        Self {
            code: format!("S3{code}"),
            message: format!(
                "{message} (Service: Amazon S3; Status Code: {status}; Error Code: {code}; Request ID: {id}; S3 \
                 Extended Request ID: {extended_id}; Proxy: null)"
            ),
        }
    }
}

/// One export or import.
#[derive(Clone, Debug)]
pub(crate) struct Job<O> {
    pub(crate) arn: Arc<str>,
    pub(crate) table_name: Arc<str>,
    pub(crate) table_id: Arc<str>,
    pub(crate) started: SystemTime,
    pub(crate) ended: SystemTime,
    pub(crate) client_token: Option<Arc<str>>,
    /// What was asked for, in the words of the request.
    pub(crate) asked: Arc<str>,
    /// What answers repeat of it, in their words.
    pub(crate) shown: Arc<str>,
    pub(crate) outcome: O,
    pub(crate) failure: Option<Failure>,
}

impl<O> Job<O> {
    pub(crate) fn status(&self, now: SystemTime) -> JobStatus {
        match &self.failure {
            _ if self.ended > now => JobStatus::InProgress,
            Some(_) => JobStatus::Failed,
            None => JobStatus::Completed,
        }
    }
}

/// The jobs of one kind, in the order in which they were asked for.
#[derive(Clone, Debug)]
pub(crate) struct Jobs<O>(Vector<Job<O>>);

impl<O: Clone> Jobs<O> {
    pub(super) fn new() -> Self {
        Self(Vector::new())
    }

    pub(crate) fn add(&mut self, job: Job<O>) {
        self.0.push_back(job);
    }

    pub(crate) fn get(&self, arn: &str) -> Option<&Job<O>> {
        self.0.iter().find(|job| *job.arn == *arn)
    }

    pub(crate) fn get_mut(&mut self, arn: &str) -> Option<&mut Job<O>> {
        self.0.iter_mut().find(|job| *job.arn == *arn)
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Job<O>> {
        self.0.iter().rev()
    }

    /// The job that a client token was sent with, while the token is valid.
    pub(crate) fn with_token(&self, token: Option<&str>, now: SystemTime) -> Option<&Job<O>> {
        let token = token?;
        let is_valid =
            |job: &&Job<O>| job.client_token.as_deref() == Some(token) && job.ended + TOKEN_VALIDITY >= now;
        self.newest_first().find(is_valid)
    }
}

impl Engine {
    /// The ARN of a new job of `kind`, which is `export` or `import`.
    pub(crate) fn job_arn(
        &self,
        table_name: &str,
        kind: &str,
        now: SystemTime,
        ids: &mut IdSource,
    ) -> String {
        let millis = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let suffix = ids.next_u64() >> 32;
        format!("{}/{kind}/{millis:014}-{suffix:08x}", self.table_arn(table_name))
    }

    /// When a job that begins now is finished.
    pub(crate) fn job_end(&self, now: SystemTime) -> SystemTime {
        self.due(now)
    }
}
