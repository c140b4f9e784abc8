//! Answers against the checksums that came with them.

use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::base64;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::checksum_config::ResponseChecksumValidation;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::super::presign::Presigned;
use super::super::schema::OperationPlan;
use super::super::value::Value;
use super::algorithm::Algorithm;
use super::mismatch::{CheckedBody, ChecksumMismatch};

/// Set where the service was asked for the checksum of its answer.
#[derive(Debug)]
struct Asked;

impl Storable for Asked {
    type Storer = StoreReplace<Self>;
}

/// Asks the service for the checksum of its answer, unless the client is told not to or the caller has already asked.
pub(in super::super) fn ask(plan: &OperationPlan, input: &mut Value, config: &mut ConfigBag) {
    let (Some(member), Value::Map(entries)) = (plan.checksums.mode_member, input) else { return };
    let is_given = entries.iter().any(|(name, value)| name == member && *value != Value::Null);
    let when = config.load::<ResponseChecksumValidation>();
    let is_wanted = !matches!(when, Some(ResponseChecksumValidation::WhenRequired));
    if !is_given && is_wanted && config.load::<Presigned>().is_none() {
        entries.retain(|(name, _)| name != member);
        entries.push((member.to_owned(), Value::String("ENABLED".to_owned())));
    } else if !is_given {
        return;
    }
    config.interceptor_state().store_put(Asked);
}

/// The checksum that a body has to have.
#[derive(Clone, Debug)]
pub(in super::super) struct Expected {
    algorithm: Algorithm,
    /// In base64.
    checksum: String,
}

impl Expected {
    /// What the headers of an answer promise of its body, where the operation asked for it.
    ///
    /// Nothing for an object that was uploaded in parts: its checksum is one of checksums, and ends with `-` and their
    /// number.
    pub(in super::super) fn of(plan: &OperationPlan, headers: &Headers, config: &ConfigBag) -> Option<Self> {
        if plan.checksums.of_answer.is_empty() {
            return None;
        }
        config.load::<Asked>()?;
        plan.checksums.of_answer.iter().find_map(|&algorithm| {
            let checksum = headers.get(algorithm.header())?;
            (!checksum.contains('-')).then(|| Self { algorithm, checksum: checksum.to_owned() })
        })
    }

    /// Checks a body that is there.
    ///
    /// # Errors
    /// [`ChecksumMismatch`]: the body is another.
    pub(in super::super) fn check(self, body: &[u8]) -> Result<(), ChecksumMismatch> {
        let mut checksum = self.algorithm.begin();
        checksum.update(body);
        self.verdict(&checksum.finalize())
    }

    /// The body, which will be checked as it is read: the last read of another body is an error.
    pub(in super::super) fn over(self, body: SdkBody) -> SdkBody {
        body.map(move |body| {
            let checksum = self.algorithm.begin();
            SdkBody::from_body_1_x(CheckedBody::new(body, checksum, self.clone()))
        })
    }

    pub(super) fn verdict(&self, computed: &[u8]) -> Result<(), ChecksumMismatch> {
        let computed = base64::encode(computed);
        match computed == self.checksum {
            true => Ok(()),
            false => Err(ChecksumMismatch {
                algorithm: self.algorithm.name(),
                expected: self.checksum.clone(),
                computed,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_there_is_checked_at_once() {
        let expected =
            |checksum: &str| Expected { algorithm: Algorithm::Crc32, checksum: checksum.to_owned() };
        expected("3UEFDA==").check(b"metropolis").unwrap();
        expected("AAAAAA==").check(b"").unwrap();
        // What is no base64 is no checksum of any body.
        for wrong in ["AAAAAA==", "3UEFDA", "?"] {
            let mismatch = expected(wrong).check(b"metropolis").unwrap_err();
            assert_eq!((mismatch.expected(), mismatch.computed()), (wrong, "3UEFDA=="));
        }
    }
}
