//! Rules about one file: its beginning, its length, its name, and words that stay outside.

use std::path::Path;

use super::Fault;

/// A file this long without its tests holds a second concept.
const LONGEST: usize = 600;

/// Names of drawers without a label. Name the concept, and the code finds its file.
const DRAWERS: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc", "manager", "managers"];

/// Words that look like those that stay outside and are welcome: the home of a user in a test's story, and a test that
/// others run in a process of its own.
const WELCOME: &[(&str, &str)] = &[("/ho", "me/ann"), ("#[ig", "nore = \"run by ")];

/// Words and why they stay outside. Split, so that this file passes its own check.
const OUTSIDE: &[(&str, &str, &str)] = &[
    ("/wo", "rk/", "a path of one machine"),
    ("/ho", "me/", "a path of one machine"),
    ("/ro", "ot/", "a path of one machine"),
    ("/t", "mp/", "a path of one machine; ask for a temporary directory"),
    ("TO", "DO", "unfinished: finish it, or file an issue and say here what is refused"),
    ("FIX", "ME", "unfinished: finish it, or file an issue and say here what is refused"),
    ("#[ig", "nore", "a test that nothing runs proves nothing; say who runs it: `run by …`"),
    ("dbg", "!(", "left over from debugging"),
    ("to", "do!(", "unfinished: refuse with an error that names what is missing"),
    ("unimple", "mented!(", "unfinished: refuse with an error that names what is missing"),
    ("crates", ".io", "the name of a package registry"),
    ("pypi", ".org", "the name of a package registry"),
    ("python", "hosted.org", "the name of a package registry"),
    ("npm", "js.org", "the name of a package registry"),
    ("deb.deb", "ian.org", "the name of a package registry"),
];

/// Every fault of the file at `path`, which is told from the root with `/` between its parts.
pub(super) fn check(path: &str, text: &str) -> Vec<Fault> {
    let mut faults = drawer(path).into_iter().collect::<Vec<_>>();
    faults.extend(outside(path, text));
    if path.ends_with(".rs") {
        faults.extend(module_docs(path, text));
        faults.extend(length(path, text));
    }
    faults
}

fn fault(path: &str, line: usize, rule: impl Into<String>) -> Fault {
    Fault { path: path.to_owned(), line, rule: rule.into() }
}

fn module_docs(path: &str, text: &str) -> Option<Fault> {
    (!text.starts_with("//! ")).then(|| fault(path, 1, "begin with `//! ` and what the file is for"))
}

/// The lines before the tests at the end of the file. Test targets are tests from the first line on.
fn length(path: &str, text: &str) -> Option<Fault> {
    let of_tests = path.contains("/tests/") || path.ends_with("/tests.rs");
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
    (lines > LONGEST && !of_tests).then(|| {
        fault(path, 0, format!("{lines} lines without tests, {LONGEST} at most: look for the second concept"))
    })
}

fn drawer(path: &str) -> Option<Fault> {
    let parts = Path::new(path).components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let drawer = parts.map(|part| part.split('.').next().unwrap_or_default().to_owned());
    drawer
        .into_iter()
        .find(|name| DRAWERS.contains(&name.as_str()))
        .map(|name| fault(path, 0, format!("`{name}` is a drawer without a label: name the concept")))
}

fn outside(path: &str, text: &str) -> impl Iterator<Item = Fault> {
    let lines = text.lines().map(without_welcome).enumerate();
    lines.flat_map(move |(index, line)| {
        OUTSIDE.iter().filter_map(move |(head, tail, reason)| {
            let word = format!("{head}{tail}");
            line.contains(&word).then(|| fault(path, index + 1, format!("`{word}`: {reason}")))
        })
    })
}

fn without_welcome(line: &str) -> String {
    WELCOME.iter().fold(line.to_owned(), |line, (head, tail)| line.replace(&format!("{head}{tail}"), ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<String> {
        check(path, text).into_iter().map(|fault| fault.to_string()).collect()
    }

    #[test]
    fn a_tidy_file_has_no_faults() {
        assert!(rules("a/src/bucket.rs", "//! Buckets.\n\nstruct Bucket;\n").is_empty());
        assert!(rules("README.md", "# Any text\n").is_empty());
    }

    #[test]
    fn a_source_file_begins_with_its_story() {
        assert_eq!(rules("a/src/lib.rs", "struct Bucket;\n").len(), 1);
        assert_eq!(rules("a/src/lib.rs", "").len(), 1);
        assert_eq!(rules("a/src/lib.rs", "\n//! Too late.\n").len(), 1);
    }

    #[test]
    fn a_long_file_is_a_fault_but_its_tests_do_not_count() {
        let body = format!("//! Long.\n{}", "fn f() {}\n".repeat(LONGEST - 1));
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    fn f() {}\n".repeat(900));
        assert!(rules("a/src/lib.rs", &format!("{body}{tests}")).is_empty());
        assert_eq!(rules("a/src/lib.rs", &format!("{body}fn one_more() {{}}\n{tests}")).len(), 1);
        assert!(rules("a/tests/suite/main.rs", &format!("{body}{body}")).is_empty());
    }

    #[test]
    fn drawers_are_found_as_files_and_as_directories() {
        for path in ["a/src/util.rs", "a/tests/common/mod.rs", "a/src/s3/helpers/range.rs", "docs/misc.md"] {
            assert_eq!(rules(path, "//! Anything.\n").len(), 1, "{path}");
        }
        assert!(rules("a/src/common_prefixes.rs", "//! A word of S3's.\n").is_empty());
    }

    #[test]
    fn every_word_that_stays_outside_is_found_with_its_line() {
        for (head, tail, _) in OUTSIDE {
            let found = rules("a/src/lib.rs", &format!("//! Fine.\n// {head}{tail}x\n"));
            assert_eq!(found.len(), 1, "{head}{tail}");
            assert!(found[0].starts_with("a/src/lib.rs:2: "), "{}", found[0]);
        }
    }

    #[test]
    fn a_home_in_a_story_and_a_test_that_another_runs_are_welcome() {
        for (head, tail) in WELCOME {
            assert!(rules("a/src/lib.rs", &format!("//! Fine.\n{head}{tail}\n")).is_empty(), "{head}{tail}");
        }
        let both = format!("//! Fine.\n// {}{} {}{}else\n", "/ho", "me/ann", "/ho", "me/");
        assert_eq!(rules("a/src/lib.rs", &both).len(), 1);
    }
}
