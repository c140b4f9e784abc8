//! What is kept with an encrypted object: the names and values of its metadata, in versions 2 and 3 of the format.
//!
//! Version 3 is that of the committing suite, version 2 that of the other; version 1 and what was deprecated with it is
//! refused by name. Texts are written as JSON in ASCII, for S3 rewrites other letters in headers.
//!
//! Source: awslabs/aws-encryption-sdk-specification, `s3-encryption/data-format/`.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::data_key::{EncryptedDataKey, EncryptionContext, WrappingAlgorithm};
use super::error::EncryptionError;
use super::suite::{AlgorithmSuite, ContentParameters};

const KEY_V1: &str = "x-amz-key";
const KEY_V2: &str = "x-amz-key-v2";
const IV: &str = "x-amz-iv";
const WRAPPING: &str = "x-amz-wrap-alg";
const CONTENT_CIPHER: &str = "x-amz-cek-alg";
const DESCRIPTION: &str = "x-amz-matdesc";
const TAG_LENGTH: &str = "x-amz-tag-len";
const PLAINTEXT_LENGTH: &str = "x-amz-unencrypted-content-length";

const KEY_V3: &str = "x-amz-3";
const CONTENT_CIPHER_V3: &str = "x-amz-c";
const COMMITMENT: &str = "x-amz-d";
const MESSAGE_ID: &str = "x-amz-i";
const DESCRIPTION_V3: &str = "x-amz-m";
const CONTEXT_V3: &str = "x-amz-t";
const WRAPPING_V3: &str = "x-amz-w";

/// What only version 3 has.
const OF_V3: [&str; 7] =
    [KEY_V3, CONTENT_CIPHER_V3, COMMITMENT, MESSAGE_ID, DESCRIPTION_V3, CONTEXT_V3, WRAPPING_V3];

/// Of version 3, what is never in an instruction file.
const OF_CONTENT_V3: [&str; 3] = [CONTENT_CIPHER_V3, COMMITMENT, MESSAGE_ID];

/// What versions 1 and 2 have.
const OF_V1_AND_V2: [&str; 8] =
    [KEY_V1, KEY_V2, IV, WRAPPING, CONTENT_CIPHER, DESCRIPTION, TAG_LENGTH, PLAINTEXT_LENGTH];

/// Bits of a tag.
const TAG_BITS: &str = "128";

type Entries = HashMap<String, String>;

/// How an object is encrypted, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) content: ContentParameters,
    pub(super) data_key: EncryptedDataKey,
}

/// What an object's own metadata says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Envelope(Envelope),
    /// The data key is in an instruction file.
    ContentAlone(ContentParameters),
    /// Nothing: all of it is in an instruction file, or the object is not encrypted.
    Nothing,
}

impl Envelope {
    /// Adds the entries of the format to the caller's metadata. `plaintext_length` is told where it is known.
    ///
    /// # Errors
    /// [`EncryptionError::ReservedName`].
    pub(super) fn add_to(
        &self,
        metadata: &mut Entries,
        plaintext_length: Option<u64>,
    ) -> Result<(), EncryptionError> {
        let reserved = |name: &&String| {
            let name = name.to_ascii_lowercase();
            OF_V3.into_iter().chain(OF_V1_AND_V2).any(|ours| ours == name)
        };
        if let Some(name) = metadata.keys().find(reserved) {
            return Err(EncryptionError::ReservedName { name: name.clone() });
        }
        let mut add = |name: &str, value: String| metadata.insert(name.to_owned(), value);
        let key = &self.data_key;
        match &self.content {
            ContentParameters::Committing { message_id, commitment } => {
                add(CONTENT_CIPHER_V3, self.content.suite().content_cipher().to_owned());
                add(KEY_V3, STANDARD.encode(&key.ciphertext));
                add(WRAPPING_V3, key.algorithm.code().to_owned());
                add(COMMITMENT, STANDARD.encode(commitment));
                add(MESSAGE_ID, STANDARD.encode(message_id));
                match key.algorithm {
                    WrappingAlgorithm::KmsContext => drop(add(CONTEXT_V3, to_json(&key.context))),
                    _ if key.context.is_empty() => {}
                    _ => drop(add(DESCRIPTION_V3, to_json(&key.context))),
                }
            }
            ContentParameters::Iv(iv) => {
                add(CONTENT_CIPHER, self.content.suite().content_cipher().to_owned());
                add(KEY_V2, STANDARD.encode(&key.ciphertext));
                add(WRAPPING, key.algorithm.name().to_owned());
                add(IV, STANDARD.encode(iv));
                add(TAG_LENGTH, TAG_BITS.to_owned());
                add(DESCRIPTION, to_json(&key.context));
                if let Some(length) = plaintext_length {
                    add(PLAINTEXT_LENGTH, length.to_string());
                }
            }
        }
        Ok(())
    }
}

impl Found {
    /// Reads an object's metadata.
    ///
    /// # Errors
    /// [`EncryptionError::Metadata`] and [`EncryptionError::UnsupportedAlgorithm`].
    pub(super) fn in_metadata(metadata: &Entries) -> Result<Self, EncryptionError> {
        let has = |name: &&&str| metadata.contains_key(**name);
        if let Some(of_v3) = OF_V3.iter().find(has) {
            if let Some(other) = [KEY_V1, KEY_V2, IV, WRAPPING, CONTENT_CIPHER].iter().find(has) {
                return Err(beside(of_v3, other));
            }
            let content = content_v3(metadata)?;
            if !metadata.contains_key(KEY_V3) {
                return Ok(Self::ContentAlone(content));
            }
            return Ok(Self::Envelope(Envelope { content, data_key: data_key_v3(metadata)? }));
        }
        match [KEY_V1, KEY_V2, IV, WRAPPING, CONTENT_CIPHER].iter().any(|name| metadata.contains_key(*name)) {
            true => envelope_v2(metadata).map(Self::Envelope),
            false => Ok(Self::Nothing),
        }
    }

    /// Completes what the metadata said with the text of the instruction file.
    ///
    /// # Errors
    /// As [`in_metadata`](Self::in_metadata).
    pub(super) fn completed_by(self, instruction_file: &[u8]) -> Result<Envelope, EncryptionError> {
        let entries: Entries =
            serde_json::from_slice(instruction_file).map_err(|_| EncryptionError::Metadata {
                name: "instruction file",
                problem: "is not a JSON object of texts".to_owned(),
            })?;
        match self {
            Self::Envelope(envelope) => Ok(envelope),
            Self::ContentAlone(content) => {
                let misplaced = OF_CONTENT_V3.into_iter().chain(OF_V1_AND_V2);
                match misplaced.into_iter().find(|name| entries.contains_key(*name)) {
                    Some(name) => Err(EncryptionError::Metadata {
                        name,
                        problem: "is in the instruction file, where it does not belong".to_owned(),
                    }),
                    None => Ok(Envelope { content, data_key: data_key_v3(&entries)? }),
                }
            }
            // Of version 3, the object's metadata would have said something.
            Self::Nothing => match OF_V3.into_iter().find(|name| entries.contains_key(*name)) {
                Some(of_v3) => Err(EncryptionError::Metadata {
                    name: of_v3,
                    problem: "is in the instruction file, and the object's metadata has nothing".to_owned(),
                }),
                None => envelope_v2(&entries),
            },
        }
    }
}

fn content_v3(metadata: &Entries) -> Result<ContentParameters, EncryptionError> {
    let suite = AlgorithmSuite::Aes256GcmHkdfSha512CommitKey;
    match required(metadata, CONTENT_CIPHER_V3)? {
        named if named == suite.content_cipher() => Ok(ContentParameters::Committing {
            message_id: bytes(metadata, MESSAGE_ID)?,
            commitment: bytes(metadata, COMMITMENT)?,
        }),
        other => Err(unsupported(CONTENT_CIPHER_V3, other)),
    }
}

fn data_key_v3(entries: &Entries) -> Result<EncryptedDataKey, EncryptionError> {
    let named = required(entries, WRAPPING_V3)?;
    let algorithm = WrappingAlgorithm::of_code(named).ok_or_else(|| unsupported(WRAPPING_V3, named))?;
    let context = match algorithm {
        WrappingAlgorithm::KmsContext => texts(entries, CONTEXT_V3)?,
        _ => texts(entries, DESCRIPTION_V3)?,
    };
    Ok(EncryptedDataKey { algorithm, ciphertext: decoded(entries, KEY_V3)?, context })
}

fn envelope_v2(entries: &Entries) -> Result<Envelope, EncryptionError> {
    if entries.contains_key(KEY_V1) {
        return match entries.contains_key(KEY_V2) {
            true => Err(beside(KEY_V2, KEY_V1)),
            false => Err(unsupported(KEY_V1, "version 1 of the format")),
        };
    }
    let suite = AlgorithmSuite::Aes256GcmIv12Tag16NoKdf;
    let cipher = required(entries, CONTENT_CIPHER)?;
    if cipher != suite.content_cipher() {
        return Err(unsupported(CONTENT_CIPHER, cipher));
    }
    let named = required(entries, WRAPPING)?;
    let algorithm = WrappingAlgorithm::of_name(named).ok_or_else(|| unsupported(WRAPPING, named))?;
    let tag_length = required(entries, TAG_LENGTH)?;
    if tag_length != TAG_BITS {
        let problem = format!("is `{tag_length}`, and has to be {TAG_BITS}");
        return Err(EncryptionError::Metadata { name: TAG_LENGTH, problem });
    }
    let data_key = EncryptedDataKey {
        algorithm,
        ciphertext: decoded(entries, KEY_V2)?,
        context: texts(entries, DESCRIPTION)?,
    };
    Ok(Envelope { content: ContentParameters::Iv(bytes(entries, IV)?), data_key })
}

fn beside(name: &'static str, other: &str) -> EncryptionError {
    let problem = format!("is beside `{other}`, which another version of the format has");
    EncryptionError::Metadata { name, problem }
}

fn unsupported(name: &'static str, algorithm: &str) -> EncryptionError {
    EncryptionError::UnsupportedAlgorithm { name, algorithm: algorithm.to_owned() }
}

fn required<'e>(entries: &'e Entries, name: &'static str) -> Result<&'e str, EncryptionError> {
    let missing = || EncryptionError::Metadata { name, problem: "is missing".to_owned() };
    entries.get(name).map(String::as_str).ok_or_else(missing)
}

fn decoded(entries: &Entries, name: &'static str) -> Result<Vec<u8>, EncryptionError> {
    let not_base64 = |_| EncryptionError::Metadata { name, problem: "is not base64".to_owned() };
    STANDARD.decode(required(entries, name)?).map_err(not_base64)
}

fn bytes<const N: usize>(entries: &Entries, name: &'static str) -> Result<[u8; N], EncryptionError> {
    let decoded = decoded(entries, name)?;
    let length = decoded.len();
    decoded.try_into().map_err(|_| {
        let problem = format!("has {length} bytes, and has to have {N}");
        EncryptionError::Metadata { name, problem }
    })
}

/// What is missing is empty.
fn texts(entries: &Entries, name: &'static str) -> Result<EncryptionContext, EncryptionError> {
    let Some(json) = entries.get(name) else { return Ok(EncryptionContext::new()) };
    serde_json::from_str(json).map_err(|_| {
        let problem = "is not a JSON object of texts".to_owned();
        EncryptionError::Metadata { name, problem }
    })
}

/// JSON in ASCII.
fn to_json(texts: &EncryptionContext) -> String {
    let json = serde_json::json!(texts).to_string();
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\u{0}'..='\u{7e}' => ascii.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    ascii.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(algorithm: WrappingAlgorithm, content: ContentParameters) -> Envelope {
        let context = EncryptionContext::from([("Käse \"α\"\u{1f9c0}".to_owned(), "1\u{7f}".to_owned())]);
        Envelope { content, data_key: EncryptedDataKey { algorithm, ciphertext: vec![1, 2, 3], context } }
    }

    fn committing() -> ContentParameters {
        ContentParameters::Committing { message_id: [2; 28], commitment: [3; 28] }
    }

    fn written(envelope: &Envelope) -> Entries {
        let mut metadata = Entries::from([("title".to_owned(), "Metropolis".to_owned())]);
        envelope.add_to(&mut metadata, Some(7)).unwrap();
        metadata
    }

    fn problem_of(metadata: &Entries) -> String {
        Found::in_metadata(metadata).unwrap_err().to_string()
    }

    #[test]
    fn what_is_written_is_read_and_is_ascii() {
        for algorithm in
            [WrappingAlgorithm::AesGcm, WrappingAlgorithm::KmsContext, WrappingAlgorithm::RsaOaepSha1]
        {
            for content in [committing(), ContentParameters::Iv([4; 12])] {
                let envelope = envelope(algorithm, content);
                let metadata = written(&envelope);
                assert!(
                    metadata.values().all(|value| value.bytes().all(|byte| (b' '..0x7f).contains(&byte)))
                );
                assert_eq!(Found::in_metadata(&metadata), Ok(Found::Envelope(envelope)));
            }
        }
    }

    #[test]
    fn the_names_and_values_are_those_of_the_format() {
        let metadata = written(&envelope(WrappingAlgorithm::AesGcm, committing()));
        assert_eq!((metadata["x-amz-c"].as_str(), metadata["x-amz-w"].as_str()), ("115", "02"));
        assert_eq!(metadata["x-amz-3"], "AQID");
        assert_eq!(metadata["x-amz-m"], r#"{"K\u00e4se \"\u03b1\"\ud83e\uddc0":"1\u007f"}"#);
        assert!(!metadata.contains_key("x-amz-t") && metadata["title"] == "Metropolis");
        let metadata = written(&envelope(WrappingAlgorithm::KmsContext, ContentParameters::Iv([4; 12])));
        assert_eq!(metadata["x-amz-cek-alg"], "AES/GCM/NoPadding");
        assert_eq!(metadata["x-amz-wrap-alg"], "kms+context");
        assert_eq!(
            (metadata["x-amz-tag-len"].as_str(), metadata["x-amz-iv"].as_str()),
            ("128", "BAQEBAQEBAQEBAQE")
        );
        assert_eq!(metadata["x-amz-unencrypted-content-length"], "7");
    }

    #[test]
    fn names_of_the_format_are_not_the_callers() {
        let mut metadata = Entries::from([("X-Amz-I".to_owned(), String::new())]);
        let refused = envelope(WrappingAlgorithm::AesGcm, committing()).add_to(&mut metadata, None);
        assert_eq!(refused, Err(EncryptionError::ReservedName { name: "X-Amz-I".to_owned() }));
    }

    #[test]
    fn versions_are_not_mixed() {
        let mut metadata = written(&envelope(WrappingAlgorithm::AesGcm, ContentParameters::Iv([4; 12])));
        metadata.insert("x-amz-c".to_owned(), "115".to_owned());
        assert!(problem_of(&metadata).contains("is beside"), "{}", problem_of(&metadata));
        metadata.remove("x-amz-c");
        metadata.insert("x-amz-key".to_owned(), "AQID".to_owned());
        assert!(problem_of(&metadata).contains("`x-amz-key-v2` is beside `x-amz-key`"));
    }

    #[test]
    fn deprecated_formats_are_refused_by_name() {
        let whole = written(&envelope(WrappingAlgorithm::AesGcm, ContentParameters::Iv([4; 12])));
        for (name, algorithm) in [
            ("x-amz-cek-alg", "AES/CBC/PKCS5Padding"),
            ("x-amz-wrap-alg", "kms"),
            ("x-amz-wrap-alg", "AESWrap"),
            ("x-amz-wrap-alg", "RSA/ECB/OAEPWithSHA-256AndMGF1Padding"),
        ] {
            let mut metadata = whole.clone();
            metadata.insert(name.to_owned(), algorithm.to_owned());
            let refused = EncryptionError::UnsupportedAlgorithm { name, algorithm: algorithm.to_owned() };
            assert_eq!(Found::in_metadata(&metadata), Err(refused));
        }
        let v1 = [("x-amz-key", "AQID"), ("x-amz-iv", "BAQEBAQEBAQEBAQEBAQEBA=="), ("x-amz-matdesc", "{}")];
        let v1 = v1.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert!(problem_of(&Entries::from(v1)).contains("`x-amz-key` is `version 1 of the format`"));
    }

    #[test]
    fn every_entry_that_is_missing_or_malformed_is_named() {
        let v3 = written(&envelope(WrappingAlgorithm::AesGcm, committing()));
        let v2 = written(&envelope(WrappingAlgorithm::AesGcm, ContentParameters::Iv([4; 12])));
        let of_v3 = ["x-amz-c", "x-amz-d", "x-amz-i", "x-amz-w"];
        let of_v2 = ["x-amz-key-v2", "x-amz-iv", "x-amz-cek-alg", "x-amz-wrap-alg", "x-amz-tag-len"];
        for (whole, names) in [(&v3, of_v3.as_slice()), (&v2, &of_v2)] {
            for name in names {
                let mut metadata = whole.clone();
                metadata.remove(*name);
                assert!(problem_of(&metadata).contains(&format!("`{name}` is missing")), "{name}");
                metadata.insert((*name).to_owned(), "ö".to_owned());
                assert!(problem_of(&metadata).contains(&format!("`{name}` is ")), "{name}");
            }
        }
        for name in ["x-amz-d", "x-amz-i"] {
            let mut metadata = v3.clone();
            metadata.insert(name.to_owned(), "AQID".to_owned());
            assert!(problem_of(&metadata).contains("has 3 bytes, and has to have 28"), "{name}");
        }
    }

    #[test]
    fn an_instruction_file_completes_the_metadata() {
        for (content, of_the_file) in [
            (committing(), ["x-amz-3", "x-amz-w", "x-amz-m"].as_slice()),
            (ContentParameters::Iv([4; 12]), &OF_V1_AND_V2),
        ] {
            let envelope = envelope(WrappingAlgorithm::AesGcm, content);
            let (file, metadata): (Entries, Entries) =
                written(&envelope).into_iter().partition(|(name, _)| of_the_file.contains(&name.as_str()));
            let file = serde_json::to_vec(&file).unwrap();
            let found = Found::in_metadata(&metadata).unwrap();
            assert_eq!(found.completed_by(&file), Ok(envelope));
        }
        let misplaced = Found::ContentAlone(committing()).completed_by(br#"{"x-amz-i": "AQID"}"#);
        assert!(misplaced.unwrap_err().to_string().contains("where it does not belong"));
        assert!(Found::Nothing.completed_by(b"[]").unwrap_err().to_string().contains("JSON object"));
    }
}
