//! The memory of a session for its credentials, with a clock that only the test moves and a provider that answers
//! when the test lets it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::TimeSource;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);

#[derive(Clone, Debug)]
struct Clock(Arc<Mutex<SystemTime>>);

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// Gives its answers one after the other, each as soon as there is a permit for it.
#[derive(Debug)]
struct Script {
    answers: Mutex<VecDeque<provider::Result>>,
    asked: AtomicUsize,
    permits: Semaphore,
    fallback: Option<Credentials>,
}

impl ProvideCredentials for Script {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.permits.acquire().await.unwrap().forget();
            self.answers.lock().unwrap().pop_front().expect("an answer for every question")
        })
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.fallback.clone()
    }
}

struct Stage {
    clock: Clock,
    script: Arc<Script>,
    cached: Arc<CachedProvider>,
}

fn keys(id: &str, expiry: impl Into<Option<SystemTime>>) -> provider::Result {
    Ok(Credentials::new(id, "hunter2", Some("tok3n".into()), expiry.into(), "script"))
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + seconds)
}

fn failure() -> provider::Result {
    Err(CredentialsError::provider_error("the line is dead"))
}

impl Stage {
    fn new(answers: impl IntoIterator<Item = provider::Result>) -> Self {
        Self::with(answers, None, None)
    }

    fn with(
        answers: impl IntoIterator<Item = provider::Result>,
        life_without_expiry: Option<Duration>,
        fallback: Option<Credentials>,
    ) -> Self {
        let clock = Clock(Arc::new(Mutex::new(at(0))));
        let script = Arc::new(Script {
            answers: Mutex::new(answers.into_iter().collect()),
            asked: AtomicUsize::new(0),
            permits: Semaphore::new(1_000),
            fallback,
        });
        let provider = SharedCredentialsProvider::from(Arc::clone(&script) as Arc<dyn ProvideCredentials>);
        let sleep = SharedAsyncSleep::new(TokioSleep::new());
        let cached =
            CachedProvider::new(provider, SharedTimeSource::new(clock.clone()), sleep, life_without_expiry);
        Self { clock, script, cached: Arc::new(cached) }
    }

    /// No answer before the test says so.
    fn held_back(self) -> Self {
        self.script.permits.forget_permits(1_000);
        self
    }

    fn set(&self, seconds: u64) {
        *self.clock.0.lock().unwrap() = at(seconds);
    }

    fn asked(&self) -> usize {
        self.script.asked.load(Ordering::SeqCst)
    }

    async fn id(&self) -> String {
        self.cached.provide_credentials().await.unwrap().access_key_id().to_owned()
    }

    fn ask(&self) -> tokio::task::JoinHandle<provider::Result> {
        let cached = Arc::clone(&self.cached);
        tokio::spawn(async move { cached.provide_credentials().await })
    }

    async fn until_asked(&self, times: usize) {
        while self.asked() < times {
            tokio::task::yield_now().await;
        }
    }

    /// Lets the fetch in the background end.
    async fn until_landed(&self) {
        while self.cached.0.slot().flight.is_some() {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn credentials_are_used_until_they_near_their_end_and_replaced_behind_the_back() {
    let stage = Stage::new([keys("ONE", at(3_600)), keys("TWO", at(7_200))]);
    assert_eq!(stage.id().await, "ONE");
    stage.set(2_699);
    assert_eq!((stage.id().await, stage.asked()), ("ONE".to_owned(), 1));
    // 15 minutes before the end: the old ones are given while the new ones are fetched.
    stage.set(2_700);
    assert_eq!(stage.id().await, "ONE");
    stage.until_landed().await;
    assert_eq!((stage.id().await, stage.asked()), ("TWO".to_owned(), 2));
}

#[tokio::test]
async fn nobody_waits_for_a_fetch_while_the_old_credentials_are_good_for_long() {
    let stage = Stage::new([keys("ONE", at(3_600)), keys("TWO", at(7_200))]);
    assert_eq!(stage.id().await, "ONE");
    let stage = stage.held_back();
    stage.set(2_999);
    for _ in 0..50 {
        assert_eq!(stage.id().await, "ONE");
    }
    stage.until_asked(1).await;
    // 10 minutes before the end everybody waits for the one that is under way.
    stage.set(3_000);
    let waiting: JoinSet<_> = (0..50).map(|_| stage.ask()).map(|ask| async { ask.await.unwrap() }).collect();
    stage.script.permits.add_permits(1);
    for found in waiting.join_all().await {
        assert_eq!(found.unwrap().access_key_id(), "TWO");
    }
    assert_eq!(stage.asked(), 2);
}

#[tokio::test]
async fn fifty_who_find_the_credentials_expired_cause_one_fetch() {
    let stage = Stage::new([keys("ONE", at(3_600)), keys("TWO", at(7_200))]);
    assert_eq!(stage.id().await, "ONE");
    let stage = stage.held_back();
    stage.set(4_000);
    let waiting: Vec<_> = (0..50).map(|_| stage.ask()).collect();
    stage.until_asked(2).await;
    stage.script.permits.add_permits(1);
    for ask in waiting {
        assert_eq!(ask.await.unwrap().unwrap().access_key_id(), "TWO");
    }
    assert_eq!(stage.asked(), 2);
}

#[tokio::test]
async fn who_goes_away_does_not_end_the_fetch_for_the_others() {
    let stage = Stage::new([keys("ONE", at(3_600))]).held_back();
    let first = stage.ask();
    stage.until_asked(1).await;
    let second = stage.ask();
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    stage.script.permits.add_permits(1);
    assert_eq!(second.await.unwrap().unwrap().access_key_id(), "ONE");
    assert_eq!(stage.asked(), 1);
}

#[tokio::test]
async fn a_fetch_that_all_have_left_is_found_by_the_next() {
    let stage = Stage::new([keys("ONE", at(3_600))]).held_back();
    let only = stage.ask();
    stage.until_asked(1).await;
    only.abort();
    assert!(only.await.unwrap_err().is_cancelled());
    stage.script.permits.add_permits(1);
    assert_eq!((stage.id().await, stage.asked()), ("ONE".to_owned(), 1));
}

#[tokio::test]
async fn a_failed_refresh_keeps_the_old_credentials_while_they_are_valid() {
    let stage = Stage::new([keys("ONE", at(3_600)), failure(), failure(), failure(), keys("TWO", at(9_000))]);
    assert_eq!(stage.id().await, "ONE");
    stage.set(3_000);
    assert_eq!((stage.id().await, stage.asked()), ("ONE".to_owned(), 2));
    // Not at once again: with 10 minutes left, after two thirds of them.
    assert_eq!((stage.id().await, stage.asked()), ("ONE".to_owned(), 2));
    stage.set(3_599);
    assert_eq!((stage.id().await, stage.asked()), ("ONE".to_owned(), 3));
    stage.set(3_600);
    let error = stage.cached.provide_credentials().await.unwrap_err();
    assert!(matches!(error, CredentialsError::ProviderError(_)));
    assert!(Chain(&error).to_string().contains("the line is dead"));
    // And a failure is not remembered.
    assert_eq!((stage.id().await, stage.asked()), ("TWO".to_owned(), 5));
}

/// Where the log of a test goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_failed_refresh_is_logged_as_a_warning_without_secrets() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let stage = Stage::new([keys("ONE", at(3_600)), failure()]);
    assert_eq!(stage.id().await, "ONE");
    stage.set(3_500);
    assert_eq!(stage.id().await, "ONE");
    let told = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for word in ["WARN", "could not be refreshed", "the line is dead"] {
        assert!(told.contains(word), "{word} in {told}");
    }
    assert!(!told.contains("hunter2") && !told.contains("tok3n"), "{told}");
}

#[tokio::test]
async fn all_who_wait_for_a_fetch_that_fails_are_told_why() {
    let stage = Stage::new([failure()]).held_back();
    let waiting: Vec<_> = (0..5).map(|_| stage.ask()).collect();
    stage.until_asked(1).await;
    stage.script.permits.add_permits(1);
    for ask in waiting {
        let error = ask.await.unwrap().unwrap_err();
        assert!(Chain(&error).to_string().contains("the line is dead"));
    }
    assert_eq!(stage.asked(), 1);
}

#[tokio::test]
async fn credentials_that_have_expired_when_they_come_are_an_error_without_secrets() {
    let stage = Stage::new([keys("OLD", at(0)), keys("NEW", at(3_600))]);
    let error = stage.cached.provide_credentials().await.unwrap_err();
    let told = format!("{} {error:?}", Chain(&error));
    for word in ["expired already", "script", "OLD", "2001-09-09"] {
        assert!(told.contains(word), "{word} in {told}");
    }
    assert!(!told.contains("hunter2") && !told.contains("tok3n"), "{told}");
    assert_eq!(stage.id().await, "NEW");
}

#[tokio::test]
async fn a_provider_that_stands_by_expired_credentials_is_believed_and_asked_again() {
    let vouched = keys("OLD", at(0)).unwrap();
    let stage = Stage::with([Ok(vouched.clone()), keys("NEW", at(3_600))], None, Some(vouched));
    assert_eq!(stage.id().await, "OLD");
    assert_eq!((stage.id().await, stage.asked()), ("NEW".to_owned(), 2));
}

#[tokio::test]
async fn credentials_without_an_expiry_are_used_for_ever_or_as_long_as_was_said() {
    let stage = Stage::new([keys("ONE", None)]);
    assert_eq!(stage.id().await, "ONE");
    stage.set(1_000_000_000);
    assert_eq!((stage.id().await, stage.asked()), ("ONE".to_owned(), 1));

    let stage = Stage::with([keys("ONE", None), keys("TWO", None)], Some(HOUR), None);
    assert_eq!(stage.id().await, "ONE");
    stage.set(2_699);
    assert_eq!((stage.id().await, stage.asked()), ("ONE".to_owned(), 1));
    stage.set(3_600);
    assert_eq!((stage.id().await, stage.asked()), ("TWO".to_owned(), 2));
}

#[tokio::test]
async fn credentials_of_a_short_life_are_not_fetched_for_every_request() {
    let stage = Stage::new([keys("ONE", at(900)), keys("TWO", at(1_800))]);
    assert_eq!(stage.id().await, "ONE");
    stage.set(674);
    assert_eq!((stage.id().await, stage.asked()), ("ONE".to_owned(), 1));
    stage.set(750);
    assert_eq!((stage.id().await, stage.asked()), ("TWO".to_owned(), 2));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_answer_is_given_up_after_a_minute() {
    let stage = Stage::new([]).held_back();
    let start = tokio::time::Instant::now();
    let error = stage.cached.provide_credentials().await.unwrap_err();
    assert!(matches!(error, CredentialsError::ProviderTimedOut(_)));
    assert_eq!(start.elapsed(), FETCH_TIMEOUT);
}

#[test]
fn a_fetch_that_died_with_its_runtime_is_begun_anew() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stage = Stage::new([keys("ONE", at(3_600))]).held_back();
    let first = runtime();
    first.block_on(async {
        drop(stage.ask());
        stage.until_asked(1).await;
    });
    drop(first);
    stage.script.permits.add_permits(1);
    assert_eq!(runtime().block_on(stage.id()), "ONE");
    assert_eq!(stage.asked(), 2);
}

#[tokio::test]
async fn dropping_the_session_ends_its_fetch() {
    let stage = Stage::new([keys("ONE", at(3_600)), keys("TWO", at(7_200))]);
    assert_eq!(stage.id().await, "ONE");
    let stage = stage.held_back();
    stage.set(2_700);
    assert_eq!(stage.id().await, "ONE");
    stage.until_asked(2).await;
    let Stage { script, cached, .. } = stage;
    drop(cached);
    // The task and the memory hold the provider; when both are gone the script is the test's alone.
    while Arc::strong_count(&script) > 1 {
        tokio::task::yield_now().await;
    }
}
