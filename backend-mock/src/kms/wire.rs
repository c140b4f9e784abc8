//! The wire: requests are read and answers written by KMS's model; operations and their parameters are matched by name,
//! and what is not among them is refused.

use std::sync::Mutex;
use std::time::SystemTime;

use aws_smithy_types::{Blob, DateTime};
use bytes::Bytes;
use http::{Response, StatusCode};
use session_core::dynamic::Value;
use session_core::dynamic::server::{Served, ServedFault, ServedRequest};

use super::engine::{EncryptionContext, Engine, Key, KeyState, MATERIAL_BYTES, Refusal};
use crate::context::RequestContext;
use crate::lock::locked;
use crate::seed::IdSource;
use crate::served;

/// The one algorithm of symmetric keys.
const ALGORITHM: &str = "SYMMETRIC_DEFAULT";

type Answer = Result<Value, ServedFault>;

/// Answers one request. `target` is its `X-Amz-Target`.
pub(crate) fn respond(
    engine: &Mutex<Engine>,
    ids: &Mutex<IdSource>,
    context: &RequestContext,
    target: &str,
    body: &[u8],
) -> Response<Bytes> {
    let read = |kms: &Served| kms.read_json(target, body);
    served::respond("kms", "KMSInternalException", context, read, |request| {
        let mut engine = locked(engine);
        engine.pass_time(context.now);
        Call { engine: &mut engine, ids, context, input: request.input() }.answer(request)
    })
}

impl From<Refusal> for ServedFault {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::NotFound(message) => ("NotFoundException", message),
            Refusal::Disabled(message) => ("DisabledException", message),
            Refusal::InvalidState(message) => ("KMSInvalidStateException", message),
            // AWS says no more, so that nobody learns what is wrong with it.
            Refusal::InvalidCiphertext => ("InvalidCiphertextException", String::new()),
            Refusal::IncorrectKey => {
                let message =
                    "The key ID in the request does not identify a CMK that can perform this operation.";
                ("IncorrectKeyException", message.to_owned())
            }
            Refusal::AlreadyExists(message) => ("AlreadyExistsException", message),
            Refusal::InvalidAlias(message) => ("InvalidAliasNameException", message),
            Refusal::Validation(message) => ("ValidationException", message),
        };
        Self::new(code, message)
    }
}

/// One request at work.
struct Call<'a> {
    engine: &'a mut Engine,
    ids: &'a Mutex<IdSource>,
    context: &'a RequestContext,
    input: &'a Value,
}

impl<'a> Call<'a> {
    fn answer(&mut self, request: &ServedRequest) -> Answer {
        match request.operation() {
            "CreateKey" => self.create_key(),
            "DescribeKey" => {
                self.take(&["KeyId"])?;
                Ok(Value::from([("KeyMetadata", self.metadata(self.engine.key(self.text("KeyId"))?))]))
            }
            "ListKeys" => self.list_keys(),
            "CreateAlias" => {
                self.take(&["AliasName", "TargetKeyId"])?;
                let (name, target) = (self.text("AliasName"), self.text("TargetKeyId"));
                self.engine.create_alias(name, target, self.context.now)?;
                Ok(nothing())
            }
            "DeleteAlias" => {
                self.take(&["AliasName"])?;
                self.engine.delete_alias(self.text("AliasName"))?;
                Ok(nothing())
            }
            "ListAliases" => self.list_aliases(),
            "GenerateDataKey" => self.generate_data_key(true),
            "GenerateDataKeyWithoutPlaintext" => self.generate_data_key(false),
            "Encrypt" => self.encrypt(),
            "Decrypt" => self.decrypt(),
            "ReEncrypt" => self.re_encrypt(),
            "EnableKey" | "DisableKey" => {
                self.take(&["KeyId"])?;
                let enabled = request.operation() == "EnableKey";
                self.engine.set_enabled(self.text("KeyId"), enabled)?;
                Ok(nothing())
            }
            "ScheduleKeyDeletion" => self.schedule_deletion(),
            "CancelKeyDeletion" => {
                self.take(&["KeyId"])?;
                let id = self.engine.cancel_deletion(self.text("KeyId"))?;
                Ok(Value::from([("KeyId", self.engine.key_arn(&id))]))
            }
            other => {
                let message = format!("The in-memory KMS does not implement the operation {other}");
                Err(ServedFault::new("NotImplemented", message).with_status(StatusCode::NOT_IMPLEMENTED))
            }
        }
    }

    /// Refuses parameters that are not among these, by name; those that say what is so anyway are passed over.
    fn take(&self, known: &[&str]) -> Result<(), ServedFault> {
        let defaults = [
            ("KeySpec", ALGORITHM),
            ("CustomerMasterKeySpec", ALGORITHM),
            ("EncryptionAlgorithm", ALGORITHM),
            ("SourceEncryptionAlgorithm", ALGORITHM),
            ("DestinationEncryptionAlgorithm", ALGORITHM),
            ("KeyUsage", "ENCRYPT_DECRYPT"),
            ("Origin", "AWS_KMS"),
        ];
        let says_nothing = |name: &str, value: &Value| {
            defaults.iter().any(|(default, is)| *default == name && value.as_str() == Some(is))
                || value.as_bool() == Some(false)
                || value.as_list().is_some_and(<[Value]>::is_empty)
        };
        let entries = self.input.as_map().unwrap_or_default();
        match entries
            .iter()
            .find(|(name, value)| !known.contains(&name.as_str()) && !says_nothing(name, value))
        {
            Some((name, _)) => {
                let message =
                    format!("The in-memory KMS does not implement the parameter {name} as it is given");
                Err(ServedFault::new("UnsupportedOperationException", message))
            }
            None => Ok(()),
        }
    }

    /// A parameter that the model requires, or empty.
    fn text(&self, name: &str) -> &'a str {
        let input: &'a Value = self.input;
        input[name].as_str().unwrap_or_default()
    }

    fn encryption_context(&self, name: &str) -> EncryptionContext {
        let entries = self.input[name].as_map().unwrap_or_default().iter();
        entries.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut ids = locked(self.ids);
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            let drawn = ids.next_u64().to_be_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        bytes
    }

    fn create_key(&mut self) -> Answer {
        self.take(&["Description"])?;
        let id = locked(self.ids).uuid();
        let material = self.bytes::<MATERIAL_BYTES>();
        let description = self.text("Description").to_owned();
        let key = self.engine.create_key(id, material, description, self.context.now);
        Ok(Value::from([("KeyMetadata", self.metadata(&key))]))
    }

    fn metadata(&self, key: &Key) -> Value {
        let (state, deletion) = match key.state {
            KeyState::Enabled => ("Enabled", None),
            KeyState::Disabled => ("Disabled", None),
            KeyState::PendingDeletion { at } => ("PendingDeletion", Some(at)),
        };
        let mut metadata = Value::from([
            ("AWSAccountId", Value::from(self.context.account_id.as_str())),
            ("KeyId", key.id.as_str().into()),
            ("Arn", self.engine.key_arn(&key.id).into()),
            ("CreationDate", moment(key.created)),
            ("Enabled", (key.state == KeyState::Enabled).into()),
            ("Description", key.description.as_str().into()),
            ("KeyUsage", "ENCRYPT_DECRYPT".into()),
            ("KeyState", state.into()),
            ("Origin", "AWS_KMS".into()),
            ("KeyManager", "CUSTOMER".into()),
            ("CustomerMasterKeySpec", ALGORITHM.into()),
            ("KeySpec", ALGORITHM.into()),
            ("EncryptionAlgorithms", Value::List(vec![ALGORITHM.into()])),
            ("MultiRegion", false.into()),
        ]);
        if let Some(at) = deletion {
            metadata.insert("DeletionDate", moment(at));
        }
        metadata
    }

    fn list_keys(&self) -> Answer {
        self.take(&["Limit", "Marker"])?;
        let entry = |key: &Key| {
            let value = Value::from([("KeyId", key.id.clone()), ("KeyArn", self.engine.key_arn(&key.id))]);
            (key.id.clone(), value)
        };
        self.page("Keys", 1000, self.engine.keys().map(entry).collect())
    }

    fn list_aliases(&self) -> Answer {
        self.take(&["KeyId", "Limit", "Marker"])?;
        let of_key = match self.input["KeyId"].as_str() {
            Some(named) => Some(self.engine.key(named)?.id.clone()),
            None => None,
        };
        let aliases =
            self.engine.aliases().filter(|alias| of_key.as_ref().is_none_or(|id| *id == alias.key_id));
        let entries = aliases.map(|alias| {
            let value = Value::from([
                ("AliasName", Value::from(alias.name.as_str())),
                ("AliasArn", self.engine.alias_arn(&alias.name).into()),
                ("TargetKeyId", alias.key_id.as_str().into()),
                ("CreationDate", moment(alias.created)),
                ("LastUpdatedDate", moment(alias.created)),
            ]);
            (alias.name.clone(), value)
        });
        self.page("Aliases", 100, entries.collect())
    }

    /// A page of what has a name to go on from.
    fn page(&self, member: &str, most: i64, entries: Vec<(String, Value)>) -> Answer {
        let limit = self.input["Limit"].as_i64();
        if let Some(limit) = limit.filter(|limit| !(1..=1000).contains(limit)) {
            let (which, bound) = if limit < 1 { ("greater", 1) } else { ("less", 1000) };
            return Err(Refusal::Validation(format!(
                "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must \
                 have value {which} than or equal to {bound}"
            ))
            .into());
        }
        let limit = usize::try_from(limit.unwrap_or(most)).unwrap_or(usize::MAX);
        let marker = self.text("Marker");
        let mut rest = entries.into_iter().filter(|(name, _)| name.as_str() > marker).peekable();
        let page: Vec<(String, Value)> = rest.by_ref().take(limit).collect();
        let last = page.last().map(|(name, _)| name.clone());
        let truncated = rest.peek().is_some();
        let mut answer = Value::Null;
        answer.insert(member, Value::List(page.into_iter().map(|(_, value)| value).collect()));
        answer.insert("Truncated", truncated);
        if let Some(last) = last.filter(|_| truncated) {
            answer.insert("NextMarker", last);
        }
        Ok(answer)
    }

    fn generate_data_key(&mut self, with_plaintext: bool) -> Answer {
        self.take(&["KeyId", "EncryptionContext", "KeySpec", "NumberOfBytes"])?;
        let length = match (self.input["KeySpec"].as_str(), self.input["NumberOfBytes"].as_i64()) {
            (Some("AES_256"), None) => 32,
            (Some("AES_128"), None) => 16,
            (None, Some(bytes @ 1..=1024)) => usize::try_from(bytes).unwrap_or_default(),
            (None, Some(bytes)) => {
                let (which, bound) = if bytes < 1 { ("greater", 1) } else { ("less", 1024) };
                return Err(Refusal::Validation(format!(
                    "1 validation error detected: Value '{bytes}' at 'numberOfBytes' failed to satisfy constraint: \
                     Member must have value {which} than or equal to {bound}"
                ))
                .into());
            }
            (Some(other), None) => {
                return Err(Refusal::Validation(format!(
                    "1 validation error detected: Value '{other}' at 'keySpec' failed to satisfy constraint: Member \
                     must satisfy enum value set: [AES_256, AES_128]"
                ))
                .into());
            }
            _ => {
                let message = "Please specify either number of bytes or key spec.";
                return Err(Refusal::Validation(message.to_owned()).into());
            }
        };
        let plaintext = &self.bytes::<1024>()[..length];
        let nonce = self.bytes();
        let context = self.encryption_context("EncryptionContext");
        let (blob, key) = self.engine.encrypt(self.text("KeyId"), plaintext, &context, nonce)?;
        let mut answer = self.encrypted(blob, key);
        answer.remove("EncryptionAlgorithm");
        if with_plaintext {
            answer.insert("Plaintext", Blob::new(plaintext));
        }
        Ok(answer)
    }

    fn encrypt(&mut self) -> Answer {
        self.take(&["KeyId", "Plaintext", "EncryptionContext"])?;
        let plaintext = self.input["Plaintext"].as_blob().unwrap_or_default();
        let context = self.encryption_context("EncryptionContext");
        let (blob, key) = self.engine.encrypt(self.text("KeyId"), plaintext, &context, self.bytes())?;
        Ok(self.encrypted(blob, key))
    }

    fn encrypted(&self, blob: Vec<u8>, key: &Key) -> Value {
        Value::from([
            ("CiphertextBlob", Value::from(Blob::new(blob))),
            ("KeyId", self.engine.key_arn(&key.id).into()),
            ("EncryptionAlgorithm", ALGORITHM.into()),
        ])
    }

    fn decrypt(&mut self) -> Answer {
        self.take(&["CiphertextBlob", "EncryptionContext", "KeyId"])?;
        let blob = self.input["CiphertextBlob"].as_blob().unwrap_or_default();
        let context = self.encryption_context("EncryptionContext");
        let (plaintext, key) = self.engine.decrypt(blob, &context, self.input["KeyId"].as_str())?;
        Ok(Value::from([
            ("KeyId", Value::from(self.engine.key_arn(&key.id))),
            ("Plaintext", Blob::new(plaintext).into()),
            ("EncryptionAlgorithm", ALGORITHM.into()),
        ]))
    }

    fn re_encrypt(&mut self) -> Answer {
        let taken = ["CiphertextBlob", "SourceEncryptionContext", "SourceKeyId", "DestinationKeyId"];
        self.take(&[taken.as_slice(), &["DestinationEncryptionContext"]].concat())?;
        let blob = self.input["CiphertextBlob"].as_blob().unwrap_or_default();
        let context = self.encryption_context("SourceEncryptionContext");
        let (plaintext, source) = self.engine.decrypt(blob, &context, self.input["SourceKeyId"].as_str())?;
        let context = self.encryption_context("DestinationEncryptionContext");
        let named = self.text("DestinationKeyId");
        let (blob, key) = self.engine.encrypt(named, &plaintext, &context, self.bytes())?;
        Ok(Value::from([
            ("CiphertextBlob", Value::from(Blob::new(blob))),
            ("SourceKeyId", self.engine.key_arn(&source.id).into()),
            ("KeyId", self.engine.key_arn(&key.id).into()),
            ("SourceEncryptionAlgorithm", ALGORITHM.into()),
            ("DestinationEncryptionAlgorithm", ALGORITHM.into()),
        ]))
    }

    fn schedule_deletion(&mut self) -> Answer {
        self.take(&["KeyId", "PendingWindowInDays"])?;
        let days = self.input["PendingWindowInDays"].as_i64().unwrap_or(30);
        let (key, at) = self.engine.schedule_deletion(self.text("KeyId"), days, self.context.now)?;
        Ok(Value::from([
            ("KeyId", Value::from(self.engine.key_arn(&key.id))),
            ("DeletionDate", moment(at)),
            ("KeyState", "PendingDeletion".into()),
            ("PendingWindowInDays", days.into()),
        ]))
    }
}

fn nothing() -> Value {
    Value::Map(Vec::new())
}

/// In milliseconds, as AWS's JSON has them.
fn moment(at: SystemTime) -> Value {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    DateTime::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)).into()
}
