//! Checksums of what is sent and of what comes: in headers, after streams, and held against bodies.

use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};
use serde_json::{Value as Json, json};
use session_core::dynamic::{ChecksumMismatch, PresignedRequest};
use session_core::{ClientConfig, ClientConfigBuilder, ErrorKind, SessionExt};

use crate::TestResult;
use crate::film::{METROPOLIS, endless_film, film, in_pieces};
use crate::scripted::{Asked, Scripted};

/// The film's checksums, by the names of their algorithms.
const SUMS: [(&str, &str); 5] = [
    ("CRC32", "3UEFDA=="),
    ("CRC32C", "d6XNSw=="),
    ("CRC64NVME", "BsdBCCALizg="),
    ("SHA1", "XYoX+Jm7wvjzo89XjEmKAlsOHus="),
    ("SHA256", "WMJB+X1v1h/JH96KQASdug5AdKMGwZAEDPzSeLXkQSc="),
];

fn key() -> Json {
    json!({"Bucket": "films", "Key": "metropolis"})
}

fn key_and(member: &str, value: impl Into<Json>) -> Json {
    let mut input = key();
    input[member] = value.into();
    input
}

fn sums_of(asked: &Asked) -> Vec<&str> {
    let headers = asked.headers.iter().map(|(name, _)| name.as_str());
    headers.filter(|name| name.starts_with("x-amz-checksum-") || *name == "x-amz-trailer").collect()
}

/// What is asked for where a stream goes up with that input.
async fn uploaded(input: Json) -> Result<Asked, session_core::Error> {
    let session = Scripted::new().answer(200, "");
    session.client("s3").await?.operation("PutObject")?.input(input).body(film()).send().await?;
    Ok(session.asked().remove(0))
}

#[tokio::test]
async fn bytes_in_memory_have_their_checksum_in_a_header() -> TestResult {
    for (algorithm, sum) in SUMS {
        let session = Scripted::new().answer(200, "");
        let s3 = session.client("s3").await?;
        let (put, input) = (s3.operation("PutObject")?, key_and("ChecksumAlgorithm", algorithm));
        put.input(input).body(ByteStream::from_static(METROPOLIS.as_bytes())).send().await?;
        let asked = &session.asked()[0];
        let header = format!("x-amz-checksum-{}", algorithm.to_lowercase());
        assert_eq!(asked.header(&header), Some(sum));
        assert_eq!(asked.header("x-amz-sdk-checksum-algorithm"), Some(algorithm));
        assert_eq!((asked.body.as_str(), asked.header("content-encoding")), (METROPOLIS, None));
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_over_tls_has_its_checksum_after_its_end() -> TestResult {
    for (algorithm, sum) in SUMS {
        let asked = uploaded(key_and("ChecksumAlgorithm", algorithm)).await?;
        let trailer = format!("x-amz-checksum-{}", algorithm.to_lowercase());
        assert_eq!(asked.body, format!("A\r\nmetropolis\r\n0\r\n{trailer}:{sum}\r\n\r\n"));
        let length = asked.bytes.len().to_string();
        for (header, value) in [
            ("x-amz-trailer", trailer.as_str()),
            ("x-amz-sdk-checksum-algorithm", algorithm),
            ("x-amz-decoded-content-length", "10"),
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("content-encoding", "aws-chunked"),
            ("content-length", &length),
        ] {
            assert_eq!(asked.header(header), Some(value), "{header}");
        }
        assert_eq!(asked.header("transfer-encoding"), None);
        let signed = asked.header("authorization").unwrap();
        assert!(
            signed.contains("x-amz-decoded-content-length") && signed.contains("x-amz-trailer"),
            "{signed}"
        );
    }
    // The usual algorithm, and an encoding of the caller's own.
    let asked = uploaded(key_and("ContentEncoding", "br")).await?;
    assert_eq!(asked.header("x-amz-trailer"), Some("x-amz-checksum-crc32"));
    assert_eq!(asked.header("content-encoding"), Some("br,aws-chunked"));
    Ok(())
}

#[tokio::test]
async fn a_stream_over_plain_http_is_signed_chunk_by_chunk() -> TestResult {
    let session = Scripted::new().answer(503, "").answer(200, "").answer(200, "");
    let put = |client: &session_core::dynamic::DynamicClient| {
        Ok::<_, session_core::Error>(client.operation("PutObject")?.input(key()).body(film()))
    };
    let s3 = session.client("s3").endpoint_url("http://localhost:9000").await?;
    assert_eq!(put(&s3)?.send().await?.attempts(), 2);
    for asked in &session.asked() {
        assert_eq!(asked.header("x-amz-content-sha256"), Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"));
        assert_eq!(asked.header("content-length"), Some(asked.bytes.len().to_string().as_str()));
        assert!(asked.body.starts_with("A;chunk-signature="), "{}", asked.body);
        assert!(asked.body.contains("\r\nx-amz-checksum-crc32:3UEFDA==\r\nx-amz-trailer-signature:"));
    }
    // Nobody signs for an anonymous client, and nobody waits for a signature.
    let anonymous = ClientConfig::builder().anonymous().endpoint_url("http://localhost:9000");
    put(&*session.client("s3").config(anonymous).await?)?.send().await?;
    let asked = &session.asked()[2];
    assert_eq!(asked.header("authorization"), None);
    assert_eq!(asked.header("x-amz-content-sha256"), Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER"));
    assert!(asked.body.ends_with("\r\nx-amz-checksum-crc32:3UEFDA==\r\n\r\n"), "{}", asked.body);
    Ok(())
}

#[tokio::test]
async fn a_stream_that_is_sent_again_is_the_same() -> TestResult {
    let session = Scripted::new().answer(500, "").answer(503, "").answer(200, "");
    let s3 = session.client("s3").await?;
    let answer = s3.operation("PutObject")?.input(key()).body(film()).send().await?;
    let asked = session.asked();
    assert_eq!((answer.attempts(), asked.len()), (3, 3));
    for again in &asked {
        assert_eq!(again.body, "A\r\nmetropolis\r\n0\r\nx-amz-checksum-crc32:3UEFDA==\r\n\r\n");
        let encodings = again.headers.iter().filter(|(name, _)| name == "content-encoding");
        assert_eq!(encodings.map(|(_, value)| value.as_str()).collect::<Vec<_>>(), ["aws-chunked"]);
    }
    Ok(())
}

#[tokio::test]
async fn a_checksum_that_the_caller_gives_is_the_only_one() -> TestResult {
    for (member, header) in [
        ("ChecksumCRC32", "x-amz-checksum-crc32"),
        ("ChecksumSHA256", "x-amz-checksum-sha256"),
        // One that nobody here could compute.
        ("ChecksumXXHASH64", "x-amz-checksum-xxhash64"),
    ] {
        let asked = uploaded(key_and(member, "bWV0cm9wb2xpcw==")).await?;
        assert_eq!(sums_of(&asked), [header]);
        assert_eq!(asked.header(header), Some("bWV0cm9wb2xpcw=="));
        assert_eq!((asked.body.as_str(), asked.header("content-encoding")), (METROPOLIS, None));
    }
    Ok(())
}

#[tokio::test]
async fn checksums_that_nothing_requires_can_be_left_out() -> TestResult {
    let only_required =
        ClientConfig::builder().request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    let session = Scripted::new();
    let session = (0..4).fold(session, |session, _| session.answer(200, ""));
    let s3 = session.client("s3").config(only_required).await?;
    s3.operation("PutObject")?.input(key()).body(film()).send().await?;
    s3.call("PutObject", key_and("Body", METROPOLIS)).await?;
    for asked in &session.asked() {
        assert!(sums_of(asked).is_empty() && asked.body == METROPOLIS, "{asked:?}");
        assert_eq!(asked.header("x-amz-sdk-checksum-algorithm"), None);
    }
    // What the caller or the model asks for is there all the same.
    let chosen = key_and("ChecksumAlgorithm", "SHA1");
    s3.operation("PutObject")?.input(chosen).body(film()).send().await?;
    assert_eq!(sums_of(&session.asked()[2]), ["x-amz-trailer"]);
    let delete = json!({"Bucket": "films", "Delete": {"Objects": [{"Key": "metropolis"}]}});
    s3.call("DeleteObjects", delete).await?;
    assert_eq!(sums_of(&session.asked()[3]), ["x-amz-checksum-crc32"]);
    Ok(())
}

#[tokio::test]
async fn an_algorithm_that_is_not_computed_here_is_refused_by_name() -> TestResult {
    for (algorithm, body) in [("MD5", film()), ("XXHASH3", ByteStream::from_static(b"metropolis"))] {
        let session = Scripted::new();
        let s3 = session.client("s3").await?;
        let put = s3.operation("PutObject")?.body(body);
        let error = put.input(key_and("ChecksumAlgorithm", algorithm)).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let message = format!("ChecksumAlgorithm is `{algorithm}`, but has to be `CRC32`");
        assert!(error.to_string().contains(&message), "{error}");
        assert!(session.asked().is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn the_length_of_a_stream_comes_from_it_or_from_the_caller() -> TestResult {
    let session = Scripted::new().answer(200, "");
    let s3 = session.client("s3").await?;
    let error = s3.operation("PutObject")?.input(key()).body(endless_film()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("the length of Body has to be known"), "{error}");
    let input = key_and("ContentLength", METROPOLIS.len());
    s3.operation("PutObject")?.input(input).body(endless_film()).send().await?;
    let asked = &session.asked()[0];
    assert_eq!(asked.header("x-amz-decoded-content-length"), Some("10"));
    assert_eq!(asked.header("content-length"), Some(asked.bytes.len().to_string().as_str()));
    Ok(())
}

#[tokio::test]
async fn a_presigned_request_says_nothing_of_a_body_that_is_not_there() -> TestResult {
    let session = Scripted::new();
    let s3 = session.client("s3").await?;
    for (operation, input) in [
        ("PutObject", key()),
        ("PutObject", key_and("ChecksumAlgorithm", "CRC32")),
        ("GetObject", key()),
        ("UploadPart", json!({"Bucket": "films", "Key": "metropolis", "UploadId": "u", "PartNumber": 1})),
    ] {
        let request =
            s3.operation(operation)?.input(input).presigned(PresignedRequest::DEFAULT_EXPIRES_IN).await?;
        let headers: Vec<_> = request.headers().collect();
        let all = format!("{} {headers:?}", request.url());
        for never in ["checksum-crc32", "content-md5", "trailer", "checksum-mode", "content-type"] {
            assert!(!all.contains(never), "{all}");
        }
    }
    Ok(())
}

/// A session whose service answers a film with that header, and the film that it then hands out.
async fn downloaded(
    header: (&str, &str),
    config: ClientConfigBuilder,
) -> (Asked, Result<Vec<u8>, session_core::Error>) {
    let session = Scripted::new().answer_with(200, &[header], METROPOLIS);
    let s3 = session.client("s3").config(config).await.unwrap();
    let mut answer = s3.call("GetObject", key()).await.unwrap();
    let film = answer.take_body().unwrap().collect().await;
    (session.asked().remove(0), film.map(|bytes| bytes.to_vec()).map_err(session_core::Error::from))
}

#[tokio::test]
async fn a_film_that_comes_is_held_against_its_checksum() {
    for (algorithm, sum) in SUMS {
        let header = format!("x-amz-checksum-{}", algorithm.to_lowercase());
        let (asked, film) = downloaded((&header, sum), ClientConfig::builder()).await;
        assert_eq!(asked.header("x-amz-checksum-mode"), Some("ENABLED"));
        assert_eq!(film.unwrap(), METROPOLIS.as_bytes());

        let (_, film) = downloaded((&header, "AAAAAA=="), ClientConfig::builder()).await;
        let error = film.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dispatch);
        let mismatch = ChecksumMismatch::of(&error).unwrap();
        assert_eq!(
            (mismatch.algorithm(), mismatch.expected(), mismatch.computed()),
            (algorithm, "AAAAAA==", sum)
        );
        assert!(error.to_string().contains(&format!("the body's {algorithm} is `{sum}`")), "{error}");
    }
}

#[tokio::test]
async fn the_bytes_of_a_wrong_film_come_before_the_verdict() -> TestResult {
    let wrong = [("x-amz-checksum-crc32", "AAAAAA==")];
    let session = Scripted::new().answer_with(200, &wrong, METROPOLIS);
    let s3 = session.client("s3").await?;
    let mut answer = s3.call("GetObject", key()).await?;
    let mut film = answer.take_body().unwrap();
    assert_eq!(film.try_next().await.unwrap().unwrap(), METROPOLIS);
    assert!(film.try_next().await.is_err());
    assert!(film.try_next().await.unwrap().is_none());
    Ok(())
}

#[tokio::test]
async fn a_checksum_of_checksums_is_not_held_against_the_film() {
    for header in [("x-amz-checksum-crc32", "AAAAAA==-2"), ("x-amz-checksum-xxhash64", "AAAA"), ("etag", "a")]
    {
        let (_, film) = downloaded(header, ClientConfig::builder()).await;
        assert_eq!(film.unwrap(), METROPOLIS.as_bytes(), "{header:?}");
    }
}

#[tokio::test]
async fn checksums_are_not_asked_for_where_only_required_ones_are_wanted() -> TestResult {
    let only_required =
        ClientConfig::builder().response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    let wrong = ("x-amz-checksum-crc32", "AAAAAA==");
    let (asked, film) = downloaded(wrong, only_required.clone()).await;
    assert_eq!(asked.header("x-amz-checksum-mode"), None);
    assert_eq!(film.unwrap(), METROPOLIS.as_bytes());

    // One call may ask for itself.
    let session = Scripted::new().answer_with(200, &[wrong], METROPOLIS);
    let s3 = session.client("s3").config(only_required).await?;
    let mut answer = s3.call("GetObject", key_and("ChecksumMode", "ENABLED")).await?;
    assert!(answer.take_body().unwrap().collect().await.is_err());
    Ok(())
}

/// What is in a body of chunks, signed or not, before its trailers.
fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n").unwrap();
        let line = std::str::from_utf8(&body[..end]).unwrap();
        let length = usize::from_str_radix(line.split(';').next().unwrap(), 16).unwrap();
        if length == 0 {
            return whole;
        }
        whole.extend(&body[end + 2..end + 2 + length]);
        assert_eq!(&body[end + 2 + length..end + 4 + length], b"\r\n");
        body = &body[end + 4 + length..];
    }
}

/// CRC-32 as services read it, bit by bit.
fn crc32(bytes: &[u8]) -> String {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(sum & 1)))
    });
    aws_smithy_types::base64::encode((!sum).to_be_bytes())
}

#[tokio::test]
async fn a_checksum_that_is_wanted_without_an_algorithm_is_a_crc32() -> TestResult {
    let session = Scripted::new().answer(200, "").answer(200, "");
    let control = session.client("s3control").await?;
    let mut input = json!({"AccountId": "123456789012"});
    control.call("GetAccessGrantsInstance", input.clone()).await?;
    input["Policy"] = json!("{}");
    control.call("PutAccessGrantsInstanceResourcePolicy", input).await?;
    for asked in session.asked() {
        assert_eq!(asked.header("x-amz-checksum-crc32"), Some(crc32(&asked.bytes).as_str()), "{asked:?}");
        // boto sends no MD5 any more, and names an algorithm only where the model has a member for it.
        for absent in ["content-md5", "x-amz-sdk-checksum-algorithm"] {
            assert_eq!(asked.header(absent), None, "{asked:?}");
        }
    }
    assert_eq!(session.asked()[0].header("x-amz-checksum-crc32"), Some("AAAAAA=="));
    assert!(session.asked()[1].body.contains("<Policy>{}</Policy>"), "{:?}", session.asked()[1]);
    Ok(())
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]

    #[test]
    fn chunks_joined_are_the_stream_and_as_long_as_was_said(
        length in proptest::prop_oneof![0..300_usize, 65_000..66_100_usize, 0..200_000_usize],
        piece in 1..100_000_usize,
        algorithm in proptest::sample::select(SUMS.map(|(algorithm, _)| algorithm).to_vec()),
        is_plain in proptest::bool::ANY,
    ) {
        let whole: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let asked = runtime.block_on(async {
            let session = Scripted::new().answer(200, "");
            let url = if is_plain { "http://localhost:9000" } else { "https://localhost:9000" };
            let s3 = session.client("s3").endpoint_url(url).await?;
            let put = s3.operation("PutObject")?.input(key_and("ChecksumAlgorithm", algorithm));
            put.body(in_pieces(whole.clone(), piece)).send().await?;
            Ok::<_, session_core::Error>(session.asked().remove(0))
        }).unwrap();
        let said = |header: &str| asked.header(header).and_then(|length| length.parse::<usize>().ok());
        proptest::prop_assert_eq!(said("content-length"), Some(asked.bytes.len()));
        proptest::prop_assert_eq!(said("x-amz-decoded-content-length"), Some(length));
        proptest::prop_assert_eq!(asked.body.contains(";chunk-signature="), is_plain);
        proptest::prop_assert!(unchunked(&asked.bytes) == whole);
    }
}
