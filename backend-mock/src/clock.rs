//! The cloud's time, which tests move: what signatures, expiries and engines go by, and what clients sleep by.
//!
//! A sleep takes no time of the machine. It ends as soon as the program has nothing better to do, and the clock then
//! shows the moment that it was to end at: back-off between retries and pauses of waiters cost microseconds, and yet
//! everything that depends on time sees it pass.

mod exchange;
mod sleepers;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep, TokioSleep};
use aws_smithy_async::time::TimeSource;
use tokio::runtime::Handle;

use crate::lock::locked;

pub(crate) use exchange::{Answered, Asked};
use sleepers::{Place, Sleepers};

/// How often a sleeper that is next gives way before it moves the clock. Each time, every task that can run runs, and
/// the runtime looks at its sockets and timers.
const TURNS: u8 = 16;

/// 9999-12-31T23:59:59Z, the last moment that AWS's formats can write.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// The time of a [`MockAws`](crate::MockAws) and of every client made from it. Clones share it.
///
/// A new cloud shows the machine's time and goes with it. [`advance`](Self::advance) moves it on;
/// [`set`](Self::set) puts it at a moment, where it stands until it is moved. Signatures, expiry of presigned URLs,
/// dates of objects and whatever else happens by time follow it, at both doors.
///
/// # Sleeping
/// Clients made from the cloud, of the SDK or by name, sleep by this clock: back-off of retries, pauses of waiters,
/// time-outs of operations. So does [`sleep`](AsyncSleep::sleep) on the clock itself. A sleep moves the clock instead
/// of waiting:
///
/// - sleepers wake in the order of their deadlines, and of two with one deadline the first to sleep wakes first;
/// - before one wakes, all tasks that can run have had their turns, so that a task that was about to ask something, or
///   to sleep for less, is not passed over;
/// - when one wakes, the clock shows its deadline at least, and never goes back;
/// - while a client waits for the program to produce more of a request's body, or the program is in the middle of
///   reading an answer's, time goes no faster than the machine's: a time-out over a slow file does not fire early;
/// - no sleep takes longer than it would have on the machine.
///
/// Whoever waits for something else than this cloud, such as a credentials provider that asks a real network, under a
/// time-out by this clock may find the time-out over while nothing else in the program moved.
///
/// # Presigning
/// The SDK's `PresigningConfig` takes the machine's time unless it is told: give
/// `PresigningConfig::builder().start_time(aws.clock().now())` where the clock has been moved.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let aws = backend_mock::MockAws::new();
/// let new_year = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
/// aws.clock().set(new_year);
/// let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
/// s3.create_bucket().bucket("films").send().await?;
/// aws.clock().advance(Duration::from_secs(60));
/// s3.put_object().bucket("films").key("metropolis").send().await?;
/// let film = s3.head_object().bucket("films").key("metropolis").send().await?;
/// assert_eq!(film.last_modified().map(|at| at.secs()), Some(1_767_225_660));
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Clock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    pace: Pace,
    sleepers: Sleepers,
    /// How many bodies are on the way between the cloud and the program.
    underway: usize,
}

#[derive(Clone, Copy, Debug)]
enum Pace {
    /// With the machine's clock, from that moment at that instant.
    Going {
        at: SystemTime,
        since: Instant,
    },
    Standing {
        at: SystemTime,
    },
}

impl Clock {
    pub(crate) fn new() -> Self {
        let pace = Pace::Going { at: SystemTime::now(), since: Instant::now() };
        Self(Arc::new(Mutex::new(State { pace, sleepers: Sleepers::default(), underway: 0 })))
    }

    /// What the clock shows.
    pub fn now(&self) -> SystemTime {
        locked(&self.0).now()
    }

    /// Puts the clock at `time`. From now on it stands, until it is set again, advanced, or moved by a sleep.
    ///
    /// Times before 1970 and after 9999 are taken as the first and the last moment in between. Setting it back is
    /// allowed: what was written later stays as it is, and sleepers keep their deadlines.
    pub fn set(&self, time: SystemTime) {
        self.moved(|state| state.pace = Pace::Standing { at: within(time) });
    }

    /// Moves the clock on by `duration`; one that goes with the machine's goes on from there.
    ///
    /// Sleeps that end before then are over, in the order of their deadlines.
    pub fn advance(&self, duration: Duration) {
        self.moved(|state| state.jump(later(state.now(), duration)));
    }

    fn moved(&self, how: impl FnOnce(&mut State)) {
        let due = {
            let mut state = locked(&self.0);
            how(&mut state);
            let now = state.now();
            state.sleepers.due(now)
        };
        due.iter().for_each(Waker::wake_by_ref);
    }

    /// A body is on the way for as long as this is kept.
    fn underway(&self) -> Underway {
        locked(&self.0).underway += 1;
        Underway(self.clone())
    }
}

impl State {
    fn now(&self) -> SystemTime {
        match self.pace {
            Pace::Going { at, since } => later(at, since.elapsed()),
            Pace::Standing { at } => at,
        }
    }

    /// Shows `time`, if that is later than now.
    fn jump(&mut self, time: SystemTime) {
        let at = self.now().max(time);
        self.pace = match self.pace {
            Pace::Going { .. } => Pace::Going { at, since: Instant::now() },
            Pace::Standing { .. } => Pace::Standing { at },
        };
    }
}

fn later(time: SystemTime, duration: Duration) -> SystemTime {
    time.checked_add(duration).map_or(SystemTime::UNIX_EPOCH + LAST, within)
}

fn within(time: SystemTime) -> SystemTime {
    time.clamp(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + LAST)
}

/// Keeps time from being skipped.
#[derive(Debug)]
struct Underway(Clock);

impl Drop for Underway {
    fn drop(&mut self) {
        let next = {
            let mut state = locked(&self.0.0);
            state.underway -= 1;
            if state.underway == 0 { state.sleepers.next() } else { None }
        };
        next.iter().for_each(Waker::wake_by_ref);
    }
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        self.now()
    }
}

impl AsyncSleep for Clock {
    fn sleep(&self, duration: Duration) -> Sleep {
        let deadline = later(self.now(), duration);
        Sleep::new(Slumber {
            clock: self.clone(),
            duration,
            deadline,
            place: None,
            turns: 0,
            turn: None,
            longest: None,
        })
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

type Turn = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// One sleep. It costs nothing until it is polled: every call of the SDK makes one that never is.
struct Slumber {
    clock: Clock,
    duration: Duration,
    deadline: SystemTime,
    place: Option<Place>,
    turns: u8,
    turn: Option<Turn>,
    /// The machine's own sleep, which no other is longer than.
    longest: Option<Sleep>,
}

impl Slumber {
    /// Leaves the row; whoever is next then learns of it.
    fn leave(&mut self, state: &mut State) -> Option<Waker> {
        state.sleepers.leave(self.place.take()?)
    }
}

impl Future for Slumber {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let shared = Arc::clone(&this.clock.0);
        let mut state = locked(&shared);
        while state.now() < this.deadline {
            let place = *this.place.get_or_insert_with(|| state.sleepers.join(this.deadline));
            state.sleepers.wait(place, cx.waker());
            let may_skip = state.underway == 0 && state.sleepers.is_next(place);
            if may_skip && this.turns == TURNS {
                state.jump(this.deadline);
                break;
            }
            drop(state);
            if may_skip {
                let turn = this.turn.get_or_insert_with(|| Box::pin(tokio::task::yield_now()));
                ready!(turn.as_mut().poll(cx));
                (this.turn, this.turns) = (None, this.turns + 1);
                state = locked(&shared);
            } else {
                this.turns = 0;
                if Handle::try_current().is_err() {
                    return Poll::Pending;
                }
                let longest = this.longest.get_or_insert_with(|| TokioSleep::new().sleep(this.duration));
                ready!(Pin::new(longest).poll(cx));
                state = locked(&shared);
                state.jump(this.deadline);
            }
        }
        let next = this.leave(&mut state);
        drop(state);
        next.iter().for_each(Waker::wake_by_ref);
        Poll::Ready(())
    }
}

impl Drop for Slumber {
    fn drop(&mut self) {
        if self.place.is_none() {
            return;
        }
        let shared = Arc::clone(&self.clock.0);
        let next = self.leave(&mut locked(&shared));
        next.iter().for_each(Waker::wake_by_ref);
    }
}

#[cfg(test)]
mod tests;
