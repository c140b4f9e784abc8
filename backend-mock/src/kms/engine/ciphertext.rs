//! What a key's ciphertext is made of: a prefix, the key's id, a nonce, and AES-256-GCM with the encryption context
//! as its associated data. AWS documents none of it but that it says which key it was, and that the context is
//! authenticated.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key as AesKey};

use super::{EncryptionContext, Key, Refusal};

/// How AWS's ciphertexts of symmetric keys begin.
const PREFIX: [u8; 5] = [0x01, 0x02, 0x02, 0x00, 0x78];

/// Characters of a key's id.
const ID_BYTES: usize = 36;

pub(super) type Nonce = [u8; 12];

/// The id of the key that a ciphertext says it was made with.
pub(super) fn key_id(blob: &[u8]) -> Option<String> {
    let (id, _) = blob.strip_prefix(&PREFIX)?.split_at_checked(ID_BYTES)?;
    String::from_utf8(id.to_vec()).ok()
}

pub(super) fn sealed(
    key: &Key,
    plaintext: &[u8],
    context: &EncryptionContext,
    nonce: Nonce,
) -> Result<Vec<u8>, Refusal> {
    let payload = Payload { msg: plaintext, aad: &associated(context) };
    let ciphertext = cipher(key).encrypt(&nonce.into(), payload).map_err(|_| Refusal::InvalidCiphertext)?;
    Ok([PREFIX.as_slice(), key.id.as_bytes(), &nonce, &ciphertext].concat())
}

pub(super) fn opened(key: &Key, blob: &[u8], context: &EncryptionContext) -> Result<Vec<u8>, Refusal> {
    let rest = blob.get(PREFIX.len() + ID_BYTES..).and_then(|rest| rest.split_first_chunk::<12>());
    let (nonce, ciphertext) = rest.ok_or(Refusal::InvalidCiphertext)?;
    let payload = Payload { msg: ciphertext, aad: &associated(context) };
    cipher(key).decrypt(nonce.into(), payload).map_err(|_| Refusal::InvalidCiphertext)
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new(&AesKey::<Aes256Gcm>::from(key.material))
}

/// The context with the length of each text before it, so that no two contexts are alike.
fn associated(context: &EncryptionContext) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in context.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}
