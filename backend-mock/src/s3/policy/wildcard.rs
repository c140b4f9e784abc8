//! Patterns of policies: `*` stands for any text, `?` for one character, `${key}` for what the request has of a key.

use std::borrow::Cow;

use super::ConditionKeys;

/// Whether the pattern matches the whole text. Linear but for the last star, so that no pattern takes long.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == text[read] => {
                at += 1;
                read += 1;
            }
            _ => match star {
                // The last star takes one character more.
                Some((behind, taken)) => {
                    at = behind + 1;
                    read = taken + 1;
                    star = Some((behind, taken + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

/// Whether the pattern matches, whatever the case of ASCII letters.
pub(super) fn matches_in_any_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// Fills the variables of a value in; nothing when the request has no such key.
pub(super) fn filled<'p>(pattern: &'p str, keys: &dyn ConditionKeys) -> Option<Cow<'p, str>> {
    if !pattern.contains("${") {
        return Some(Cow::Borrowed(pattern));
    }
    let mut filled = String::new();
    let mut rest = pattern;
    while let Some((before, variable)) = rest.split_once("${") {
        filled.push_str(before);
        let (name, behind) = variable.split_once('}')?;
        let (name, default) = match name.split_once(',') {
            Some((name, default)) => (name.trim(), Some(default.trim().trim_matches('\''))),
            None => (name, None),
        };
        match name {
            "*" | "?" | "$" => filled.push_str(name),
            _ => match (keys.values(&name.to_ascii_lowercase()), default) {
                (Some(values), _) => filled.push_str(values.first()?),
                (None, Some(default)) => filled.push_str(default),
                (None, None) => return None,
            },
        }
        rest = behind;
    }
    filled.push_str(rest);
    Some(Cow::Owned(filled))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a pattern means, said as plainly as can be.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some('*'), _) => naive(&pattern[1..], text) || (!text.is_empty() && naive(pattern, &text[1..])),
            (Some('?'), Some(_)) => naive(&pattern[1..], &text[1..]),
            (Some(wanted), Some(found)) => wanted == found && naive(&pattern[1..], &text[1..]),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn a_pattern_matches_what_it_means(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(matches(&pattern, &text), naive(&chars(&pattern), &chars(&text)));
        }
    }

    #[test]
    fn stars_do_not_make_it_slow() {
        assert!(!matches(&"a*".repeat(500), &format!("{}b", "a".repeat(5000).replace("aa", "ab"))[..400]));
        assert!(matches_in_any_case("S3:get*", "s3:GetObject"));
    }

    #[test]
    fn variables_are_filled_in() {
        struct Name;
        impl ConditionKeys for Name {
            fn values(&self, key: &str) -> Option<Vec<String>> {
                (key == "aws:username").then(|| vec!["alice".to_owned()])
            }
        }
        let filled = |pattern| super::filled(pattern, &Name).map(Cow::into_owned);
        assert_eq!(filled("home/${aws:UserName}/*").as_deref(), Some("home/alice/*"));
        assert_eq!(filled("${s3:none, 'all'}-${*}").as_deref(), Some("all-*"));
        assert_eq!(filled("${s3:none}"), None);
    }
}
