//! What ran, what did not and why, and how long it took.

use std::fmt;
use std::time::{Duration, Instant};

/// How a step ended.
pub(super) enum Outcome {
    Passed,
    /// Passed, with something worth saying.
    Noted(String),
    /// Could not run on this machine, and why.
    Skipped(String),
    /// And how to repeat it.
    Failed(String),
    /// An earlier step failed.
    NotRun,
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed | Self::Noted(_) => "passed",
            Self::Skipped(_) => "SKIPPED",
            Self::Failed(_) => "FAILED",
            Self::NotRun => "not run",
        }
    }

    fn note(&self) -> &str {
        match self {
            Self::Passed | Self::NotRun => "",
            Self::Noted(note) | Self::Skipped(note) | Self::Failed(note) => note,
        }
    }
}

/// The steps so far; displays as a table.
pub(super) struct Report {
    start: Instant,
    rows: Vec<Row>,
}

struct Row {
    step: &'static str,
    outcome: Outcome,
    took: Option<Duration>,
}

impl Report {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), rows: Vec::new() }
    }

    pub(super) fn add(&mut self, step: &'static str, outcome: Outcome, took: Option<Duration>) {
        self.rows.push(Row { step, outcome, took });
    }

    /// The row of the latest step.
    pub(super) fn last(&self) -> String {
        self.rows.last().map(ToString::to_string).unwrap_or_default()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let took = self.took.map(duration).unwrap_or_default();
        let row = format!("{:<10} {:<8} {took:>9}  {}", self.step, self.outcome.word(), self.outcome.note());
        f.write_str(row.trim_end())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        write!(f, "{:<19} {:>9}", "total", duration(self.start.elapsed()))
    }
}

fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        seconds => format!("{} m {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_was_skipped_and_why() {
        let mut report = Report::new();
        report.add("format", Outcome::Passed, Some(Duration::from_millis(1_240)));
        report.add("venv", Outcome::Skipped("no Python".to_owned()), Some(Duration::ZERO));
        report.add("tests", Outcome::Failed("again: cargo test".to_owned()), Some(Duration::from_secs(754)));
        assert_eq!(report.last(), "tests      FAILED   12 m 34 s  again: cargo test");
        report.add("demo", Outcome::NotRun, None);
        let table = report.to_string();
        let rows: Vec<_> = table.lines().collect();
        assert_eq!(rows[0], "format     passed       1.2 s");
        assert_eq!(rows[1], "venv       SKIPPED      0.0 s  no Python");
        assert_eq!(rows[3], "demo       not run");
        assert!(rows[4].starts_with("total "));
    }
}
