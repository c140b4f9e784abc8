//! What is known of a suite's tests: which fail, which are not run, and why.
//!
//! The file is tab-separated, a line each: `fails` or `excluded`, the test, the reason. What it does not list has to pass.
//! Lines that begin with `#` are for the reader; the first of them says how many passed when the file was written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

/// The reason of a test that nobody has looked at yet.
const UNEXPLAINED: &str = "ours: not looked at yet";

/// How the reason of a test ends whose operation is refused by name.
const MISSING: &str = " is not implemented, in whole or in part";

/// What came of one test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed,
    /// The suite passed over it by itself.
    Skipped,
}

/// What came of a suite: every test by name, with the reason that the suite gives.
pub(super) type Results = BTreeMap<String, (Outcome, String)>;

/// The file of a suite.
pub(super) struct Expectations {
    path: PathBuf,
    fails: BTreeMap<String, String>,
    excluded: BTreeMap<String, String>,
}

impl Expectations {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self> {
        let (mut fails, mut excluded) = (BTreeMap::new(), BTreeMap::new());
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut fields = line.splitn(3, '\t');
            let (Some(kind), Some(test), Some(reason)) = (fields.next(), fields.next(), fields.next()) else {
                bail!("{}: `{line}` is no kind, test and reason with tabs between them", path.display());
            };
            let listed = match kind {
                "fails" => &mut fails,
                "excluded" => &mut excluded,
                _ => bail!("{}: `{kind}` is neither `fails` nor `excluded`", path.display()),
            };
            let known = ["ours: ", "AWS differs: "].iter().any(|of| reason.starts_with(of));
            ensure!(
                kind == "excluded" || known,
                "{}: `{test}` fails for no reason of ours or AWS's",
                path.display()
            );
            listed.insert(test.to_owned(), reason.to_owned());
        }
        Ok(Self { path: path.to_owned(), fails, excluded })
    }

    /// What is not to be run.
    pub(super) fn excluded(&self) -> impl Iterator<Item = &str> {
        self.excluded.keys().map(String::as_str)
    }

    /// Compares; gives one line for the reader.
    ///
    /// # Errors
    /// A test fails that is not listed, or nothing ran.
    pub(super) fn check(&self, results: &Results) -> Result<String> {
        let of = |outcome| results.iter().filter(move |(_, (came, _))| *came == outcome);
        ensure!(of(Outcome::Passed).next().is_some(), "no test passed, so none can have run");
        let unexpected: Vec<_> =
            of(Outcome::Failed).filter(|(test, _)| !self.fails.contains_key(*test)).collect();
        if !unexpected.is_empty() {
            let mut told = String::new();
            for (test, (_, reason)) in &unexpected {
                // Writing to a String cannot fail.
                let _ = write!(told, "\n  {test}: {reason}");
            }
            bail!("{} tests fail that {} does not list:{told}", unexpected.len(), self.path.display());
        }
        let now_pass: BTreeSet<_> =
            of(Outcome::Passed).map(|(test, _)| test).filter(|test| self.fails.contains_key(*test)).collect();
        let mut told = self.count(results);
        if !now_pass.is_empty() {
            let _ = write!(told, "; {} listed tests pass now, `--update` takes them out", now_pass.len());
        }
        Ok(told)
    }

    /// Writes the file anew: what fails, with the reasons that are known.
    pub(super) fn update(&self, results: &Results) -> Result<String> {
        let told = self.count(results);
        let mut text = format!(
            "# {told}.\n# What is not listed has to pass. `AWS differs` where the test expects what AWS does not do.\n"
        );
        for (test, reason) in &self.excluded {
            let _ = writeln!(text, "excluded\t{test}\t{reason}");
        }
        for (test, (_, said)) in results.iter().filter(|(_, (came, _))| *came == Outcome::Failed) {
            let known = self.fails.get(test).filter(|reason| is_judged(reason));
            let reason = known.cloned().unwrap_or_else(|| first_reason(said));
            let _ = writeln!(text, "fails\t{test}\t{reason}");
        }
        fs::write(&self.path, text).with_context(|| format!("{} cannot be written", self.path.display()))?;
        Ok(told)
    }

    fn count(&self, results: &Results) -> String {
        let of = |outcome| results.values().filter(|(came, _)| *came == outcome).count();
        let (passed, failed) = (of(Outcome::Passed), of(Outcome::Failed));
        let differs =
            |test: &String| self.fails.get(test).is_some_and(|reason| reason.starts_with("AWS differs: "));
        let apart =
            results.iter().filter(|(test, (came, _))| *came == Outcome::Failed && differs(test)).count();
        format!(
            "{passed} of {} tests pass, {failed} fail, {apart} of them since AWS differs, {} skip themselves",
            passed + failed,
            of(Outcome::Skipped)
        )
    }
}

/// Whether a person gave the reason; what was read from the failure itself is read anew.
fn is_judged(reason: &str) -> bool {
    !reason.starts_with(UNEXPLAINED) && !reason.ends_with(MISSING)
}

/// What a failure says for itself: the operation that is missing, as boto3 words it, or its own words.
fn first_reason(said: &str) -> String {
    let missing = said
        .split_once("(NotImplemented) when calling the ")
        .and_then(|(_, rest)| rest.split_once(" operation"))
        .map(|(operation, _)| format!("ours: {operation}{MISSING}"));
    missing.unwrap_or_else(|| format!("{UNEXPLAINED}: {}", said.replace('\t', " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expectations(text: &str) -> Result<Expectations> {
        Expectations::parse(Path::new("a.txt"), text)
    }

    fn results(of: &[(&str, Outcome)]) -> Results {
        of.iter().map(|(test, outcome)| ((*test).to_owned(), (*outcome, "why".to_owned()))).collect()
    }

    #[test]
    fn what_is_listed_may_fail_and_nothing_else() {
        let list = expectations("# count\nexcluded\tc\tother services\nfails\ta\tours: later\n").unwrap();
        assert_eq!(list.excluded().collect::<Vec<_>>(), ["c"]);
        let told = list.check(&results(&[("a", Outcome::Failed), ("b", Outcome::Passed)])).unwrap();
        assert!(told.starts_with("1 of 2 tests pass"), "{told}");
        let told = list.check(&results(&[("a", Outcome::Passed), ("b", Outcome::Skipped)])).unwrap();
        assert!(told.contains("1 listed tests pass now"), "{told}");
        let error = list.check(&results(&[("a", Outcome::Passed), ("b", Outcome::Failed)])).unwrap_err();
        assert!(error.to_string().contains("b: why"), "{error}");
        assert!(list.check(&results(&[("a", Outcome::Skipped)])).is_err(), "nothing ran");
    }

    #[test]
    fn a_reason_that_was_read_from_a_failure_is_read_anew() {
        let said = "ClientError: An error occurred (NotImplemented) when calling the PutBucketAcl operation (reached";
        let reason = first_reason(said);
        assert_eq!(reason, "ours: PutBucketAcl is not implemented, in whole or in part");
        assert!(!is_judged(&reason) && !is_judged(&first_reason("assert 1 == 2")));
        assert!(is_judged("AWS differs: a part has to be large"));
    }

    #[test]
    fn a_line_names_a_kind_a_test_and_whose_the_failure_is() {
        for line in ["fails\ta", "breaks\ta\tours: x", "fails\ta\tbecause"] {
            assert!(expectations(line).is_err(), "{line}");
        }
    }
}
