//! What S3 says of the encryption of an object, and the keys that it wants to see again. Nothing is encrypted here.

use sha2::{Digest as _, Sha256};

use super::access::partition;
use super::configuration::encryption::EncryptionAlgorithm;
use super::{Bucket, Caller, Code, Content, Digest, Engine, Error};
use crate::context::{AccountId, RegionName};
use crate::seed::IdSource;

/// How an object is encrypted at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// With S3's own keys, as every object is of which nothing else is said.
    #[default]
    S3,
    Kms(Box<KmsEncryption>),
    /// With a key that the client brings at every read.
    Customer(CustomerKey),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KmsEncryption {
    /// In two layers: `aws:kms:dsse`.
    pub(crate) dual_layer: bool,
    /// The key's ARN.
    pub(crate) key_id: String,
    pub(crate) bucket_key_enabled: bool,
    /// In Base64, as it came.
    pub(crate) context: Option<String>,
}

impl KmsEncryption {
    /// The ARN of a KMS key, which S3 always answers with; of the account's own key for S3 when none is named.
    pub(crate) fn key_arn(region: &RegionName, account: &AccountId, named: Option<&str>) -> String {
        let resource = match named {
            Some(arn) if arn.starts_with("arn:") => return arn.to_owned(),
            Some(alias) if alias.starts_with("alias/") => alias.to_owned(),
            Some(id) => format!("key/{id}"),
            None => {
                let digest = Sha256::digest(format!("{account} {region} aws/s3"));
                let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                let [a, b, c, d, e] =
                    [&digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..32]];
                format!("key/{a}-{b}-4{c}-8{d}-{e}")
            }
        };
        format!("arn:{}:kms:{region}:{account}:{resource}", partition(region))
    }
}

/// A key of the client's, known by its MD5 alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CustomerKey {
    pub(crate) md5: [u8; 16],
}

impl CustomerKey {
    /// The refusal of another key than the one that an object is encrypted with.
    pub(crate) fn not_the_right_one() -> Error {
        Error::with_message(
            Code::AccessDenied,
            "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret \
             key.",
        )
    }
}

impl Encryption {
    /// What the entity tag is made of: the MD5 of the bytes only where S3 encrypts with keys of its own, and else what
    /// nobody can foretell, for no two writes are encrypted alike.
    ///
    /// # Source
    /// S3 API reference, Object: `ETag`.
    pub(super) fn tag(&self, md5: Option<[u8; 16]>, content: &Content, ids: &mut IdSource) -> [u8; 16] {
        if !self.keeps_md5() {
            let (high, low) = (u128::from(ids.next_u64()), u128::from(ids.next_u64()));
            return (high << 64 | low).to_be_bytes();
        }
        // A bucket whose default has changed since the body began to come in wants one after all.
        md5.or_else(|| Digest::of(content, &[]).md5).unwrap_or_default()
    }

    /// Whether the entity tag of a body in one piece is the MD5 of its bytes.
    pub(crate) fn keeps_md5(&self) -> bool {
        *self == Self::S3
    }

    /// Whether a reader who brings `key` may read.
    ///
    /// # Errors
    /// `InvalidRequest` without a key where one is needed, or with one where none is; `AccessDenied` with another.
    pub(super) fn check_reader(&self, key: Option<CustomerKey>) -> Result<(), Error> {
        match (self, key) {
            (Self::Customer(expected), Some(key)) if *expected == key => Ok(()),
            (Self::Customer(_), Some(_)) => Err(CustomerKey::not_the_right_one()),
            (Self::Customer(_), None) => Err(Error::invalid_request(
                "The object was stored using a form of Server Side Encryption. The correct parameters must be \
                 provided to retrieve the object.",
            )),
            (_, Some(_)) => {
                Err(Error::invalid_request("The encryption parameters are not applicable to this object."))
            }
            (_, None) => Ok(()),
        }
    }

    /// Whether a part that comes with `key` fits its upload.
    pub(super) fn check_part(&self, key: Option<CustomerKey>) -> Result<(), Error> {
        match (self, key) {
            (Self::Customer(expected), Some(key)) if *expected == key => Ok(()),
            (Self::Customer(_), Some(_)) => Err(Error::invalid_request(
                "The provided encryption parameters did not match the ones used originally.",
            )),
            // S3 says so of a key that the upload was begun without, too.
            (Self::Customer(_), None) | (_, Some(_)) => Err(Error::invalid_request(
                "The multipart upload initiate requested encryption. Subsequent part requests must include the \
                 appropriate encryption parameters.",
            )),
            (_, None) => Ok(()),
        }
    }
}

impl Engine {
    /// Whether the entity tag of an object that is written now, and asks for `asked` or nothing, will be an MD5.
    pub(crate) fn keeps_md5_of_new(
        &self,
        caller: &Caller,
        bucket: &str,
        asked: Option<&Encryption>,
    ) -> Result<bool, Error> {
        let bucket = self.bucket(caller, bucket)?;
        Ok(match asked {
            Some(asked) => asked.keeps_md5(),
            None => bucket.encryption_of_new(None).keeps_md5(),
        })
    }
}

impl Bucket {
    /// How an object is encrypted whose request asks for `asked`, or says nothing.
    pub(super) fn encryption_of_new(&self, asked: Option<Encryption>) -> Encryption {
        if let Some(asked) = asked {
            return asked;
        }
        let default = self.configuration().encryption.as_deref();
        let Some(default) = default.filter(|default| default.algorithm != EncryptionAlgorithm::Aes256) else {
            return Encryption::S3;
        };
        Encryption::Kms(Box::new(KmsEncryption {
            dual_layer: default.algorithm == EncryptionAlgorithm::KmsDsse,
            key_id: KmsEncryption::key_arn(self.region(), self.owner(), default.kms_master_key_id.as_deref()),
            bucket_key_enabled: default.bucket_key_enabled,
            context: None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_in_the_partition_of_its_region() {
        let account = AccountId::default();
        let arn = |region, named| KmsEncryption::key_arn(&RegionName::new(region), &account, named);
        assert_eq!(arn("us-east-1", Some("films")), "arn:aws:kms:us-east-1:123456789012:key/films");
        assert_eq!(arn("cn-north-1", Some("films")), "arn:aws-cn:kms:cn-north-1:123456789012:key/films");
        let alias = arn("us-gov-west-1", Some("alias/films"));
        assert_eq!(alias, "arn:aws-us-gov:kms:us-gov-west-1:123456789012:alias/films");
        assert!(arn("eusc-de-east-1", None).starts_with("arn:aws-eusc:kms:eusc-de-east-1:123456789012:key/"));
        assert_eq!(arn("eu-west-1", Some("arn:aws:kms:x")), "arn:aws:kms:x");
    }

    #[test]
    fn a_tag_is_the_md5_only_under_keys_of_s3() {
        let content = Content::from(bytes::Bytes::from_static(b"one"));
        let md5 = Digest::of(&content, &[]).md5;
        let mut ids = IdSource::new(7);
        let mut tag = |encryption: Encryption, md5| encryption.tag(md5, &content, &mut ids);
        assert_eq!(Some(tag(Encryption::S3, md5)), md5);
        assert_eq!(Some(tag(Encryption::S3, None)), md5, "computed late");
        let customer = Encryption::Customer(CustomerKey { md5: [1; 16] });
        let (first, second) = (tag(customer.clone(), md5), tag(customer.clone(), None));
        assert_ne!(Some(first), md5);
        assert_ne!(first, second, "no two writes are encrypted alike");
        let drawn = customer.tag(None, &content, &mut IdSource::new(7));
        assert_eq!(drawn, first, "the same seed draws the same");
    }

    #[test]
    fn a_reader_brings_the_key_back_and_no_other() {
        let (one, other) = (CustomerKey { md5: [1; 16] }, CustomerKey { md5: [2; 16] });
        let code =
            |encryption: &Encryption, key| encryption.check_reader(key).err().map(|error| error.code());
        let locked = Encryption::Customer(one);
        assert_eq!(code(&locked, Some(one)), None);
        assert_eq!(code(&locked, Some(other)), Some(Code::AccessDenied));
        assert_eq!(code(&locked, None), Some(Code::InvalidRequest));
        assert_eq!(code(&Encryption::S3, Some(one)), Some(Code::InvalidRequest));
        assert_eq!(code(&Encryption::S3, None), None);
    }
}
