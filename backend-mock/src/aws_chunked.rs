//! The aws-chunked content encoding: a body in chunks, each with its length and perhaps a signature, then trailers.
//!
//! ```text
//! 400;chunk-signature=…\r\n      or 400\r\n when nothing is signed
//! <0x400 bytes>\r\n
//! 0;chunk-signature=…\r\n
//! x-amz-checksum-crc32:…\r\n     trailers, announced in x-amz-trailer
//! \r\n
//! ```
//!
//! [`Decoded`] takes it off as the frames come in, wherever they are cut: the bytes it gives are slices of those it got.
//! Who verified the request's signature hands over the chain that the chunks' hang on; without it they are passed
//! over.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body::{Frame, SizeHint};

use crate::lock::locked;
use crate::signature::{ChunkSignatures, PAYLOAD_HASH, TRAILER_SIGNATURE};

/// No line of the encoding is longer: a length and a signature, or a trailer.
const MAX_LINE_BYTES: usize = 8 * 1024;

/// No chunk but the last is shorter.
const MIN_CHUNK_BYTES: u64 = 8 * 1024;

/// Whether a request's body is in this encoding.
///
/// The payload's hash says so. `Content-Encoding` alone does not: under a hash of the bytes themselves, S3 stores the
/// name like any other (as verified against S3 in versitygw's pull request 2400).
pub(crate) fn is_encoded(headers: &HeaderMap) -> bool {
    match headers.get(PAYLOAD_HASH) {
        Some(hash) => hash.as_bytes().starts_with(b"STREAMING-"),
        None => is_named(headers) && headers.contains_key("x-amz-decoded-content-length"),
    }
}

/// Whether `Content-Encoding` has its name.
pub(crate) fn is_named(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|list| list.split(',').any(|name| name.trim().eq_ignore_ascii_case("aws-chunked")))
    })
}

/// Why a body is not what its encoding promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// It does not hold as many bytes as `x-amz-decoded-content-length` says.
    Incomplete,
    /// It ended before its last chunk, or a chunk does not begin or end as it must.
    Malformed,
    /// What follows the last chunk is not a list of trailers, or not of those that were announced.
    MalformedTrailer,
    /// Before the chunk of this number was one that is too short not to be the last.
    SmallChunk { chunk: u64, bytes_before: u64 },
    /// A chunk or the trailers are not signed by who signed the request.
    Signature,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Incomplete => "the aws-chunked body does not have its declared length",
            Self::Malformed => "a chunk of the aws-chunked body is malformed",
            Self::SmallChunk { .. } => "a chunk of the aws-chunked body that is not its last is too short",
            Self::MalformedTrailer => "the trailers of the aws-chunked body are malformed",
            Self::Signature => "a signature of the aws-chunked body does not match",
        })
    }
}

impl StdError for DecodeError {}

/// The trailers of a body, there once the body has been read to its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trailers {
    announced: Arc<[HeaderName]>,
    received: Arc<Mutex<HeaderMap>>,
}

impl Trailers {
    /// Trailers under the names that `x-amz-trailer` announces.
    fn announced_in(headers: &HeaderMap) -> Self {
        let lists = headers.get_all("x-amz-trailer").iter().filter_map(|list| list.to_str().ok());
        let names = lists.flat_map(|list| list.split(',')).filter_map(|name| name.trim().parse().ok());
        Self { announced: names.collect(), received: Arc::default() }
    }

    /// The names that the request announced.
    pub(crate) fn announced(&self) -> &[HeaderName] {
        &self.announced
    }

    /// The value of a trailer that has come in.
    pub(crate) fn get(&self, name: &str) -> Option<HeaderValue> {
        locked(&self.received).get(name).cloned()
    }

    fn receive(&self, trailers: HeaderMap) -> Result<(), DecodeError> {
        let is_announced = |name: &HeaderName| *name == TRAILER_SIGNATURE || self.announced.contains(name);
        if self.announced.iter().any(|name| !trailers.contains_key(name))
            || !trailers.keys().all(is_announced)
        {
            return Err(DecodeError::MalformedTrailer);
        }
        *locked(&self.received) = trailers;
        Ok(())
    }
}

/// Rewrites a request's headers to those of the decoded body; gives the body's length, if the request says it, and the
/// trailers to come.
pub(crate) fn decode_headers(headers: &mut HeaderMap) -> (Option<u64>, Trailers) {
    let trailers = Trailers::announced_in(headers);
    let length = headers
        .remove("x-amz-decoded-content-length")
        .and_then(|length| length.to_str().ok().and_then(|length| length.trim().parse().ok()));
    let encodings: Vec<String> = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    headers.remove(header::CONTENT_ENCODING);
    if let Ok(rest) = HeaderValue::try_from(encodings.join(","))
        && !encodings.is_empty()
    {
        headers.insert(header::CONTENT_ENCODING, rest);
    }
    headers.remove(header::CONTENT_LENGTH);
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    headers.remove(PAYLOAD_HASH);
    headers.remove("x-amz-trailer");
    (length, trailers)
}

/// The chunks that have begun, and how long the last of them is.
#[derive(Default)]
struct Chunks {
    begun: u64,
    bytes: u64,
}

impl Chunks {
    fn begin(&mut self, bytes: u64) -> Result<(), DecodeError> {
        let chunk = self.begun + 1;
        if bytes > 0 && self.begun > 0 && self.bytes < MIN_CHUNK_BYTES {
            return Err(DecodeError::SmallChunk { chunk, bytes_before: self.bytes });
        }
        *self = Self { begun: chunk, bytes };
        Ok(())
    }
}

enum State {
    /// In the line that says how long the next chunk is.
    Length,
    /// In a chunk, with so many bytes to come.
    Chunk(u64),
    /// In the line end behind a chunk.
    ChunkEnd,
    /// In the lines behind the last chunk.
    Trailers(HeaderMap),
    /// Behind a trailer that ended with a bare line feed: some clients write `\n\r\n` where others write `\r\n`.
    TrailerEnd(HeaderMap),
    End,
}

pin_project_lite::pin_project! {
    /// A body without its encoding.
    pub(crate) struct Decoded<B> {
        #[pin]
        encoded: B,
        state: State,
        // What of the current frame is not decoded yet.
        frame: Bytes,
        // A line that began in an earlier frame.
        line: Vec<u8>,
        // How many bytes are still to come, by what the request declared.
        remaining: u64,
        chunks: Chunks,
        trailers: Trailers,
        signatures: Option<ChunkSignatures>,
    }
}

impl<B> Decoded<B> {
    /// Takes the encoding off a body that declares to hold `length` bytes.
    pub(crate) fn new(encoded: B, length: u64, trailers: Trailers) -> Self {
        let (frame, line) = (Bytes::new(), Vec::new());
        let (state, chunks) = (State::Length, Chunks::default());
        Self { encoded, state, frame, line, remaining: length, chunks, trailers, signatures: None }
    }

    /// Verifies the signatures of chunks and trailers.
    pub(crate) fn verified_by(mut self, signatures: Option<ChunkSignatures>) -> Self {
        self.signatures = signatures;
        self
    }
}

impl<B> http_body::Body for Decoded<B>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let mut this = self.project();
        loop {
            let signatures = this.signatures.as_mut();
            let left = (&mut *this.remaining, &mut *this.chunks);
            match decode(this.state, this.frame, this.line, left, this.trailers, signatures) {
                Ok(Some(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Ok(None) => {}
                Err(error) => {
                    *this.state = State::End;
                    *this.frame = Bytes::new();
                    return Poll::Ready(Some(Err(error.into())));
                }
            }
            match ready!(this.encoded.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => *this.frame = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None if matches!(this.state, State::End) => return Poll::Ready(None),
                None => {
                    *this.state = State::End;
                    return Poll::Ready(Some(Err(DecodeError::Malformed.into())));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        false
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}

/// Decodes the frame up to the next bytes of the body; nothing when the frame is used up.
fn decode(
    state: &mut State,
    frame: &mut Bytes,
    line: &mut Vec<u8>,
    (remaining, chunks): (&mut u64, &mut Chunks),
    trailers: &Trailers,
    mut signatures: Option<&mut ChunkSignatures>,
) -> Result<Option<Bytes>, DecodeError> {
    while frame.has_remaining() {
        match state {
            State::Length => {
                let Some(text) = take_line(frame, line, DecodeError::Malformed)? else { return Ok(None) };
                let length = chunk_length(&text)?;
                chunks.begin(length)?;
                if let Some(signatures) = signatures.as_deref_mut() {
                    signatures.begin(&extension(&text));
                    if length == 0 && !signatures.end() {
                        return Err(DecodeError::Signature);
                    }
                }
                *state = match length {
                    0 if *remaining > 0 => return Err(DecodeError::Incomplete),
                    0 => State::Trailers(HeaderMap::new()),
                    length if length > *remaining => return Err(DecodeError::Incomplete),
                    length => State::Chunk(length),
                };
            }
            State::Chunk(left) => {
                let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(frame.len());
                let bytes = frame.split_to(taken);
                *left -= taken as u64;
                *remaining -= taken as u64;
                let ended = *left == 0;
                if let Some(signatures) = signatures.as_deref_mut() {
                    signatures.update(&bytes);
                    if ended && !signatures.end() {
                        return Err(DecodeError::Signature);
                    }
                }
                if ended {
                    *state = State::ChunkEnd;
                }
                return Ok(Some(bytes));
            }
            State::ChunkEnd => match take_line(frame, line, DecodeError::Malformed)? {
                None => return Ok(None),
                Some(text) if text.is_empty() => *state = State::Length,
                Some(_) => return Err(DecodeError::Malformed),
            },
            State::Trailers(received) => {
                let Some(text) = take_ended(frame, line, DecodeError::MalformedTrailer)? else {
                    return Ok(None);
                };
                if text == b"\r\n" {
                    if let Some(signatures) = signatures.as_deref_mut()
                        && !trailers.announced.is_empty()
                        && !signatures.end_trailers(received)
                    {
                        return Err(DecodeError::Signature);
                    }
                    trailers.receive(std::mem::take(received))?;
                    *state = State::End;
                } else {
                    let (name, value) = trailer(&text).ok_or(DecodeError::MalformedTrailer)?;
                    received.append(name, value);
                    if !text.ends_with(b"\r\n") {
                        *state = State::TrailerEnd(std::mem::take(received));
                    }
                }
            }
            State::TrailerEnd(received) => match take_line(frame, line, DecodeError::MalformedTrailer)? {
                None => return Ok(None),
                Some(text) if text.is_empty() => *state = State::Trailers(std::mem::take(received)),
                Some(_) => return Err(DecodeError::MalformedTrailer),
            },
            State::End => return Err(DecodeError::MalformedTrailer),
        }
    }
    Ok(None)
}

/// The next line without its end; nothing when it goes on in the next frame.
fn take_line(
    frame: &mut Bytes,
    line: &mut Vec<u8>,
    malformed: DecodeError,
) -> Result<Option<Vec<u8>>, DecodeError> {
    let Some(mut text) = take_ended(frame, line, malformed)? else { return Ok(None) };
    if !text.ends_with(b"\r\n") {
        return Err(malformed);
    }
    text.truncate(text.len() - 2);
    Ok(Some(text))
}

/// The next line up to and with its line feed; nothing when it goes on in the next frame.
fn take_ended(
    frame: &mut Bytes,
    line: &mut Vec<u8>,
    malformed: DecodeError,
) -> Result<Option<Vec<u8>>, DecodeError> {
    let end = frame.iter().position(|byte| *byte == b'\n');
    let piece = frame.split_to(end.map_or(frame.len(), |end| end + 1));
    line.extend_from_slice(&piece);
    if line.len() > MAX_LINE_BYTES {
        return Err(malformed);
    }
    Ok(end.map(|_| std::mem::take(line)))
}

/// The length that a chunk's line declares, in front of its extensions.
fn chunk_length(line: &[u8]) -> Result<u64, DecodeError> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let text = str::from_utf8(digits).map_err(|_| DecodeError::Malformed)?;
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(DecodeError::Malformed);
    }
    u64::from_str_radix(text, 16).map_err(|_| DecodeError::Malformed)
}

/// What stands behind the length of a chunk.
fn extension(line: &[u8]) -> String {
    let behind = line.iter().position(|byte| *byte == b';').map_or(&[][..], |at| &line[at + 1..]);
    String::from_utf8_lossy(behind).into_owned()
}

fn trailer(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(line[..colon].trim_ascii()).ok()?;
    Some((name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http_body_util::{BodyExt as _, StreamBody};
    use proptest::prelude::*;

    use super::*;

    /// Decodes a body that comes in as these frames.
    fn decode_frames(
        frames: Vec<Bytes>,
        length: u64,
        announced: &str,
    ) -> Result<(Vec<u8>, Trailers), DecodeError> {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-trailer", announced.parse().unwrap());
        let (_, trailers) = decode_headers(&mut headers);
        let frames = frames.into_iter().map(|frame| Ok::<_, Infallible>(Frame::data(frame)));
        let body = Decoded::new(StreamBody::new(stream::iter(frames)), length, trailers.clone());
        let read = futures_util::FutureExt::now_or_never(body.collect()).unwrap();
        match read {
            Ok(collected) => Ok((collected.to_bytes().to_vec(), trailers)),
            Err(error) => Err(*error.downcast_ref().unwrap()),
        }
    }

    fn decode_whole(body: &'static str, length: u64, announced: &str) -> Result<String, DecodeError> {
        let (bytes, _) = decode_frames(vec![Bytes::from_static(body.as_bytes())], length, announced)?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn signed_and_unsigned_bodies_decode_to_their_bytes() {
        let signed = "5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=ef\r\n\r\n";
        assert_eq!(decode_whole(signed, 5, "").as_deref(), Ok("hello"));
        assert_eq!(decode_whole("B\r\nhello world\r\n0\r\n\r\n", 11, "").as_deref(), Ok("hello world"));
        assert_eq!(decode_whole("0\r\n\r\n", 0, "").as_deref(), Ok(""));
    }

    #[test]
    fn trailers_are_there_once_the_body_is_read() {
        let body = "2\r\nab\r\n0\r\nx-amz-checksum-crc32:nIPYTA==\r\nx-amz-trailer-signature:00\r\n\r\n";
        let (_, trailers) =
            decode_frames(vec![Bytes::from_static(body.as_bytes())], 2, "x-amz-checksum-crc32").unwrap();
        assert_eq!(trailers.get("x-amz-checksum-crc32").unwrap(), "nIPYTA==");
        assert_eq!(trailers.announced(), ["x-amz-checksum-crc32"]);
    }

    #[test]
    fn a_trailer_may_end_with_a_line_feed_before_its_line_end() {
        for end in ["", "x-amz-trailer-signature:00\r\n"] {
            let body = format!("2\r\nab\r\n0\r\nx-amz-checksum-crc32:nIPYTA==\n\r\n{end}\r\n");
            let (bytes, trailers) =
                decode_frames(vec![Bytes::from(body)], 2, "x-amz-checksum-crc32").unwrap();
            assert_eq!(
                (bytes.as_slice(), trailers.get("x-amz-checksum-crc32").unwrap().as_bytes()),
                (&b"ab"[..], &b"nIPYTA=="[..])
            );
        }
    }

    #[test]
    fn what_is_short_long_or_malformed_is_an_error() {
        use DecodeError::{Incomplete, Malformed, MalformedTrailer};
        let cases = [
            ("", 0, "", Malformed),
            ("5\r\nhel", 5, "", Malformed),
            ("5\r\nhello\r\n", 5, "", Malformed),
            ("5\r\nhello\r\n0\r\n", 5, "", Malformed),
            ("5\r\nhello\r\n0\r\n\r\n", 6, "", Incomplete),
            ("5\r\nhello\r\n0\r\n\r\n", 4, "", Incomplete),
            ("5\nhello\r\n0\r\n\r\n", 5, "", Malformed),
            ("\r\nhello\r\n0\r\n\r\n", 5, "", Malformed),
            ("+5\r\nhello\r\n0\r\n\r\n", 5, "", Malformed),
            ("x\r\nhello\r\n0\r\n\r\n", 5, "", Malformed),
            ("4\r\nhello\r\n0\r\n\r\n", 5, "", Malformed),
            ("fffffffffffffffff\r\n", 5, "", Malformed),
            ("0\r\n\r\n", 0, "x-amz-checksum-crc32", MalformedTrailer),
            ("0\r\nno colon\r\n\r\n", 0, "", MalformedTrailer),
            ("0\r\n\r\nmore", 0, "", MalformedTrailer),
            ("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", 0, "", MalformedTrailer),
            ("5\r\nhello\r\n1\r\n", 5, "", DecodeError::SmallChunk { chunk: 2, bytes_before: 5 }),
        ];
        for (body, length, announced, error) in cases {
            assert_eq!(decode_whole(body, length, announced), Err(error), "{body:?}");
        }
    }

    #[test]
    fn the_decoded_bytes_are_slices_of_the_encoded_ones() {
        let encoded = Bytes::from_static(b"5\r\nhello\r\n0\r\n\r\n");
        let mut frame = encoded.clone();
        let (mut state, mut left) = (State::Length, (5, Chunks::default()));
        let trailers = Trailers::default();
        let left = (&mut left.0, &mut left.1);
        let bytes = decode(&mut state, &mut frame, &mut Vec::new(), left, &trailers, None);
        assert_eq!(bytes.unwrap().unwrap().as_ptr(), encoded[3..].as_ptr());
    }

    #[test]
    fn the_headers_become_those_of_the_decoded_body() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-encoding", "aws-chunked,gzip"),
            ("content-length", "99"),
            ("x-amz-decoded-content-length", "11"),
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        assert!(is_encoded(&headers));
        let (length, _) = decode_headers(&mut headers);
        assert_eq!(length, Some(11));
        let mut left: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        left.sort_unstable();
        assert_eq!(left, [("content-encoding", "gzip"), ("content-length", "11")]);
        assert!(!is_encoded(&headers));
    }

    proptest! {
        #[test]
        fn decoding_does_not_depend_on_where_frames_are_cut(
            long in prop::collection::vec((any::<u8>(), 8_192usize..8_200), 0..3),
            last in prop::collection::vec(any::<u8>(), 1..40),
            cuts in prop::collection::vec(1usize..20, 1..20),
            signed: bool,
        ) {
            let mut chunks: Vec<Vec<u8>> = long.iter().map(|(byte, length)| vec![*byte; *length]).collect();
            chunks.push(last);
            let mut encoded = Vec::new();
            let end = if signed { ";chunk-signature=0123456789abcdef\r\n" } else { "\r\n" };
            for chunk in &chunks {
                encoded.extend_from_slice(format!("{:x}{end}", chunk.len()).as_bytes());
                encoded.extend_from_slice(chunk);
                encoded.extend_from_slice(b"\r\n");
            }
            encoded.extend_from_slice(format!("0{end}x-amz-checksum-crc32: AAAAAA==\r\n\r\n").as_bytes());
            let mut rest = Bytes::from(encoded);
            let mut frames = Vec::new();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                frames.push(rest.split_to((*cut).min(rest.len())));
            }
            let whole = chunks.concat();
            let (decoded, trailers) =
                decode_frames(frames, whole.len() as u64, "x-amz-checksum-crc32").unwrap();
            prop_assert_eq!(decoded, whole);
            prop_assert_eq!(trailers.get("x-amz-checksum-crc32").unwrap(), "AAAAAA==");
        }

        #[test]
        fn decoding_anything_ends(body in prop::collection::vec(any::<u8>(), 0..60), length in 0u64..60) {
            let _ = decode_frames(vec![Bytes::from(body)], length, "");
        }
    }
}
