//! Bodies: taken in as they arrive, digested on the way and checked against what the request said of them;
//! given out as the segments of the object.

use std::pin::Pin;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use s3s::StdError;
use s3s::stream::{ByteStream, RemainingLength};

use super::call::Call;
use crate::aws_chunked::DecodeError;
use crate::s3::engine::{
    Checksum, ChecksumAlgorithm, Code, Content, Digest, Digester, Error, GIVEN_BASE64, Gathering,
    MAX_PUT_BYTES,
};
use crate::signature::PAYLOAD_HASH;

/// What a request says of its body.
#[derive(Debug, Default)]
pub(super) struct Expected {
    md5: Option<[u8; 16]>,
    checksum: Option<ExpectedChecksum>,
    /// `x-amz-content-sha256` where it holds the hash that was signed.
    signed: Option<Checksum>,
    is_of_part: bool,
}

#[derive(Debug)]
enum ExpectedChecksum {
    Given(Checksum),
    /// It comes behind the body.
    InTrailer(ChecksumAlgorithm),
}

impl Expected {
    pub(super) fn of(call: &Call) -> Result<Self, Error> {
        let md5 = call.header_or_empty("content-md5").map(parse_md5).transpose()?;
        let checksum = checksum_of(call)?;
        let asked = call.header("x-amz-sdk-checksum-algorithm");
        let given = checksum.as_ref().map(ExpectedChecksum::algorithm);
        match asked {
            None => {}
            Some(asked) if ChecksumAlgorithm::parse(asked).is_none() => {
                return Err(Error::invalid_request(
                    "Value for x-amz-sdk-checksum-algorithm header is invalid.",
                ));
            }
            Some(_) if given.is_none() => {
                return Err(Error::invalid_request(
                    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer \
                     headers were found.",
                ));
            }
            Some(asked) if ChecksumAlgorithm::parse(asked) != given => {
                return Err(Error::invalid_request(
                    "Value for x-amz-sdk-checksum-algorithm header is invalid.",
                ));
            }
            Some(_) => {}
        }
        let signed = call.header(PAYLOAD_HASH).and_then(Checksum::from_sha256_hex);
        Ok(Self { md5, checksum, signed, is_of_part: false })
    }

    /// Of a document whose checksum headers speak of an object: what else there is.
    pub(super) fn of_document(call: &Call) -> Result<Self, Error> {
        let md5 = call.header("content-md5").map(parse_md5).transpose()?;
        let signed = call.header(PAYLOAD_HASH).and_then(Checksum::from_sha256_hex);
        Ok(Self { md5, checksum: None, signed, is_of_part: false })
    }

    /// The same of a part, whose errors say some things otherwise.
    pub(super) fn of_part(call: &Call) -> Result<Self, Error> {
        Ok(Self { is_of_part: true, ..Self::of(call)? })
    }

    /// Whether anything vouches for the body.
    pub(super) fn has_any(&self) -> bool {
        self.md5.is_some() || self.checksum.is_some()
    }

    /// The algorithm that the request brings a checksum of.
    pub(super) fn algorithm(&self) -> Option<ChecksumAlgorithm> {
        self.checksum.as_ref().map(ExpectedChecksum::algorithm)
    }

    fn check(&self, call: &Call, digest: &Digest) -> Result<(), Error> {
        let computed = digest.checksum(ChecksumAlgorithm::Sha256);
        if let (Some(signed), Some(computed)) = (&self.signed, computed)
            && signed != computed
        {
            return Err(Error::new(Code::XAmzContentSHA256Mismatch)
                .with("ClientComputedContentSHA256", signed.hex())
                .with("S3ComputedContentSHA256", computed.hex()));
        }
        if let Some((md5, computed)) = self.md5.zip(digest.md5).filter(|(md5, computed)| md5 != computed) {
            // As S3 says it: of a part as it came, of an object in hexadecimal.
            let expected = match self.is_of_part {
                true => BASE64_STANDARD.encode(md5),
                false => md5.iter().map(|byte| format!("{byte:02x}")).collect(),
            };
            return Err(Error::new(Code::BadDigest)
                .with("ExpectedDigest", expected)
                .with("CalculatedDigest", BASE64_STANDARD.encode(computed)));
        }
        let expected = match &self.checksum {
            None => return Ok(()),
            Some(ExpectedChecksum::Given(checksum)) => checksum.clone(),
            Some(ExpectedChecksum::InTrailer(algorithm)) => {
                let value = call.trailers().get(algorithm.header());
                let value = value.ok_or_else(|| Error::new(Code::MalformedTrailerError))?;
                let checksum = value.to_str().ok().and_then(|text| Checksum::parse(*algorithm, text));
                checksum.ok_or_else(|| {
                    Error::invalid_request(format!(
                        "Value for {} trailing header is invalid.",
                        algorithm.header()
                    ))
                })?
            }
        };
        match digest.checksum(expected.algorithm()) {
            Some(checksum) if *checksum == expected => Ok(()),
            _ => Err(Error::checksum_mismatch(expected.algorithm())),
        }
    }
}

impl ExpectedChecksum {
    fn algorithm(&self) -> ChecksumAlgorithm {
        match self {
            Self::Given(checksum) => checksum.algorithm(),
            Self::InTrailer(algorithm) => *algorithm,
        }
    }
}

fn parse_md5(text: &str) -> Result<[u8; 16], Error> {
    let decoded = GIVEN_BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    decoded.ok_or_else(|| Error::new(Code::InvalidDigest).with("Content-MD5", text))
}

/// The one checksum that a request may bring, in a header or in a trailer.
fn checksum_of(call: &Call) -> Result<Option<ExpectedChecksum>, Error> {
    let given =
        ChecksumAlgorithm::ALL.into_iter().filter(|known| call.header_or_empty(known.header()).is_some());
    if given.count() + call.trailers().announced().len() > 1 {
        return Err(Error::invalid_request(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ));
    }
    let mut found = Vec::new();
    for algorithm in ChecksumAlgorithm::ALL {
        if let Some(text) = call.header_or_empty(algorithm.header()) {
            let checksum = Checksum::parse(algorithm, text).ok_or_else(|| {
                Error::invalid_request(format!("Value for {} header is invalid.", algorithm.header()))
            })?;
            found.push(ExpectedChecksum::Given(checksum));
        }
    }
    for name in call.trailers().announced() {
        let algorithm = ChecksumAlgorithm::ALL.into_iter().find(|algorithm| algorithm.header() == name);
        found.push(ExpectedChecksum::InTrailer(algorithm.ok_or_else(|| {
            Error::invalid_request("The value specified in the x-amz-trailer header is not supported")
        })?));
    }
    Ok(found.pop())
}

/// A body that came in whole and is what its request said.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) content: Content,
    pub(super) digest: Digest,
}

/// What is to be computed of a body, beside what its request says of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Digests<'a> {
    /// The MD5, which is the entity tag of what S3 encrypts with keys of its own.
    pub(super) md5: bool,
    pub(super) checksums: &'a [ChecksumAlgorithm],
}

/// Takes in a body to its end, digesting it with what the request brought and with `digests`.
///
/// # Errors
/// `MissingContentLength`, `EntityTooLarge` before anything is read; `IncompleteBody`, `BadDigest` and the like after.
pub(super) async fn receive<B>(
    mut body: B,
    call: &Call,
    expected: &Expected,
    digests: Digests<'_>,
) -> Result<Received, Error>
where
    B: Stream<Item = Result<Bytes, StdError>> + Unpin,
{
    let declared = call.body_length().ok_or_else(|| Error::new(Code::MissingContentLength))?;
    if declared > MAX_PUT_BYTES {
        return Err(Error::entity_too_large(declared, MAX_PUT_BYTES));
    }
    let asked: Vec<ChecksumAlgorithm> =
        expected.algorithm().iter().chain(digests.checksums).copied().collect();
    let signed = expected.signed.as_ref().map(Checksum::algorithm);
    let computed: Vec<ChecksumAlgorithm> = signed.into_iter().chain(asked.iter().copied()).collect();
    let mut digester = match digests.md5 || expected.md5.is_some() {
        true => Digester::new(&computed),
        false => Digester::without_md5(&computed),
    };
    let mut gathering = Gathering::of(declared);
    let incomplete = |length: u64| {
        Error::new(Code::IncompleteBody)
            .with("NumberBytesExpected", declared)
            .with("NumberBytesProvided", length)
    };
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| match error.downcast_ref::<DecodeError>() {
            Some(DecodeError::Malformed) => {
                Error::with_message(Code::IncompleteBody, "The request body terminated unexpectedly")
            }
            Some(DecodeError::SmallChunk { chunk, bytes_before }) => Error::new(Code::InvalidChunkSizeError)
                .with("Chunk", chunk)
                .with("BadChunkSize", bytes_before),
            Some(DecodeError::MalformedTrailer) => Error::new(Code::MalformedTrailerError),
            Some(DecodeError::Signature) => Error::new(Code::SignatureDoesNotMatch),
            Some(DecodeError::Incomplete) | None => incomplete(gathering.gathered()),
        })?;
        let length = gathering.gathered() + piece.len() as u64;
        if length > declared {
            return Err(incomplete(length));
        }
        gathering.push(piece).iter().for_each(|segment| digester.update(segment));
    }
    if gathering.gathered() != declared {
        return Err(incomplete(gathering.gathered()));
    }
    gathering.seal().into_iter().for_each(|segment| digester.update(segment));
    let mut digest = digester.finish();
    expected.check(call, &digest)?;
    digest.checksums.retain(|checksum| asked.contains(&checksum.algorithm()));
    Ok(Received { content: gathering.finish(), digest })
}

/// The bytes of a content as the body of an answer: its own segments, and a length known from the start.
pub(super) struct ContentStream {
    content: Content,
    next: usize,
    remaining: u64,
}

impl From<Content> for ContentStream {
    fn from(content: Content) -> Self {
        Self { remaining: content.len(), content, next: 0 }
    }
}

impl Stream for ContentStream {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let segment = self.content.segment(self.next).cloned();
        self.next += 1;
        self.remaining -= segment.as_ref().map_or(0, |bytes| bytes.len() as u64);
        Poll::Ready(segment.map(Ok))
    }
}

impl ByteStream for ContentStream {
    fn remaining_length(&self) -> RemainingLength {
        // An object that a 32-bit machine could not count would not fit into it either.
        RemainingLength::new_exact(usize::try_from(self.remaining).unwrap_or(usize::MAX))
    }
}
