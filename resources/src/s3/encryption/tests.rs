//! What passes through the cipher's bodies, in pieces of any size, whole and altered. No service is asked.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use proptest::prelude::*;
use session_core::{BoxError, Error, ErrorKind};
use tokio::io::AsyncReadExt;

use super::body::{DecryptingBody, EncryptingBody, EncryptingReader, decrypted};
use super::gcm::{MessageKey, TAG_BYTES};
use super::metadata::Found;
use super::suite::ContentParameters;
use super::*;

/// A body of those pieces, which does not tell its length.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

fn pieces(content: &[u8], piece_bytes: usize) -> SdkBody {
    SdkBody::from_body_1_x(Pieces(content.chunks(piece_bytes).map(Bytes::copy_from_slice).collect()))
}

fn key(suite: AlgorithmSuite) -> MessageKey {
    let data_key = DataKey::from_bytes(&[9; 32]).unwrap();
    ContentParameters::random(suite, &data_key).unwrap().key(&data_key).unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn collected(body: SdkBody) -> Result<Bytes, Error> {
    let collected = ByteStream::new(body).collect().await;
    collected.map(|whole| whole.into_bytes()).map_err(Error::from)
}

async fn encrypted(content: &[u8], piece_bytes: usize, key: &MessageKey) -> Bytes {
    let body = EncryptingBody::new(pieces(content, piece_bytes), content.len() as u64, key.begin());
    assert_eq!(body.size_hint().exact(), Some((content.len() + TAG_BYTES) as u64));
    collected(SdkBody::from_body_1_x(body)).await.unwrap()
}

/// Both ways to read, which have to agree.
async fn read(object: &[u8], piece_bytes: usize, key: &MessageKey) -> Result<Bytes, EncryptionError> {
    let whole = decrypted(BytesMut::from(object), key.begin());
    let body = DecryptingBody::new(pieces(object, piece_bytes), None, key.begin());
    match (collected(SdkBody::from_body_1_x(body)).await, &whole) {
        (Ok(streamed), Ok(whole)) => assert_eq!(streamed, whole),
        (Err(error), Err(why)) => {
            assert_eq!(error.kind(), ErrorKind::Service);
            assert_eq!(error.message(), why.to_string());
        }
        (streamed, whole) => panic!("{streamed:?} and {whole:?}"),
    }
    whole
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_encrypted_in_pieces_is_decrypted_in_others(
        content in prop::collection::vec(any::<u8>(), 0..400),
        sent in 1..100usize,
        received in 1..100usize,
    ) {
        for suite in [AlgorithmSuite::Aes256GcmHkdfSha512CommitKey, AlgorithmSuite::Aes256GcmIv12Tag16NoKdf] {
            let key = key(suite);
            run(async {
                let object = encrypted(&content, sent, &key).await;
                assert_eq!(object.len(), content.len() + TAG_BYTES);
                assert_eq!(read(&object, received, &key).await.unwrap(), content);
                let mut reader = EncryptingReader::new(content.as_slice(), key.begin());
                let mut uploaded = Vec::new();
                while reader.read_buf(&mut (&mut uploaded).limit_to(received)).await.unwrap() > 0 {}
                assert_eq!(uploaded, object);
            });
        }
    }

    #[test]
    fn a_bit_that_differs_and_a_byte_that_is_missing_are_noticed(
        content in prop::collection::vec(any::<u8>(), 0..100),
        at in any::<prop::sample::Index>(),
        bit in 0..8u8,
        received in 1..40usize,
    ) {
        let key = key(AlgorithmSuite::Aes256GcmHkdfSha512CommitKey);
        run(async {
            let object = encrypted(&content, 33, &key).await;
            let mut altered = object.to_vec();
            altered[at.index(object.len())] ^= 1 << bit;
            assert_eq!(read(&altered, received, &key).await, Err(EncryptionError::NotAuthentic));
            let kept = at.index(object.len());
            let expected = match kept < TAG_BYTES {
                true => EncryptionError::Truncated { bytes: kept as u64 },
                false => EncryptionError::NotAuthentic,
            };
            assert_eq!(read(&object[..kept], received, &key).await, Err(expected));
        });
    }
}

trait LimitTo: Sized {
    /// At most so many bytes at once.
    fn limit_to(self, bytes: usize) -> bytes::buf::Limit<Self>;
}

impl<B: bytes::BufMut> LimitTo for B {
    fn limit_to(self, bytes: usize) -> bytes::buf::Limit<Self> {
        bytes::BufMut::limit(self, bytes)
    }
}

#[test]
fn a_body_keeps_to_its_length_or_is_not_sent_whole() {
    let key = key(AlgorithmSuite::default());
    run(async {
        for (promised, how) in [(4, "longer"), (6, "shorter")] {
            let body = EncryptingBody::new(pieces(b"12345", 2), promised, key.begin());
            let error = collected(SdkBody::from_body_1_x(body)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.message().contains(how), "{error}");
        }
    });
}

#[test]
fn a_large_piece_is_encrypted_bit_by_bit() {
    let key = key(AlgorithmSuite::default());
    let content = vec![7; 1 << 20];
    run(async {
        let body = EncryptingBody::new(SdkBody::from(content.clone()), 1 << 20, key.begin());
        let mut body = ByteStream::new(SdkBody::from_body_1_x(body));
        let mut object = Vec::new();
        while let Some(piece) = body.try_next().await.unwrap() {
            assert!(piece.len() <= 64 << 10, "{}", piece.len());
            object.extend_from_slice(&piece);
        }
        assert_eq!(read(&object, 1000, &key).await.unwrap(), content);
    });
}

#[test]
fn a_wrapped_key_opens_for_its_keyring_and_suite_alone() {
    let committing = AlgorithmSuite::Aes256GcmHkdfSha512CommitKey;
    let keyring = AesKeyring::new([1; 32]).unwrap().material_description("key", "1");
    let none = EncryptionContext::new();
    run(async {
        let (data_key, wrapped) = keyring.on_encrypt(committing, &none).await.unwrap();
        assert_eq!((wrapped.ciphertext.len(), wrapped.context["key"].as_str()), (12 + 32 + 16, "1"));
        let opened = keyring.on_decrypt(committing, &none, &wrapped).await.unwrap();
        assert_eq!(opened.expose(), data_key.expose());

        let told = |result: Result<DataKey, Error>| EncryptionError::of(&result.unwrap_err()).cloned();
        let altered = Some(EncryptionError::DataKeyNotAuthentic);
        let other = AesKeyring::new([2; 32]).unwrap();
        assert_eq!(told(other.on_decrypt(committing, &none, &wrapped).await), altered);
        let other_suite = AlgorithmSuite::Aes256GcmIv12Tag16NoKdf;
        assert_eq!(told(keyring.on_decrypt(other_suite, &none, &wrapped).await), altered);
        for at in 0..wrapped.ciphertext.len() {
            let mut flipped = wrapped.clone();
            flipped.ciphertext[at] ^= 1;
            assert_eq!(told(keyring.on_decrypt(committing, &none, &flipped).await), altered);
            flipped.ciphertext.truncate(at);
            assert_eq!(told(keyring.on_decrypt(committing, &none, &flipped).await), altered);
        }
        let otherwise = EncryptedDataKey { algorithm: WrappingAlgorithm::RsaOaepSha1, ..wrapped.clone() };
        let expected = EncryptionError::WrappedOtherwise { algorithm: "RSA-OAEP-SHA1", keyring: "AES/GCM" };
        assert_eq!(told(keyring.on_decrypt(committing, &none, &otherwise).await), Some(expected));
        let context = EncryptionContext::from([("a".to_owned(), "b".to_owned())]);
        let refused = keyring.on_encrypt(committing, &context).await.unwrap_err();
        assert!(refused.message().contains("a raw key has none"), "{refused}");
    });
    assert!(AesKeyring::new([1; 16]).unwrap_err().message().contains("and this one 16"));
}

/// Objects that another implementation of AES-GCM and HKDF made (Python's `cryptography`, as AWS's client for Python uses
/// it), from fixed keys.
#[test]
fn objects_of_another_implementation_are_read() {
    let wrapping_key: Vec<u8> = (0..32).collect();
    let keyring = AesKeyring::new(wrapping_key).unwrap();
    let version_3 = [
        ("x-amz-c", "115"),
        ("x-amz-w", "02"),
        ("x-amz-3", "MjM0NTY3ODk6Ozw9oj6Jp61V64gBaoTpK5yNixLGbfbxNN2QrWd15zeyGfHD9iibZ+ZegvUEz8F5lNcM"),
        ("x-amz-d", "t3kqucZxuJygRL7L2344ESazG6voYDR7KY2gYw=="),
        ("x-amz-i", "yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4w=="),
    ];
    let version_2 = [
        ("x-amz-key-v2", "MjM0NTY3ODk6Ozw9oj6Jp61V64gBaoTpK5yNixLGbfbxNN2QrWd15zeyGfG8mr0sTWhogk/nuapbnDNM"),
        ("x-amz-iv", "RkdISUpLTE1OT1BR"),
        ("x-amz-cek-alg", "AES/GCM/NoPadding"),
        ("x-amz-wrap-alg", "AES/GCM"),
        ("x-amz-tag-len", "128"),
    ];
    for (metadata, object) in [
        (version_3, "MmyNXc/eGljNNgBbq84ATetrKYk5p+RAmSrtE0NuNN4DHrJi5eN9z9as5R2VVYclyFUCFa0="),
        (version_2, "vhLKX8EYFyfySHHpfcbwlObEGY0j+6dKYIeUIDiRWyplQoRV3/Moo4q7JKXBEFcdFkRsN7A="),
    ] {
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let Found::Envelope(envelope) = Found::in_metadata(&metadata.into()).unwrap() else {
            panic!("no data key")
        };
        let object = STANDARD.decode(object).unwrap();
        run(async {
            let suite = envelope.content.suite();
            let data_key =
                keyring.on_decrypt(suite, &EncryptionContext::new(), &envelope.data_key).await.unwrap();
            let key = envelope.content.key(&data_key).unwrap();
            assert_eq!(read(&object, 7, &key).await.unwrap(), "once upon a time, in a city of towers");
        });
    }
}
