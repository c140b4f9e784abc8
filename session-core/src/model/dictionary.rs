//! What frames are deflated against, so that they need not say what others say too.
//!
//! Models begin with their texts, and those that most services have stand in a dictionary that all share. The documents
//! beside the models are mostly endpoint rules, which differ in little but names: those of one service are the
//! dictionary of all others.

#[cfg(any(test, feature = "conformance"))]
use std::collections::BTreeMap;

#[cfg(any(test, feature = "conformance"))]
use super::texts::END;

/// The service whose extras all others are deflated against: of all, those that are most like the rest.
pub(crate) const TYPICAL_EXTRAS: &str = "appconfig";

/// How long the dictionary of texts may be, in bytes. It is inflated with the first model; a longer one saves little more.
pub(crate) const LONGEST: usize = 24_000;

#[cfg(any(test, feature = "conformance"))]
/// The dictionary of texts: those that save most by being there, in alphabetical order, which puts near each other what
/// begins alike. `models` are the texts of each model.
pub fn of_texts<'t, T: IntoIterator<Item = &'t str>>(models: impl IntoIterator<Item = T>) -> Vec<u8> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in models.into_iter().flatten() {
        *counts.entry(text).or_default() += 1;
    }
    let mut known: Vec<(&str, usize)> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
    known.sort_by_key(|(text, count)| std::cmp::Reverse((count - 1) * (text.len() + 1)));
    let mut length = 0;
    let kept = known.into_iter().take_while(|(text, _)| {
        length += text.len() + 1;
        length <= LONGEST
    });
    let mut kept: Vec<&str> = kept.map(|(text, _)| text).collect();
    kept.sort_unstable();
    let mut dictionary = Vec::with_capacity(LONGEST);
    for text in kept {
        dictionary.extend(text.as_bytes());
        dictionary.push(END);
    }
    dictionary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_one_model_alone_stay_outside() {
        let models = [vec!["NextToken", "Kettle"], vec!["NextToken", "Cup"], vec!["Cup", "Arn", "NextToken"]];
        assert_eq!(of_texts(models), b"Cup\nNextToken\n");
    }

    #[test]
    fn the_dictionary_has_what_saves_most_and_no_more_than_fits() {
        let long: Vec<String> = (0..10).map(|index| format!("{index}{}", "x".repeat(4_999))).collect();
        let texts: Vec<&str> = long.iter().map(String::as_str).chain(["short"]).collect();
        let dictionary = of_texts([texts.clone(), texts]);
        assert_eq!(dictionary.len(), 4 * 5_001);
        assert!(dictionary.starts_with(b"0x") && !dictionary.ends_with(b"short\n"));
    }
}
