//! Signatures of the chunks of an aws-chunked body: each signs its bytes and the signature before it.

use aws_sigv4::sign::v4::calculate_signature;
use http::HeaderMap;
use sha2::{Digest as _, Sha256};

use super::authentication::Authentication;
use super::hex;

/// The hash of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The trailer that signs the others.
pub(crate) const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

/// The chain of signatures of one body, beginning with the request's.
#[derive(Clone)]
pub(crate) struct ChunkSignatures {
    key: Vec<u8>,
    amz_date: String,
    scope: String,
    previous: String,
    chunk: Sha256,
    /// What the chunk that is being read says of itself.
    provided: Option<String>,
}

impl ChunkSignatures {
    pub(super) fn new(key: Vec<u8>, authentication: Authentication) -> Self {
        Self {
            key,
            scope: authentication.scope(),
            amz_date: authentication.amz_date,
            previous: authentication.signature,
            chunk: Sha256::new(),
            provided: None,
        }
    }

    /// A chunk begins, with what its first line says behind the length.
    pub(crate) fn begin(&mut self, extension: &str) {
        self.chunk = Sha256::new();
        self.provided = extension.trim().strip_prefix("chunk-signature=").map(|text| text.trim().to_owned());
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.chunk.update(bytes);
    }

    /// Whether the chunk that ends here is signed by who signed the request.
    pub(crate) fn end(&mut self) -> bool {
        let hash = hex(&self.chunk.clone().finalize());
        self.follows("AWS4-HMAC-SHA256-PAYLOAD", &format!("{EMPTY}\n{hash}"))
    }

    /// Whether the trailers are.
    pub(crate) fn end_trailers(&mut self, trailers: &HeaderMap) -> bool {
        let provided = trailers.get(TRAILER_SIGNATURE).and_then(|value| value.to_str().ok());
        self.provided = provided.map(str::to_owned);
        let signed = trailers.iter().filter(|(name, _)| name.as_str() != TRAILER_SIGNATURE);
        let text: String = signed
            .map(|(name, value)| format!("{name}:{}\n", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        self.follows("AWS4-HMAC-SHA256-TRAILER", &hex(&Sha256::digest(text)))
    }

    fn follows(&mut self, algorithm: &str, hashes: &str) -> bool {
        let Self { amz_date, scope, previous, .. } = self;
        let string_to_sign = format!("{algorithm}\n{amz_date}\n{scope}\n{previous}\n{hashes}");
        let computed = calculate_signature(&self.key, string_to_sign.as_bytes());
        let same = self.provided.as_ref() == Some(&computed);
        self.previous = computed;
        same
    }
}

impl std::fmt::Debug for ChunkSignatures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChunkSignatures")
    }
}
