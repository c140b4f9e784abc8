//! KMS's behaviour: the keys and aliases of one account in one region. Times, ids and random bytes are passed in.
//!
//! Source: the KMS API reference; "Key states of AWS KMS keys" in its developer guide; the wording of errors is what
//! AWS answers, as LocalStack's recorded answers of AWS have it.

mod ciphertext;
mod key;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use imbl::OrdMap;

pub(super) use key::{Key, KeyState};

use ciphertext::{Nonce, opened, sealed};

/// The names and values that a ciphertext is bound to.
pub(super) type EncryptionContext = BTreeMap<String, String>;

/// Bytes of a key's secret.
pub(super) const MATERIAL_BYTES: usize = 32;

/// The most that Encrypt takes.
const PLAINTEXT_BYTES: usize = 4096;

/// Why an operation is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NotFound(String),
    Disabled(String),
    InvalidState(String),
    InvalidCiphertext,
    IncorrectKey,
    AlreadyExists(String),
    InvalidAlias(String),
    Validation(String),
}

/// A key's other name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alias {
    /// With its `alias/`.
    pub(super) name: String,
    pub(super) key_id: String,
    pub(super) created: SystemTime,
}

/// The keys of one account in one region.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    /// `arn:aws:kms:eu-west-1:123456789012:`, to which `key/…` or `alias/…` is added.
    arn: String,
    keys: OrdMap<String, Key>,
    aliases: OrdMap<String, Alias>,
}

impl Engine {
    pub(crate) fn new(partition: &str, region: &str, account: &str) -> Self {
        let arn = format!("arn:{partition}:kms:{region}:{account}:");
        Self { arn, keys: OrdMap::new(), aliases: OrdMap::new() }
    }

    pub(super) fn key_arn(&self, key_id: &str) -> String {
        format!("{}key/{key_id}", self.arn)
    }

    pub(super) fn alias_arn(&self, name: &str) -> String {
        format!("{}{name}", self.arn)
    }

    /// Forgets the keys whose time has come, with their aliases. Everything else begins with this.
    pub(super) fn pass_time(&mut self, now: SystemTime) {
        let gone = |key: &Key| matches!(key.state, KeyState::PendingDeletion { at } if at <= now);
        let ids: Vec<String> =
            self.keys.iter().filter(|(_, key)| gone(key)).map(|(id, _)| id.clone()).collect();
        for id in ids {
            self.keys.remove(&id);
            self.aliases = self.aliases.iter().filter(|(_, alias)| alias.key_id != id).map(cloned).collect();
        }
    }

    pub(super) fn create_key(
        &mut self,
        id: String,
        material: [u8; MATERIAL_BYTES],
        description: String,
        now: SystemTime,
    ) -> Key {
        let key = Key { id: id.clone(), description, created: now, state: KeyState::Enabled, material };
        self.keys.insert(id, key.clone());
        key
    }

    /// The key of an id, an ARN, an alias or an alias's ARN.
    pub(super) fn key(&self, named: &str) -> Result<&Key, Refusal> {
        let name = match named.strip_prefix("arn:") {
            Some(_) => named.strip_prefix(&self.arn).ok_or_else(|| {
                let region = named.split(':').nth(3).unwrap_or_default();
                Refusal::NotFound(format!("Invalid arn {region}"))
            })?,
            None => named,
        };
        if name.starts_with("alias/") {
            let missing = || Refusal::NotFound(format!("Alias {} is not found.", self.alias_arn(name)));
            let alias = self.aliases.get(name).ok_or_else(missing)?;
            return self.keys.get(&alias.key_id).ok_or_else(missing);
        }
        let id = name.strip_prefix("key/").unwrap_or(name);
        self.keys.get(id).ok_or_else(|| match is_key_id(id) {
            true => Refusal::NotFound(format!("Key '{}' does not exist", self.key_arn(id))),
            false => Refusal::NotFound(format!("Invalid keyId '{id}'")),
        })
    }

    /// A key that may encrypt and decrypt.
    fn usable(&self, named: &str) -> Result<&Key, Refusal> {
        let key = self.key(named)?;
        match key.state {
            KeyState::Enabled => Ok(key),
            KeyState::Disabled => Err(Refusal::Disabled(format!("{} is disabled.", self.key_arn(&key.id)))),
            KeyState::PendingDeletion { .. } => Err(self.pending(key)),
        }
    }

    fn pending(&self, key: &Key) -> Refusal {
        Refusal::InvalidState(format!("{} is pending deletion.", self.key_arn(&key.id)))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.values()
    }

    pub(super) fn aliases(&self) -> impl Iterator<Item = &Alias> {
        self.aliases.values()
    }

    pub(super) fn create_alias(&mut self, name: &str, target: &str, now: SystemTime) -> Result<(), Refusal> {
        let rest = name.strip_prefix("alias/").unwrap_or_default();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
        if rest.is_empty() || name.len() > 256 || !rest.bytes().all(allowed) {
            let message = "Alias must start with the prefix \"alias/\". Please see \
                           https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
            return Err(match name.starts_with("alias/") {
                true => Refusal::InvalidAlias("Alias contains invalid characters for an alias".to_owned()),
                false => Refusal::Validation(message.to_owned()),
            });
        }
        if rest.starts_with("aws/") {
            return Err(Refusal::InvalidAlias(
                "The alias/aws prefix is reserved for AWS services".to_owned(),
            ));
        }
        if target.contains("alias/") {
            return Err(Refusal::Validation("Aliases must refer to keys. Not aliases".to_owned()));
        }
        let key = self.key(target)?;
        if matches!(key.state, KeyState::PendingDeletion { .. }) {
            return Err(self.pending(key));
        }
        if self.aliases.contains_key(name) {
            let arn = self.alias_arn(name);
            return Err(Refusal::AlreadyExists(format!("An alias with the name {arn} already exists")));
        }
        let alias = Alias { name: name.to_owned(), key_id: key.id.clone(), created: now };
        self.aliases.insert(name.to_owned(), alias);
        Ok(())
    }

    pub(super) fn delete_alias(&mut self, name: &str) -> Result<(), Refusal> {
        let missing = format!("Alias {} is not found.", self.alias_arn(name));
        self.aliases.remove(name).map(drop).ok_or(Refusal::NotFound(missing))
    }

    /// Encrypts, and says with which key.
    pub(super) fn encrypt(
        &self,
        named: &str,
        plaintext: &[u8],
        context: &EncryptionContext,
        nonce: Nonce,
    ) -> Result<(Vec<u8>, &Key), Refusal> {
        let key = self.usable(named)?;
        if plaintext.is_empty() || plaintext.len() > PLAINTEXT_BYTES {
            let (bound, which) = match plaintext.is_empty() {
                true => (1, "greater than or equal to"),
                false => (PLAINTEXT_BYTES, "less than or equal to"),
            };
            return Err(Refusal::Validation(format!(
                "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have \
                 length {which} {bound}"
            )));
        }
        Ok((sealed(key, plaintext, context, nonce)?, key))
    }

    /// Decrypts, and says with which key; with none but `expected`, if one is.
    pub(super) fn decrypt(
        &self,
        blob: &[u8],
        context: &EncryptionContext,
        expected: Option<&str>,
    ) -> Result<(Vec<u8>, &Key), Refusal> {
        let expected = expected.map(|named| self.usable(named)).transpose()?;
        let id = ciphertext::key_id(blob).ok_or(Refusal::InvalidCiphertext)?;
        let key = self.keys.get(&id).ok_or(Refusal::InvalidCiphertext)?;
        if expected.is_some_and(|expected| expected.id != key.id) {
            return Err(Refusal::IncorrectKey);
        }
        let key = self.usable(&key.id)?;
        Ok((opened(key, blob, context)?, key))
    }

    pub(super) fn set_enabled(&mut self, named: &str, enabled: bool) -> Result<(), Refusal> {
        let mut key = self.key(named)?.clone();
        if matches!(key.state, KeyState::PendingDeletion { .. }) {
            return Err(self.pending(&key));
        }
        key.state = if enabled { KeyState::Enabled } else { KeyState::Disabled };
        self.keys.insert(key.id.clone(), key);
        Ok(())
    }

    /// In so many days, 7 to 30, the key is gone.
    pub(super) fn schedule_deletion(
        &mut self,
        named: &str,
        days: i64,
        now: SystemTime,
    ) -> Result<(Key, SystemTime), Refusal> {
        let mut key = self.key(named)?.clone();
        let days = u64::try_from(days).ok().filter(|days| (7..=30).contains(days)).ok_or_else(|| {
            Refusal::Validation(format!(
                "1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: \
                 Member must have value between 7 and 30"
            ))
        })?;
        if matches!(key.state, KeyState::PendingDeletion { .. }) {
            return Err(self.pending(&key));
        }
        let at = now + Duration::from_secs(days * 24 * 60 * 60);
        key.state = KeyState::PendingDeletion { at };
        self.keys.insert(key.id.clone(), key.clone());
        Ok((key, at))
    }

    /// The key is there again, and disabled.
    pub(super) fn cancel_deletion(&mut self, named: &str) -> Result<String, Refusal> {
        let mut key = self.key(named)?.clone();
        if !matches!(key.state, KeyState::PendingDeletion { .. }) {
            let arn = self.key_arn(&key.id);
            return Err(Refusal::InvalidState(format!("{arn} is not pending deletion.")));
        }
        key.state = KeyState::Disabled;
        self.keys.insert(key.id.clone(), key.clone());
        Ok(key.id)
    }
}

fn cloned((name, alias): (&String, &Alias)) -> (String, Alias) {
    (name.clone(), alias.clone())
}

/// Whether this is a UUID as AWS writes one.
fn is_key_id(id: &str) -> bool {
    let groups: Vec<&str> =
        id.strip_prefix("mrk-").map_or_else(|| id.split('-').collect(), |rest| vec![rest]);
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let shaped = matches!(lengths.as_slice(), [8, 4, 4, 4, 12] | [32])
        && (groups.len() == 5 || id.starts_with("mrk-"));
    shaped && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    fn engine() -> Engine {
        let mut engine = Engine::new("aws", "eu-west-1", "123456789012");
        engine.create_key(ID.to_owned(), [7; MATERIAL_BYTES], String::new(), SystemTime::UNIX_EPOCH);
        engine
    }

    fn context(value: &str) -> EncryptionContext {
        EncryptionContext::from([("tenant".to_owned(), value.to_owned())])
    }

    fn day(number: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(number * 24 * 60 * 60)
    }

    #[test]
    fn a_ciphertext_opens_with_its_key_and_context_alone() {
        let mut engine = engine();
        let other = "99999999-12ab-34cd-56ef-1234567890ab";
        engine.create_key(other.to_owned(), [8; MATERIAL_BYTES], String::new(), day(0));
        let (blob, key) = engine.encrypt(ID, b"frames", &context("a"), [1; 12]).unwrap();
        assert_eq!(key.id, ID);
        assert_eq!(engine.decrypt(&blob, &context("a"), None).unwrap().0, b"frames");
        assert_eq!(engine.decrypt(&blob, &context("a"), Some(ID)).unwrap().0, b"frames");
        assert_eq!(engine.decrypt(&blob, &context("b"), None).unwrap_err(), Refusal::InvalidCiphertext);
        assert_eq!(engine.decrypt(&blob, &context("a"), Some(other)).unwrap_err(), Refusal::IncorrectKey);
        for at in 0..blob.len() {
            let mut altered = blob.clone();
            altered[at] ^= 1;
            assert_eq!(
                engine.decrypt(&altered, &context("a"), None).unwrap_err(),
                Refusal::InvalidCiphertext
            );
            let cut = engine.decrypt(&blob[..at], &context("a"), None);
            assert_eq!(cut.unwrap_err(), Refusal::InvalidCiphertext);
        }
    }

    #[test]
    fn contexts_are_not_told_apart_by_their_concatenation_alone() {
        let engine = engine();
        let entry = |name: &str, value: &str| EncryptionContext::from([(name.to_owned(), value.to_owned())]);
        let (blob, _) = engine.encrypt(ID, b"frames", &entry("ab", "c"), [1; 12]).unwrap();
        let other = engine.decrypt(&blob, &entry("a", "bc"), None);
        assert_eq!(other.unwrap_err(), Refusal::InvalidCiphertext);
    }

    #[test]
    fn states_are_those_of_the_developer_guide() {
        let mut engine = engine();
        let arn = format!("arn:aws:kms:eu-west-1:123456789012:key/{ID}");
        engine.set_enabled(ID, false).unwrap();
        let disabled = Refusal::Disabled(format!("{arn} is disabled."));
        assert_eq!(engine.encrypt(&arn, b"x", &context("a"), [1; 12]).unwrap_err(), disabled);
        engine.set_enabled(ID, true).unwrap();
        engine.create_alias("alias/films", ID, day(0)).unwrap();
        assert!(engine.schedule_deletion(ID, 6, day(0)).is_err());
        assert_eq!(engine.schedule_deletion(ID, 7, day(0)).unwrap().1, day(7));
        let pending = Refusal::InvalidState(format!("{arn} is pending deletion."));
        assert_eq!(engine.encrypt("alias/films", b"x", &context("a"), [1; 12]).unwrap_err(), pending);
        assert_eq!(engine.set_enabled(ID, true).unwrap_err(), pending);
        engine.pass_time(day(6));
        assert_eq!(engine.cancel_deletion(ID).unwrap(), ID);
        assert_eq!(engine.key(ID).unwrap().state, KeyState::Disabled);
        engine.schedule_deletion(ID, 7, day(6)).unwrap();
        engine.pass_time(day(13));
        let gone = Refusal::NotFound(format!("Key '{arn}' does not exist"));
        assert_eq!(engine.key(ID).unwrap_err(), gone);
        assert_eq!(engine.aliases().count(), 0);
    }

    #[test]
    fn a_key_is_found_by_all_of_its_names_and_by_no_other() {
        let mut engine = engine();
        engine.create_alias("alias/films", ID, day(0)).unwrap();
        let arn = "arn:aws:kms:eu-west-1:123456789012:";
        for name in [ID, "alias/films", &format!("{arn}key/{ID}"), &format!("{arn}alias/films")] {
            assert_eq!(engine.key(name).unwrap().id, ID);
        }
        let told = |name: &str| match engine.key(name) {
            Err(Refusal::NotFound(message)) => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(told("fake"), "Invalid keyId 'fake'");
        assert_eq!(told("alias/none"), format!("Alias {arn}alias/none is not found."));
        assert_eq!(told("arn:aws:kms:us-east-1:123456789012:key/x"), "Invalid arn us-east-1");
        let again = engine.create_alias("alias/films", ID, day(0)).unwrap_err();
        let message = format!("An alias with the name {arn}alias/films already exists");
        assert_eq!(again, Refusal::AlreadyExists(message));
    }
}
