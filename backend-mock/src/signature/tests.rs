//! Signatures against AWS's own examples, and what is said of those that are wrong.

use super::*;
use crate::s3::Error;

/// The keys of AWS's examples for S3.
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// 2013-05-24T00:00:00Z
const EXAMPLE_TIME: u64 = 1_369_353_600;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn parts(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn secret_of(key: &str) -> Option<Secret> {
    (key == KEY).then(|| Secret::from(SECRET))
}

fn verified(parts: &Parts, now: u64) -> Result<Option<ChunkSignatures>, Flaw> {
    verify(parts, at(now), secret_of, Payload::Declared)
}

const EMPTY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// "GET Object" of the S3 documentation's page on signatures in the header.
fn get_object(signature: &str) -> Parts {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request,\
         SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature={signature}"
    );
    parts(
        "GET",
        "/test.txt",
        &[
            ("host", "examplebucket.s3.amazonaws.com"),
            ("authorization", &authorization),
            ("range", "bytes=0-9"),
            ("x-amz-content-sha256", EMPTY_HASH),
            ("x-amz-date", "20130524T000000Z"),
        ],
    )
}

const GET_SIGNATURE: &str = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";

#[test]
fn the_documentation_s_request_is_verified() {
    assert!(verified(&get_object(GET_SIGNATURE), EXAMPLE_TIME).unwrap().is_some());
    assert!(verified(&get_object(GET_SIGNATURE), EXAMPLE_TIME + 900).is_ok());
    assert!(verified(&get_object(GET_SIGNATURE), EXAMPLE_TIME - 900).is_ok());
}

#[test]
fn the_documentation_s_listing_with_parameters_is_verified() {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request, \
         SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
         Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    );
    let listing = parts(
        "GET",
        "/?max-keys=2&prefix=J",
        &[
            ("host", "examplebucket.s3.amazonaws.com"),
            ("authorization", &authorization),
            ("x-amz-content-sha256", EMPTY_HASH),
            ("x-amz-date", "20130524T000000Z"),
        ],
    );
    assert!(verified(&listing, EXAMPLE_TIME).is_ok());
}

/// The presigned URL of the S3 documentation's page on signatures in the query.
fn presigned(expires: &str) -> Parts {
    let uri = format!(
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential={KEY}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z\
         &X-Amz-Expires={expires}&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
    parts("GET", &uri, &[("host", "examplebucket.s3.amazonaws.com")])
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Flaw>) -> (&'static str, String) {
    let error = Error::from(result.unwrap_err());
    (error.code().as_str(), error.message().to_owned())
}

#[test]
fn the_documentation_s_url_is_verified_until_it_expires() {
    assert!(verified(&presigned("86400"), EXAMPLE_TIME + 86_400).unwrap().is_some());
    let expired = verified(&presigned("86400"), EXAMPLE_TIME + 86_401).unwrap_err();
    let error = Error::from(expired);
    assert_eq!((error.code().as_str(), error.message()), ("AccessDenied", "Request has expired"));
    assert_eq!(
        error.details(),
        [
            ("X-Amz-Expires", "86400".to_owned()),
            ("Expires", "2013-05-25T00:00:00Z".to_owned()),
            ("ServerTime", "2013-05-25T00:00:01Z".to_owned()),
        ]
    );
    assert!(claims(&presigned("86400"), at(EXAMPLE_TIME + 86_401), false).is_err());
    assert!(claims(&presigned("1"), at(EXAMPLE_TIME), false).is_ok());
}

#[test]
fn a_url_says_all_of_its_signature_and_says_it_right() {
    for (expires, message) in [
        ("soon", "X-Amz-Expires should be a number"),
        ("-1", "X-Amz-Expires must be non-negative"),
        (
            "604801",
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds",
        ),
    ] {
        let refused = refusal(claims(&presigned(expires), at(EXAMPLE_TIME), false));
        assert_eq!(refused, ("AuthorizationQueryParametersError", message.to_owned()));
    }
    let partial = parts("GET", "/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0", &[]);
    let (code, message) = refusal(claims(&partial, at(EXAMPLE_TIME), false));
    assert_eq!(code, "AuthorizationQueryParametersError");
    assert!(
        message.starts_with("Query-string authentication version 4 requires the X-Amz-Algorithm"),
        "{message}"
    );
    assert!(claims(&parts("GET", "/a?x-id=GetObject", &[]), at(EXAMPLE_TIME), false).is_ok());
}

#[test]
fn a_wrong_signature_is_told_what_it_should_have_signed() {
    let flaw = verified(&get_object(&GET_SIGNATURE.replace('f', "0")), EXAMPLE_TIME).unwrap_err();
    let error = Error::from(flaw);
    assert_eq!(error.code().as_str(), "SignatureDoesNotMatch");
    let detail = |wanted: &str| error.details().iter().find(|(name, _)| *name == wanted).unwrap().1.clone();
    assert_eq!(detail("AWSAccessKeyId"), KEY);
    assert!(detail("StringToSign").starts_with("AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/"));
    assert!(detail("StringToSignBytes").starts_with("41 57 53 34 2d"));
    let canonical = "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\n";
    assert!(detail("CanonicalRequest").starts_with(canonical));
}

#[test]
fn an_unknown_key_and_a_clock_that_is_off_are_named() {
    let stranger = verify(&get_object(GET_SIGNATURE), at(EXAMPLE_TIME), |_| None, Payload::Declared);
    assert_eq!(refusal(stranger).0, "InvalidAccessKeyId");
    for now in [EXAMPLE_TIME + 901, EXAMPLE_TIME - 901] {
        assert_eq!(refusal(verified(&get_object(GET_SIGNATURE), now)).0, "RequestTimeTooSkewed");
    }
    let early = refusal(verified(&presigned("86400"), EXAMPLE_TIME - 901));
    assert_eq!(early, ("AccessDenied", "Request is not yet valid".to_owned()));
}

/// What is checked of a request in us-east-1.
fn claims(parts: &Parts, now: SystemTime, named: bool) -> Result<(), Flaw> {
    check_claims(parts, now, &RegionName::new(RegionName::DEFAULT), named)
}

#[test]
fn a_signature_of_version_2_is_taken_where_s3_was_before_2014() {
    let header = parts("GET", "/films", &[("authorization", "AWS AKIA:sig=")]);
    let url = parts("GET", "/films?AWSAccessKeyId=AKIA&Signature=x&Expires=4102444800", &[]);
    let nobody = parts("GET", "/films?X-Amz-Signatures=0", &[]);
    for (region, is_taken) in
        [("us-west-2", true), ("us-gov-west-1", true), ("eu-central-1", false), ("cn-north-1", false)]
    {
        let check = |parts| check_claims(parts, at(EXAMPLE_TIME), &RegionName::new(region), true);
        for old in [&header, &url] {
            match is_taken {
                true => assert!(check(old).is_ok(), "{region}"),
                false => assert_eq!(
                    refusal(check(old)),
                    (
                        "InvalidRequest",
                        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
                            .to_owned()
                    )
                ),
            }
        }
        assert!(check(&nobody).is_ok());
        assert!(check(&get_object(GET_SIGNATURE)).is_ok());
    }
}

#[test]
fn a_header_is_well_formed() {
    let with = |authorization: &str| {
        let headers = [
            ("host", "s3.amazonaws.com"),
            ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
            ("x-amz-date", "20130524T000000Z"),
            ("authorization", authorization),
        ];
        refusal(verified(&parts("GET", "/", &headers), EXAMPLE_TIME))
    };
    assert_eq!(with("Bearer x").0, "InvalidArgument");
    assert_eq!(with("AWS AKIA:sig=").0, "InvalidRequest");
    assert_eq!(with("AWS4-HMAC-SHA256 nonsense").0, "AuthorizationHeaderMalformed");
    assert_eq!(
        with("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request").0,
        "AuthorizationHeaderMalformed"
    );
    let other_day =
        "AWS4-HMAC-SHA256 Credential=a/20130523/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    assert_eq!(
        with(other_day).1,
        "The authorization header is malformed; Invalid credential date. Date is not the same as X-Amz-Date."
    );
    assert!(verified(&parts("GET", "/", &[]), EXAMPLE_TIME).unwrap().is_none());
}

#[test]
fn a_header_of_amazon_s_that_is_not_signed_is_refused() {
    let mut request = get_object(GET_SIGNATURE);
    request.headers.insert("x-amz-acl", http::HeaderValue::from_static("public-read"));
    let error = Error::from(verified(&request, EXAMPLE_TIME).unwrap_err());
    assert_eq!(error.message(), "There were headers present in the request which were not signed");
    assert_eq!(error.details(), [("HeadersNotSigned", "x-amz-acl".to_owned())]);
}

/// The upload in chunks of the S3 documentation: 64 KiB, 1 KiB and the last one.
#[test]
fn the_documentation_s_chunks_are_verified() {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request,\
         SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
         x-amz-decoded-content-length;x-amz-storage-class,\
         Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    );
    let upload = parts(
        "PUT",
        "/examplebucket/chunkObject.txt",
        &[
            ("host", "s3.amazonaws.com"),
            ("x-amz-date", "20130524T000000Z"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("authorization", &authorization),
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("content-length", "66824"),
        ],
    );
    let chunks = verified(&upload, EXAMPLE_TIME).unwrap().unwrap();
    let given = [
        (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ];
    let mut right = chunks.clone();
    for (length, signature) in given {
        right.begin(&format!("chunk-signature={signature}"));
        right.update(&vec![b'a'; length]);
        assert!(right.end());
    }
    let mut wrong = chunks;
    wrong.begin(&format!("chunk-signature={}", given[0].1));
    wrong.update(&vec![b'b'; given[0].0]);
    assert!(!wrong.end());
}

#[test]
fn a_policy_is_signed_as_it_was_sent() {
    let form = |signature: &str| {
        let credential = format!("{KEY}/20130524/us-east-1/s3/aws4_request");
        Authentication::of_form(&credential, "20130524T000000Z", signature).unwrap()
    };
    let key = form("").signing_key(&Secret::from(SECRET));
    let signature = calculate_signature(&key, b"e30=");
    assert!(verify_policy(&form(&signature), "e30=", secret_of).is_ok());
    assert_eq!(refusal(verify_policy(&form(&signature), "e30", secret_of)).0, "SignatureDoesNotMatch");
    assert_eq!(refusal(verify_policy(&form("0"), "e30=", |_| None)).0, "InvalidAccessKeyId");
}

#[test]
fn other_services_have_words_of_their_own() {
    let key = Flaw::UnknownKey("AKIA".to_owned());
    assert_eq!(key.for_json().code, "UnrecognizedClientException");
    assert_eq!(key.for_query().code, "InvalidClientTokenId");
    let late =
        Flaw::Skewed { request_time: String::new(), time: at(EXAMPLE_TIME), now: at(EXAMPLE_TIME + 3600) };
    let error = late.for_json();
    assert_eq!(
        (error.code, error.message.as_str()),
        (
            "InvalidSignatureException",
            "Signature expired: 20130524T000000Z is now earlier than 20130524T004500Z (20130524T010000Z - 15 min.)"
        )
    );
    assert_eq!(late.for_query().code, "SignatureDoesNotMatch");
}

#[test]
fn a_scope_that_is_wrong_is_told_what_is_expected() {
    for (credential, expected) in [
        (
            format!("{KEY}/20130524/us-east-1/s3/aws5_request"),
            "incorrect terminal \"aws5_request\". This endpoint uses \"aws4_request\".",
        ),
        (
            format!("{KEY}/2013/us-east-1/s3/aws4_request"),
            "incorrect date format \"2013\". This date in the credential must be in the format \"yyyyMMdd\".",
        ),
        (
            KEY.to_owned(),
            "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ),
        (
            format!("{KEY}/20130524//s3/aws5_request"),
            "a non-empty region must be provided in the credential.",
        ),
        // The date is read before the terminal.
        (
            format!("{KEY}/2013/us-east-1/s3/aws5_request"),
            "incorrect date format \"2013\". This date in the credential must be in the format \"yyyyMMdd\".",
        ),
    ] {
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={credential},SignedHeaders=host,Signature=0");
        let headers = [
            ("authorization", authorization.as_str()),
            ("x-amz-content-sha256", EMPTY_HASH),
            ("x-amz-date", "20130524T000000Z"),
        ];
        let (code, message) = refusal(verified(&parts("GET", "/", &headers), EXAMPLE_TIME));
        assert_eq!(code, "AuthorizationHeaderMalformed");
        assert_eq!(message, format!("The authorization header is malformed; {expected}"));
    }
}

#[test]
fn what_is_wrong_is_told_in_the_order_of_s3() {
    let with = |more: &[(&str, &str)]| {
        let mut headers = vec![("host", "s3.amazonaws.com"), ("authorization", "AWS4-HMAC-SHA256 nonsense")];
        headers.extend(more);
        refusal(verified(&parts("GET", "/", &headers), EXAMPLE_TIME))
    };
    let hash = ("x-amz-content-sha256", EMPTY_HASH);
    let no_hash = "Missing required header for this request: x-amz-content-sha256";
    assert_eq!(with(&[]), ("InvalidRequest", no_hash.to_owned()));
    let no_date = "AWS authentication requires a valid Date or x-amz-date header";
    assert_eq!(with(&[hash]), ("AccessDenied", no_date.to_owned()));
    // A date that can be read does not stand in for one of Amazon's that cannot.
    let dates = [hash, ("x-amz-date", "today"), ("date", "Fri, 24 May 2013 00:00:00 GMT")];
    assert_eq!(with(&dates), ("AccessDenied", no_date.to_owned()));
    assert_eq!(with(&[hash, ("x-amz-date", "20130523T000000Z")]).0, "RequestTimeTooSkewed");
    assert_eq!(with(&[hash, ("x-amz-date", "20130524T000000Z")]).0, "AuthorizationHeaderMalformed");
    let mut unsigned = get_object("0");
    unsigned.headers.insert("x-amz-acl", http::HeaderValue::from_static("private"));
    let stranger = verify(&unsigned, at(EXAMPLE_TIME), |_| None, Payload::Declared);
    assert_eq!(refusal(stranger).0, "AccessDenied");
}

#[test]
fn a_url_of_tomorrow_says_when_it_will_be_good() {
    let error = Error::from(verified(&presigned("60"), EXAMPLE_TIME - 3600).unwrap_err());
    assert_eq!((error.code().as_str(), error.message()), ("AccessDenied", "Request is not yet valid"));
    assert_eq!(
        error.details(),
        [
            ("X-Amz-Date", "1369353600000".to_owned()),
            ("Expires", "2013-05-24T00:01:00Z".to_owned()),
            ("ServerTime", "2013-05-23T23:00:00Z".to_owned()),
        ]
    );
}

#[test]
fn a_url_that_has_expired_is_not_asked_for_its_scope() {
    let uri = presigned("60").uri.to_string().replace("%2Fs3%2Faws4_request", "");
    let short = |now| refusal(claims(&parts("GET", &uri, &[]), at(now), false));
    assert_eq!(short(EXAMPLE_TIME + 61).1, "Request has expired");
    assert_eq!(short(EXAMPLE_TIME).0, "AuthorizationQueryParametersError");
    let other = parts("GET", "/a?X-Amz-Algorithm=AWS4-HMAC-SHA512", &[]);
    assert_eq!(
        refusal(claims(&other, at(EXAMPLE_TIME), false)).1,
        "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\""
    );
}

#[test]
fn a_request_is_signed_once() {
    let message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
                   parameter or the Authorization header should be specified";
    for (uri, headers, value) in [
        ("/a?X-Amz-Algorithm=x", &[("authorization", "AWS a:b")][..], Some("AWS a:b")),
        ("/a?Signature=x", &[("authorization", "")][..], Some("")),
        ("/a?Signature=x&X-Amz-Algorithm=y", &[][..], None),
    ] {
        for refused in [
            claims(&parts("GET", uri, headers), at(EXAMPLE_TIME), true),
            verified(&parts("GET", uri, headers), EXAMPLE_TIME).map(drop),
        ] {
            let error = Error::from(refused.unwrap_err());
            assert_eq!((error.code().as_str(), error.message()), ("InvalidArgument", message), "{uri}");
            let told = error.details().iter().find(|(name, _)| *name == "ArgumentValue");
            assert_eq!(told.map(|(_, value)| value.as_str()), value, "{uri}");
        }
    }
}

#[test]
fn unsigned_headers_are_told_in_the_order_of_s3() {
    let mut request = get_object(GET_SIGNATURE);
    for name in ["content-md5", "x-amz-acl", "x-amz-meta-a", "content-type"] {
        request.headers.insert(name, http::HeaderValue::from_static("x"));
    }
    let error = Error::from(verified(&request, EXAMPLE_TIME).unwrap_err());
    assert_eq!(error.details(), [("HeadersNotSigned", "x-amz-meta-a, x-amz-acl, content-md5".to_owned())]);
}
