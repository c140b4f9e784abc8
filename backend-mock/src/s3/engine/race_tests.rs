//! Races for one key: of many writers that expect it to be free, one wins, whatever their order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;

use super::tests::{caller, create_upload, engine_with, ids, key, put, upload_part};
use super::*;

const WRITERS: usize = 64;
const SEEDS: usize = 1000;

/// Lets all writers at one engine at once, again and again: `write` is one writer's try in the round of one seed and
/// gives whether it won. Asserts that each round has one winner.
fn race(engine: Engine, write: impl Fn(&Mutex<Engine>, usize, usize) -> bool + Sync) {
    let (engine, start) = (Mutex::new(engine), Barrier::new(WRITERS));
    let winners: Vec<AtomicUsize> = (0..SEEDS).map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (engine, start, winners, write) = (&engine, &start, &winners, &write);
            scope.spawn(move || {
                for (seed, winners) in winners.iter().enumerate() {
                    start.wait();
                    // The seed says who hesitates, and for how long.
                    (0..(seed * 31 + writer * 17) % 7).for_each(|_| thread::yield_now());
                    if write(engine, seed, writer) {
                        winners.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert!(
        winners.iter().all(|winners| winners.load(Ordering::Relaxed) == 1),
        "one winner a round: {winners:?}"
    );
}

#[test]
fn of_64_writers_that_expect_a_key_to_be_free_one_wins() {
    race(engine_with("films"), |engine, seed, _| {
        let absent = PutObject { condition: WriteCondition::Absent, ..put(&format!("{seed}"), "x") };
        match engine.lock().unwrap().put_object(&caller(), "films", absent, &mut ids()) {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.code(), Code::PreconditionFailed);
                false
            }
        }
    });
}

#[test]
fn of_64_uploads_that_expect_their_key_to_be_free_one_is_completed() {
    race(engine_with("films"), |engine, seed, writer| {
        let name = format!("{seed}");
        let (upload_id, etag) = {
            let mut engine = engine.lock().unwrap();
            if engine.object(&caller(), "films", &key(&name), None).is_ok() {
                return false;
            }
            let id = create_upload(&mut engine, &name, (seed * WRITERS + writer) as u64);
            let etag = upload_part(&mut engine, &name, &id, 1, "x");
            (id, etag)
        };
        thread::yield_now();
        let parts =
            vec![CompletedPart { number: PartNumber::try_from(1).unwrap(), etag, checksums: Vec::new() }];
        let complete = CompleteMultipartUpload {
            key: key(&name),
            upload_id,
            parts,
            condition: WriteCondition::Absent,
            checksum: None,
            checksum_type: None,
            object_size: None,
        };
        match engine.lock().unwrap().complete_multipart_upload(&caller(), "films", complete, &mut ids()) {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.code(), Code::PreconditionFailed);
                false
            }
        }
    });
}
