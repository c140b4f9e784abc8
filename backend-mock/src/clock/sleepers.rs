//! Who sleeps until when, in the order of waking.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::SystemTime;

/// A place in the row: by deadline, then by who came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    deadline: SystemTime,
    arrival: u64,
}

/// The row of sleepers. One that has not been polled yet has a place and no waker.
#[derive(Debug, Default)]
pub(super) struct Sleepers {
    row: BTreeMap<Place, Option<Waker>>,
    arrivals: u64,
}

impl Sleepers {
    pub(super) fn join(&mut self, deadline: SystemTime) -> Place {
        let place = Place { deadline, arrival: self.arrivals };
        self.arrivals += 1;
        self.row.insert(place, None);
        place
    }

    /// Whom to wake for that place from now on.
    pub(super) fn wait(&mut self, place: Place, waker: &Waker) {
        match self.row.get_mut(&place) {
            Some(Some(known)) => known.clone_from(waker),
            Some(unknown) => *unknown = Some(waker.clone()),
            None => {}
        }
    }

    pub(super) fn is_next(&self, place: Place) -> bool {
        self.row.first_key_value().is_some_and(|(next, _)| *next == place)
    }

    pub(super) fn next(&self) -> Option<Waker> {
        self.row.first_key_value().and_then(|(_, waker)| waker.clone())
    }

    /// Gives up a place; gives whom to wake because they are next now.
    pub(super) fn leave(&mut self, place: Place) -> Option<Waker> {
        let was_next = self.is_next(place);
        self.row.remove(&place);
        if was_next { self.next() } else { None }
    }

    /// Those whose time has come, in the order of waking, and behind them the next, whose turn it now may be.
    pub(super) fn due(&self, now: SystemTime) -> Vec<Waker> {
        let due = self.row.iter().take_while(|(place, _)| place.deadline <= now);
        let due: Vec<Waker> = due.filter_map(|(_, waker)| waker.clone()).collect();
        if due.is_empty() { self.next().into_iter().collect() } else { due }
    }
}
