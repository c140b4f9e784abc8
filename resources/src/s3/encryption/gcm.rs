//! AES-256-GCM that streams: pieces of any length go through, and the tag comes at the end.
//!
//! The crates that offer GCM take a whole message. An object may be 64 GiB, so the mode is put together here from
//! AES, its counter mode and GHASH, as NIST SP 800-38D does. Who decrypts has to hold back what came out until
//! [`Gcm::verify`] says that it is authentic.

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use ctr::Ctr32BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of an authentication tag.
pub(super) const TAG_BYTES: usize = 16;

/// Bytes of an initialization vector.
pub(super) const IV_BYTES: usize = 12;

/// The longest plaintext: 2³⁹ − 256 bits, after which the counter would repeat.
pub(super) const MAX_PLAINTEXT_BYTES: u64 = (1 << 36) - 32;

const BLOCK_BYTES: usize = 16;

type Block = [u8; BLOCK_BYTES];

/// What one message is encrypted with.
pub(super) struct MessageKey {
    pub(super) key: Zeroizing<[u8; 32]>,
    pub(super) iv: [u8; IV_BYTES],
    pub(super) associated: &'static [u8],
}

impl MessageKey {
    /// Begins the message. Beginning it again is for the very same message only.
    pub(super) fn begin(&self) -> Gcm {
        Gcm::new(&self.key, &self.iv, self.associated)
    }
}

/// One message in the making, in one direction.
pub(super) struct Gcm {
    counter: Ctr32BE<Aes256>,
    hash: GHash,
    /// What the hash is masked with to become the tag.
    mask: Block,
    associated_bytes: u64,
    message_bytes: u64,
    /// Ciphertext that is no whole block yet.
    begun: Block,
    begun_bytes: usize,
}

/// More plaintext than GCM can keep secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Gcm {
    pub(super) fn new(key: &[u8; 32], iv: &[u8; IV_BYTES], associated: &[u8]) -> Self {
        let cipher = Aes256::new(key.into());
        let encrypted = |mut block: Block| {
            cipher.encrypt_block((&mut block).into());
            block
        };
        let mut hash_key = encrypted([0; BLOCK_BYTES]);
        let mut hash = GHash::new((&hash_key).into());
        hash_key.zeroize();
        hash.update_padded(associated);
        let mut first = [0; BLOCK_BYTES];
        first[..IV_BYTES].copy_from_slice(iv);
        first[BLOCK_BYTES - 1] = 1;
        let mask = encrypted(first);
        first[BLOCK_BYTES - 1] = 2;
        Self {
            counter: Ctr32BE::<Aes256>::new(key.into(), (&first).into()),
            hash,
            mask,
            associated_bytes: associated.len() as u64,
            message_bytes: 0,
            begun: [0; BLOCK_BYTES],
            begun_bytes: 0,
        }
    }

    /// Turns the next piece of plaintext into ciphertext.
    pub(super) fn encrypt(&mut self, piece: &mut [u8]) -> Result<(), TooLong> {
        self.count(piece.len())?;
        self.counter.apply_keystream(piece);
        self.absorb(piece);
        Ok(())
    }

    /// Turns the next piece of ciphertext into plaintext, which nobody has authenticated yet.
    pub(super) fn decrypt(&mut self, piece: &mut [u8]) -> Result<(), TooLong> {
        self.count(piece.len())?;
        self.absorb(piece);
        self.counter.apply_keystream(piece);
        Ok(())
    }

    /// The tag of all that went through.
    pub(super) fn tag(mut self) -> [u8; TAG_BYTES] {
        if self.begun_bytes > 0 {
            self.begun[self.begun_bytes..].fill(0);
            self.hash.update(&[self.begun.into()]);
        }
        let mut lengths = [0; BLOCK_BYTES];
        lengths[..8].copy_from_slice(&(self.associated_bytes * 8).to_be_bytes());
        lengths[8..].copy_from_slice(&(self.message_bytes * 8).to_be_bytes());
        self.hash.update(&[lengths.into()]);
        let mut tag = [0; TAG_BYTES];
        let hash = self.hash.clone().finalize();
        for (byte, (hashed, mask)) in tag.iter_mut().zip(hash.iter().zip(&self.mask)) {
            *byte = hashed ^ mask;
        }
        tag
    }

    /// Whether `tag` is that of all that went through. Takes the same time wherever it differs.
    pub(super) fn verify(self, tag: &[u8]) -> bool {
        self.tag().as_slice().ct_eq(tag).into()
    }

    fn count(&mut self, bytes: usize) -> Result<(), TooLong> {
        let all = self.message_bytes.saturating_add(bytes as u64);
        if all > MAX_PLAINTEXT_BYTES {
            return Err(TooLong);
        }
        self.message_bytes = all;
        Ok(())
    }

    fn absorb(&mut self, mut ciphertext: &[u8]) {
        if self.begun_bytes > 0 {
            let taken = ciphertext.len().min(BLOCK_BYTES - self.begun_bytes);
            let (completing, rest) = ciphertext.split_at(taken);
            self.begun[self.begun_bytes..self.begun_bytes + taken].copy_from_slice(completing);
            self.begun_bytes += taken;
            ciphertext = rest;
            if self.begun_bytes < BLOCK_BYTES {
                return;
            }
            self.hash.update(&[self.begun.into()]);
        }
        let (whole, rest) = ciphertext.split_at(ciphertext.len() - ciphertext.len() % BLOCK_BYTES);
        // Of whole blocks nothing is padded.
        self.hash.update_padded(whole);
        self.begun[..rest.len()].copy_from_slice(rest);
        self.begun_bytes = rest.len();
    }
}

impl Drop for Gcm {
    fn drop(&mut self) {
        self.mask.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    /// Encrypts in pieces of so many bytes, cut short at the end.
    fn encrypted(gcm: Gcm, plaintext: &[u8], piece_bytes: usize) -> (Vec<u8>, [u8; TAG_BYTES]) {
        let (mut gcm, mut message) = (gcm, plaintext.to_vec());
        for piece in message.chunks_mut(piece_bytes) {
            gcm.encrypt(piece).unwrap();
        }
        (message, gcm.tag())
    }

    /// Test cases 13 to 16 of the GCM specification that NIST adopted (McGrew and Viega, appendix B).
    #[test]
    fn the_published_vectors_come_out_however_the_text_is_cut() {
        let long_key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
        let text = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b1\
                    6aedf5aa0de657ba637b391aafd255";
        let cipher = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5\
                      f61e6393ba7a0abcc9f662898015ad";
        let associated = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
        let zero_key = "00".repeat(32);
        let zero_iv = "00".repeat(12);
        let vectors = [
            (zero_key.as_str(), zero_iv.as_str(), "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
            (
                &zero_key,
                &zero_iv,
                "",
                "00000000000000000000000000000000",
                "cea7403d4d606b6e074ec5d3baf39d18",
                "d0d1c8a799996bf0265b98b5d48ab919",
            ),
            (long_key, "cafebabefacedbaddecaf888", "", text, cipher, "b094dac5d93471bdec1a502270e3cc6c"),
            (
                long_key,
                "cafebabefacedbaddecaf888",
                associated,
                &text[..120],
                &cipher[..120],
                "76fc6ece0f4e1768cddf8853bb2d551b",
            ),
        ];
        for (key, iv, associated, plaintext, ciphertext, tag) in vectors {
            let key: [u8; 32] = bytes(key).try_into().unwrap();
            let iv: [u8; IV_BYTES] = bytes(iv).try_into().unwrap();
            for piece in [1, 7, 15, 16, 17, 33, 64] {
                let gcm = Gcm::new(&key, &iv, &bytes(associated));
                let expected = (bytes(ciphertext), bytes(tag).try_into().unwrap());
                assert_eq!(encrypted(gcm, &bytes(plaintext), piece), expected, "pieces of {piece}");
            }
        }
    }

    #[test]
    fn what_would_repeat_the_counter_is_refused() {
        let mut gcm = Gcm::new(&[7; 32], &[1; IV_BYTES], b"");
        gcm.message_bytes = MAX_PLAINTEXT_BYTES - 1;
        assert_eq!(gcm.encrypt(&mut [0; 2]), Err(TooLong));
        assert_eq!(gcm.decrypt(&mut [0; 2]), Err(TooLong));
        assert_eq!(gcm.encrypt(&mut [0; 1]), Ok(()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn pieces_give_what_another_implementation_gives_for_the_whole(
            key: [u8; 32],
            iv: [u8; IV_BYTES],
            associated in prop::collection::vec(any::<u8>(), 0..40),
            plaintext in prop::collection::vec(any::<u8>(), 0..700),
            piece_bytes in 1..130usize,
        ) {
            let mut whole = plaintext.clone();
            let ring = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap());
            let nonce = Nonce::assume_unique_for_key(iv);
            ring.seal_in_place_append_tag(nonce, Aad::from(&associated), &mut whole).unwrap();
            let (mut message, tag) = encrypted(Gcm::new(&key, &iv, &associated), &plaintext, piece_bytes);
            prop_assert_eq!([message.as_slice(), &tag].concat(), whole);

            let mut gcm = Gcm::new(&key, &iv, &associated);
            for piece in message.chunks_mut(piece_bytes.div_ceil(2)) {
                gcm.decrypt(piece).unwrap();
            }
            prop_assert_eq!(message, plaintext);
            prop_assert!(gcm.verify(&tag));
        }
    }
}
