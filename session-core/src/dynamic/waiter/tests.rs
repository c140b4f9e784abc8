//! Waiters over scripted answers, and the definitions of all services.

use std::error::Error as _;

use aws_smithy_async::rt::sleep::TokioSleep;
use futures_util::future::BoxFuture;
use serde_json::json;

use super::super::call::Script;
use super::*;

const DEFINITIONS: &str = r#"{ "waiters": {
    "Running": { "operation": "Describe", "delay": 15, "maxAttempts": 3, "acceptors": [
        { "matcher": "pathAll", "state": "success", "argument": "Things[].State", "expected": "running" },
        { "matcher": "pathAny", "state": "failure", "argument": "Things[].State", "expected": "dead" },
        { "matcher": "path", "state": "retry", "argument": "length(Things) > `1`", "expected": true },
        { "matcher": "error", "state": "retry", "expected": "NotYet" } ] },
    "Gone": { "operation": "Head", "delay": 5, "maxAttempts": 20, "acceptors": [
        { "matcher": "status", "state": "retry", "expected": 200 },
        { "matcher": "error", "state": "success", "expected": "404" } ] },
    "Usable": { "operation": "Get", "delay": 1, "maxAttempts": 2, "acceptors": [
        { "matcher": "error", "state": "success", "expected": false },
        { "matcher": "error", "state": "retry", "expected": true } ] }
} }"#;

const LONG: Duration = Duration::from_secs(3_600);

fn waiter(name: &str, call: Arc<dyn Call>) -> Waiter {
    let definition = Definitions::parse(DEFINITIONS).unwrap().find(name).unwrap().clone();
    Waiter::new(name, definition, call, SharedAsyncSleep::new(TokioSleep::new()))
}

fn states(states: &[&str]) -> Result<Answer, Error> {
    let things: Vec<_> = states.iter().map(|state| json!({ "State": state })).collect();
    Ok(Answer { value: json!({ "Things": things }).into(), status: 200 })
}

fn service_error(code: &str) -> Result<Answer, Error> {
    Err(Error::new(ErrorKind::Service, "no").with_code(code))
}

fn failure(error: &Error) -> &WaiterFailure {
    error.source().unwrap().downcast_ref().unwrap()
}

#[tokio::test(start_paused = true)]
async fn it_asks_until_all_are_in_the_state() {
    let script =
        Script::of([service_error("NotYet"), states(&["running", "new"]), states(&["running", "running"])]);
    let begun = tokio::time::Instant::now();
    let found = waiter("Running", script.clone()).input(json!({ "Id": 1 })).wait(LONG).await.unwrap();
    assert_eq!(found["Things"][1]["State"].as_str(), Some("running"));
    assert_eq!(script.inputs(), [r#"{"Id":1}"#; 3]);
    assert_eq!(begun.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_terminal_state_is_told_with_its_answer() {
    let error = waiter("Running", Script::of([states(&["new", "dead"])])).wait(LONG).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(
        error.to_string(),
        "Describe failed: the waiter Running failed after 1 attempt: the state cannot be reached: one of \
         `Things[].State` is \"dead\""
    );
    assert_eq!(failure(&error).last_answer().unwrap()["Things"][1]["State"].as_str(), Some("dead"));
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted_and_the_last_accepted_is_told() {
    let script = Script::of([states(&["a", "b"]), states(&["a"]), states(&[])]);
    let error = waiter("Running", script).delay(Duration::ZERO).wait(LONG).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        error.message().ends_with("all attempts are used; last, `length(Things) > `1`` is true"),
        "{error}"
    );
    let failure = failure(&error);
    assert_eq!(
        (failure.waiter(), failure.attempts(), failure.last_accepted().is_some()),
        ("Running", 3, true)
    );
    let error =
        waiter("Usable", Script::of([service_error("A"), service_error("B")])).wait(LONG).await.unwrap_err();
    let last = error.source().unwrap().source().unwrap().downcast_ref::<Error>().unwrap();
    assert_eq!(last.code(), Some("B"));
}

#[tokio::test(start_paused = true)]
async fn expected_errors_are_states_and_others_end_the_wait() {
    let here = || Ok(Answer { value: Value::Null, status: 200 });
    assert!(waiter("Gone", Script::of([here(), service_error("404")])).wait(LONG).await.unwrap().is_null());
    let error = waiter("Gone", Script::of([here(), service_error("Denied")])).wait(LONG).await.unwrap_err();
    assert_eq!(error.code(), Some("Denied"));
    let lost = Err(Error::new(ErrorKind::Dispatch, "lost"));
    let error = waiter("Usable", Script::of([lost])).wait(LONG).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Dispatch, "no answer is not an error of the service");
    waiter("Usable", Script::of([here()])).wait(LONG).await.unwrap();
}

/// Never answers.
#[derive(Debug)]
struct Silence;

impl Call for Silence {
    fn call(&self, _: Value) -> BoxFuture<'_, Result<Answer, Error>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_pauses_and_requests() {
    let begun = tokio::time::Instant::now();
    let script = Script::of([states(&["new"]), states(&["new"])]);
    let error = waiter("Running", script).wait(Duration::from_secs(20)).await.unwrap_err();
    assert_eq!((error.kind(), begun.elapsed().as_secs()), (ErrorKind::Timeout, 20));
    assert!(error.message().ends_with("after 2 attempts: 20s are over"), "{error}");
    let error = waiter("Running", Arc::new(Silence)).wait(Duration::from_secs(20)).await.unwrap_err();
    assert_eq!((error.kind(), failure(&error).attempts()), (ErrorKind::Timeout, 0));
}

#[test]
fn the_definitions_of_all_services_parse() {
    let mut waiters = 0;
    for service in crate::model::names() {
        let extras = crate::model::extras(service).unwrap();
        let all = Definitions::parse(extras).unwrap_or_else(|error| panic!("{service}: {error:?}"));
        let model = crate::model::find(service).unwrap().unwrap();
        for name in all.names() {
            let operation = &all.find(name).unwrap().operation;
            assert!(model.find_operation(operation).is_some(), "{service} {name}: {operation}");
        }
        waiters += all.names().count();
    }
    assert!(waiters > 400, "{waiters}");
}
