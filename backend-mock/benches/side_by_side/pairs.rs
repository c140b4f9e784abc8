//! Ratios: two kinds of work measured turn by turn, and the median of what one takes over the other.

use std::future::Future;
use std::time::Instant;

/// How long so many runs of `work` take, in seconds, after as many that do not count: what ran before has left its traces.
async fn timed<F: Future<Output = ()>>(runs: usize, mut work: impl FnMut() -> F) -> f64 {
    for _ in 0..runs {
        work().await;
    }
    let begun = Instant::now();
    for _ in 0..runs {
        work().await;
    }
    begun.elapsed().as_secs_f64()
}

/// The time of `ours` over the time of `theirs`: the median of pairs, each first in turn.
pub(crate) async fn ratio<A: Future<Output = ()>, B: Future<Output = ()>>(
    rounds: usize,
    runs: usize,
    mut ours: impl FnMut() -> A,
    mut theirs: impl FnMut() -> B,
) -> f64 {
    let mut ratios = Vec::with_capacity(rounds);
    for round in 0..rounds {
        ratios.push(if round % 2 == 0 {
            let ours = timed(runs, &mut ours).await;
            ours / timed(runs, &mut theirs).await
        } else {
            let theirs = timed(runs, &mut theirs).await;
            timed(runs, &mut ours).await / theirs
        });
    }
    median(ratios)
}

/// The one in the middle.
pub(crate) fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
