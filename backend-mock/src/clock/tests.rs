//! Time without waiting: nothing here sleeps for real.

use std::future::poll_fn;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

fn standing() -> Clock {
    let clock = Clock::new();
    clock.set(SystemTime::UNIX_EPOCH);
    clock
}

fn seconds(clock: &Clock) -> u64 {
    clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn a_clock_goes_with_the_machine_until_it_is_set_and_stands_then() {
    let clock = Clock::new();
    let machine = SystemTime::now();
    assert!(clock.now() + Duration::from_secs(5) > machine && clock.now() < machine + HOUR);
    clock.advance(HOUR);
    assert!(clock.now() >= machine + HOUR - Duration::from_secs(5));
    clock.set(SystemTime::UNIX_EPOCH + HOUR);
    assert_eq!((seconds(&clock), clock.now()), (3600, clock.now()));
    clock.clone().advance(HOUR);
    assert_eq!(seconds(&clock), 7200);
}

#[test]
fn a_clock_stays_where_aws_can_write_the_date() {
    let clock = standing();
    clock.advance(Duration::MAX);
    assert_eq!(seconds(&clock), LAST.as_secs());
    clock.set(SystemTime::UNIX_EPOCH - HOUR);
    assert_eq!(seconds(&clock), 0);
}

#[tokio::test]
async fn a_sleep_moves_the_clock_instead_of_waiting() {
    let clock = standing();
    clock.sleep(24 * HOUR).await;
    assert_eq!(seconds(&clock), 86_400);
    clock.sleep(Duration::ZERO).await;
    assert_eq!(seconds(&clock), 86_400);
}

#[tokio::test]
async fn sleepers_wake_in_the_order_of_their_deadlines() {
    let clock = standing();
    let woken = Mutex::new(Vec::new());
    let sleeper = async |name: &'static str, hours: u32| {
        clock.sleep(hours * HOUR).await;
        locked(&woken).push((name, seconds(&clock) / 3600));
    };
    tokio::join!(sleeper("last", 3), sleeper("first", 1), sleeper("second", 2), sleeper("also second", 2));
    assert_eq!(*locked(&woken), [("first", 1), ("second", 2), ("also second", 2), ("last", 3)]);
}

#[tokio::test]
async fn who_wakes_may_sleep_again_before_the_next_one_wakes() {
    let clock = standing();
    let steps = Mutex::new(Vec::new());
    let often = async {
        for _ in 0..5 {
            clock.sleep(HOUR).await;
            locked(&steps).push(seconds(&clock) / 3600);
        }
    };
    let once = async {
        clock.sleep(4 * HOUR).await;
        locked(&steps).push(100);
    };
    tokio::join!(once, often);
    assert_eq!(*locked(&steps), [1, 2, 3, 100, 4, 5]);
}

#[tokio::test]
async fn all_that_can_run_runs_before_time_is_skipped() {
    let clock = standing();
    let asleep = clock.clone();
    let sleeper = tokio::spawn(async move {
        asleep.sleep(HOUR).await;
        seconds(&asleep)
    });
    for _ in 0..usize::from(TURNS) / 2 {
        tokio::task::yield_now().await;
        assert_eq!(seconds(&clock), 0);
    }
    assert_eq!(sleeper.await.unwrap(), 3600);
}

#[tokio::test]
async fn advancing_the_clock_ends_the_sleeps_that_are_over() {
    let clock = standing();
    let (mut short, mut long) = (clock.sleep(HOUR), clock.sleep(3 * HOUR));
    assert!((&mut short).now_or_never().is_none() && (&mut long).now_or_never().is_none());
    clock.advance(2 * HOUR);
    assert!((&mut long).now_or_never().is_none());
    assert!((&mut short).now_or_never().is_some());
    long.await;
    assert_eq!(seconds(&clock), 3 * 3600);
}

#[tokio::test]
async fn a_sleep_that_is_dropped_makes_room_for_the_next() {
    let clock = standing();
    let mut dropped = clock.sleep(HOUR);
    assert!((&mut dropped).now_or_never().is_none());
    let waiting = tokio::spawn(clock.sleep(2 * HOUR));
    tokio::task::yield_now().await;
    drop(dropped);
    waiting.await.unwrap();
    assert_eq!(seconds(&clock), 7200);
}

#[tokio::test(start_paused = true)]
async fn a_sleep_behind_one_that_nobody_polls_takes_as_long_as_on_the_machine() {
    let clock = standing();
    let mut forgotten = clock.sleep(HOUR);
    assert!((&mut forgotten).now_or_never().is_none());
    let begun = tokio::time::Instant::now();
    clock.sleep(2 * HOUR).await;
    assert_eq!(begun.elapsed(), 2 * HOUR);
    assert_eq!(seconds(&clock), 7200);
    drop(forgotten);
}

#[tokio::test(start_paused = true)]
async fn time_is_not_skipped_while_a_body_is_awaited() {
    let clock = standing();
    let (sender, receiver) = tokio::sync::oneshot::channel::<Bytes>();
    let frames = futures_util::stream::once(async { receiver.await.map(Frame::data) });
    let body = Asked::new(StreamBody::new(Box::pin(frames)), clock.clone());
    let reading = tokio::spawn(body.collect());
    tokio::task::yield_now().await;
    let mut sleep = clock.sleep(HOUR);
    for _ in 0..3 * usize::from(TURNS) {
        let ready = poll_fn(|cx| Poll::Ready(Pin::new(&mut sleep).poll(cx).is_ready())).await;
        assert!(!ready && seconds(&clock) == 0);
        tokio::task::yield_now().await;
    }
    sender.send(Bytes::from_static(b"1927")).unwrap();
    assert_eq!(reading.await.unwrap().unwrap().to_bytes(), "1927");
    let begun = tokio::time::Instant::now();
    sleep.await;
    assert_eq!((begun.elapsed(), seconds(&clock)), (Duration::ZERO, 3600));
}

#[tokio::test]
async fn an_answer_is_on_the_way_from_its_first_frame_to_its_last() {
    let clock = standing();
    let frames = ["19", "27"].map(|text| Ok::<_, std::io::Error>(Frame::data(Bytes::from(text))));
    let mut body = Answered::new(StreamBody::new(futures_util::stream::iter(frames)), clock.clone());
    let underway = || locked(&clock.0).underway;
    assert_eq!(underway(), 0);
    body.frame().await.unwrap().unwrap();
    assert_eq!(underway(), 1);
    body.frame().await.unwrap().unwrap();
    assert!(body.frame().await.is_none());
    assert_eq!(underway(), 0);
}
