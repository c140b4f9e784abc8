//! The corpus of the fuzz targets, and mutations of it: whatever comes is answered, and nothing panics.

#[path = "../../../../fuzz/requests.rs"]
mod requests;

use std::fs;
use std::path::Path;

use super::*;
use requests::Corpus;

/// Mutations of every text. They are the same in every run.
const MUTATIONS: u64 = 40;
/// Words that the parsers look for, to be put anywhere.
const WORDS: [&str; 28] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<<",
    ">>",
    "\"",
    "'",
    ",",
    ".",
    ":",
    "#a",
    ":v",
    ":n",
    "?",
    "=",
    "-",
    " AND ",
    " NOT ",
    " IN ",
    " BETWEEN ",
    "size(",
    "SET ",
    "null",
    "\\u0000",
    "1e999",
];

/// Texts by their file, of one folder.
fn texts(corpus: Corpus) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join("corpus").join(corpus.folder());
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

/// A few changes at random places: bytes changed, taken out or repeated, words put in, and ends of other texts.
fn mutated(text: &[u8], others: &[Vec<u8>], chance: &mut IdSource) -> Vec<u8> {
    let mut text = text.to_vec();
    let mut below = |bound: usize| (chance.next_u64() % bound.max(1) as u64) as usize;
    for _ in 0..=below(3) {
        let at = below(text.len() + 1);
        let end = (at + below(12)).min(text.len());
        match below(5) {
            0 if at < text.len() => text[at] = below(256) as u8,
            1 => drop(text.drain(at..end)),
            2 => {
                let run = text[at..end].repeat(1 + below(40));
                text.splice(at..at, run);
            }
            3 => {
                let other = &others[below(others.len())];
                text.truncate(at);
                text.extend_from_slice(&other[below(other.len())..]);
            }
            _ => drop(text.splice(at..at, WORDS[below(WORDS.len())].bytes())),
        }
    }
    text
}

/// A cloud for every text, as the fuzz targets have.
fn answer(corpus: Corpus, text: &[u8]) -> Vec<u16> {
    let cloud = Cloud::new();
    let prepared = [requests::create_table(), requests::put_item()];
    let answers = prepared.into_iter().chain(corpus.requests(text)).map(|(operation, body)| {
        let response = cloud.respond(&format!("DynamoDB_20120810.{operation}"), &body);
        let (status, answer) = (response.status().as_u16(), response.body());
        let answer: Value = serde_json::from_slice(answer).unwrap();
        let shown = String::from_utf8_lossy(text);
        assert!(
            status == 200 || status == 400 && answer["__type"].is_string(),
            "{operation} {shown}: {answer}"
        );
        status
    });
    answers.skip(2).collect()
}

#[test]
fn every_text_of_the_corpus_is_answered() {
    for corpus in Corpus::ALL {
        let statuses: Vec<_> = texts(corpus).iter().flat_map(|text| answer(corpus, text)).collect();
        // A corpus of which nothing is accepted would not come past the first check.
        let accepted = statuses.iter().filter(|status| **status == 200).count();
        assert!(accepted * 8 >= statuses.len(), "{corpus:?}: {accepted} of {} are accepted", statuses.len());
    }
}

#[test]
fn mutations_of_the_corpus_are_answered() {
    for corpus in Corpus::ALL {
        let texts = texts(corpus);
        for (number, text) in texts.iter().enumerate() {
            let mut chance = IdSource::new(number as u64);
            for _ in 0..MUTATIONS {
                answer(corpus, &mutated(text, &texts, &mut chance));
            }
        }
    }
}
