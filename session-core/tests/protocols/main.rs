//! AWS's protocol compliance cases, from the tests of botocore's source distribution: requests byte by byte, answers
//! value by value. Cases that botocore itself ignores are counted apart, and may pass or not.

mod compare;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use compare::{bodies_agree, queries_agree, values_agree};
use serde_json::{Value as Json, json};
use session_core::dynamic::Value;
use session_core::dynamic::conformance::protocols::Suite;

fn main() -> ExitCode {
    let Some(source) = std::env::var_os("BOTOCORE_SOURCE") else {
        println!(
            "protocols: not run, BOTOCORE_SOURCE is not set; `cargo xtask conformance protocols` runs them"
        );
        return ExitCode::SUCCESS;
    };
    let cases = Path::new(&source).join("tests/unit/protocols");
    match ["input", "output"].map(|kind| run(&cases, kind)) {
        [Ok(0), Ok(0)] => ExitCode::SUCCESS,
        counts => {
            for error in counts.into_iter().filter_map(Result::err) {
                eprintln!("protocols: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

#[derive(Default)]
struct Count {
    passed: usize,
    ignored: usize,
    missed: usize,
}

/// Runs all cases of a kind; how many were missed.
fn run(cases: &Path, kind: &str) -> Result<usize, Box<dyn std::error::Error>> {
    let ignored: Json =
        serde_json::from_slice(&std::fs::read(cases.join("protocol-tests-ignore-list.json"))?)?;
    let mut files: Vec<_> = std::fs::read_dir(cases.join(kind))?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::path);
    let mut counts = BTreeMap::<String, Count>::new();
    for file in files {
        let path = file.path();
        let protocol = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let suites: Vec<Json> = serde_json::from_slice(&std::fs::read(&path)?)?;
        let count = counts.entry(protocol.clone()).or_default();
        for suite in &suites {
            for case in suite["cases"].as_array().into_iter().flatten() {
                let is_ignored = is_ignored(&ignored, &protocol, kind, suite, case);
                match (check(kind, suite, case), is_ignored) {
                    (Ok(()), _) => count.passed += 1,
                    (Err(_), true) => count.ignored += 1,
                    (Err(why), false) => {
                        count.missed += 1;
                        println!(
                            "{kind} {protocol} {}: {}",
                            case["id"].as_str().unwrap_or("?"),
                            shortened(&why)
                        );
                    }
                }
            }
        }
    }
    let mut all = Count::default();
    for (protocol, count) in counts {
        println!(
            "{kind:6} {protocol:45} {:4} passed {:3} that botocore ignores {:3} missed",
            count.passed, count.ignored, count.missed
        );
        all.passed += count.passed;
        all.ignored += count.ignored;
        all.missed += count.missed;
    }
    let total = all.passed + all.ignored + all.missed;
    println!(
        "{kind}: {} of {total} cases pass, {} more are ignored by botocore, {} missed",
        all.passed, all.ignored, all.missed
    );
    Ok(all.missed)
}

fn is_ignored(ignored: &Json, protocol: &str, kind: &str, suite: &Json, case: &Json) -> bool {
    let among = |list: &Json, name: &Json| list.as_array().is_some_and(|list| list.contains(name));
    [&ignored["general"][kind], &ignored["protocols"][protocol][kind]]
        .into_iter()
        .any(|list| among(&list["suites"], &suite["description"]) || among(&list["cases"], &case["id"]))
}

/// A model of its own for each case: cases of a suite differ in their operation.
fn check(kind: &str, suite: &Json, case: &Json) -> Result<(), String> {
    let mut given = case["given"].clone();
    let name = given["name"].as_str().unwrap_or("OperationName").to_owned();
    let http = &mut given["http"];
    if http.is_null() {
        *http = json!({});
    }
    for (key, default) in [("method", "POST"), ("requestUri", "/")] {
        if http[key].is_null() {
            http[key] = json!(default);
        }
    }
    let mut metadata = suite["metadata"].clone();
    for key in ["endpointPrefix", "serviceId", "apiVersion"] {
        if metadata[key].is_null() {
            metadata[key] = json!("test");
        }
    }
    let document =
        json!({"metadata": metadata, "operations": {name.as_str(): given}, "shapes": suite["shapes"]});
    let protocol = metadata["protocol"].as_str().unwrap_or_default();
    let suite_of_case = Suite::over(&document).map_err(|error| error.to_string())?;
    match kind {
        "input" => check_request(&suite_of_case, &name, protocol, suite, case),
        _ => check_answer(&suite_of_case, &name, protocol, case),
    }
}

fn check_request(
    suite: &Suite,
    name: &str,
    protocol: &str,
    described: &Json,
    case: &Json,
) -> Result<(), String> {
    let (request, prefix) =
        suite.request(name, Value::from(case["params"].clone())).map_err(|e| e.to_string())?;
    let wanted = &case["serialized"];
    let differs = |what: &str, got: &dyn std::fmt::Debug, wanted: &dyn std::fmt::Debug| {
        Err(format!("{what} is {got:?}, wanted {wanted:?}"))
    };
    if let Some(method) = wanted["method"].as_str().filter(|method| *method != request.method()) {
        return differs("method", &request.method(), &method);
    }
    if let Some(uri) = wanted["uri"].as_str() {
        let split = |uri: &str| {
            let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
            (if path.is_empty() { "/".to_owned() } else { path.to_owned() }, query.to_owned())
        };
        let ((path, query), (wanted_path, wanted_query)) = (split(request.uri()), split(uri));
        if path != wanted_path || !queries_agree(&query, &wanted_query) {
            return differs("uri", &request.uri(), &uri);
        }
    }
    if let (Some(host), Some(endpoint)) = (wanted["host"].as_str(), described["clientEndpoint"].as_str()) {
        let plain = endpoint.split_once("://").map_or(endpoint, |(_, host)| host);
        let got = format!("{prefix}{}", plain.split('/').next().unwrap_or_default());
        if got != host {
            return differs("host", &got, &host);
        }
    }
    for (name, value) in wanted["headers"].as_object().into_iter().flatten() {
        let got: Vec<&str> = request.headers().get_all(name.as_str()).collect();
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if got.join(", ") != value && got.join(",") != value {
            return differs(&format!("header {name}"), &got, &value);
        }
    }
    let named = |key: &str| wanted[key].as_array().into_iter().flatten().filter_map(Json::as_str);
    if let Some(name) = named("forbidHeaders").find(|name| request.headers().get(*name).is_some()) {
        return Err(format!("header {name} must not be there"));
    }
    // Lengths are written when the request is sent.
    let absent =
        |name: &&str| request.headers().get(*name).is_none() && !name.eq_ignore_ascii_case("content-length");
    if let Some(name) = named("requireHeaders").find(absent) {
        return Err(format!("header {name} must be there"));
    }
    let body = request.body().bytes().unwrap_or_default();
    match wanted["body"].as_str() {
        Some(text) if !bodies_agree(protocol, body, text) => {
            differs("body", &String::from_utf8_lossy(body), &text)
        }
        _ => Ok(()),
    }
}

fn check_answer(suite: &Suite, name: &str, protocol: &str, case: &Json) -> Result<(), String> {
    let given = &case["response"];
    let text = given["body"].as_str().unwrap_or_default();
    let body = match protocol {
        "smithy-rpc-v2-cbor" => aws_smithy_types::base64::decode(text).map_err(|error| error.to_string())?,
        _ => text.as_bytes().to_vec(),
    };
    let status = given["status_code"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
    let status = status.try_into().map_err(|error| format!("{error}"))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    for (name, value) in given["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        response.headers_mut().append(name.clone(), value);
    }
    if case["error"].is_null() {
        let got = suite.output(name, response).map_err(|error| error.to_string())?;
        return match values_agree(&got, &case["result"]) {
            true => Ok(()),
            false => Err(format!("output is {got}, wanted {}", case["result"])),
        };
    }
    let fault = suite.fault(name, &response).map_err(|error| error.to_string())?;
    for (what, got, wanted) in
        [("code", fault.code(), &case["errorCode"]), ("message", fault.message(), &case["errorMessage"])]
    {
        let wanted = wanted.as_str().filter(|wanted| !wanted.is_empty());
        if wanted.is_some() && got != wanted {
            return Err(format!("{what} is {got:?}, wanted {wanted:?}"));
        }
    }
    // botocore leaves the message out of the fields.
    let wanted = &case["error"];
    let Value::Map(mut fields) = fault.fields().clone() else { return Err("fields are no map".to_owned()) };
    fields.retain(|(name, _)| !name.eq_ignore_ascii_case("message") || wanted.get(name).is_some());
    match values_agree(&Value::Map(fields.clone()), wanted)
        || wanted.as_object().is_some_and(|all| all.is_empty())
    {
        true => Ok(()),
        false => Err(format!("fields are {}, wanted {wanted}", Value::Map(fields))),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(700).collect()
}
