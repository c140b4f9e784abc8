//! Bodies: JSON however deep, so that a value that is nested too deeply is refused as one, and not as malformed.
//!
//! The parser goes down 127 levels and no further. What lies deeper is checked for its form and cut off: a value of
//! which that much is left is still nested more deeply than any may be.

use serde::de::IgnoredAny;
use serde_json::Value;

use super::attribute_value::ValueLayer;
use super::fault::Fault;
use super::json::Json;

/// How many levels are kept of a body that goes deeper than the parser.
const KEPT_LEVELS: usize = 120;

/// How deep a body goes that DynamoDB reads at all: to an item of 2,000 levels, each of which is two of JSON.
const MOST_LEVELS: usize = 4_003;

/// What a body says, and the layer that checks it where an operation has the newer one. DynamoDB's own newer layer goes no
/// deeper than the parser, which is 62 levels of a value: beyond, the older one has its say (recorded in 2026-10).
///
/// # Errors
/// [`Fault::Malformed`] for what is no JSON.
pub(super) fn parse(body: &[u8]) -> Result<(Json<'_>, ValueLayer), Fault> {
    if let Ok(json) = Json::parse(body) {
        return Ok((json, ValueLayer::Current));
    }
    // This reads a body of any depth without recursion.
    serde_json::from_slice::<IgnoredAny>(body).map_err(|_| Fault::Malformed)?;
    let (kept, deepest) = cut(body);
    if deepest > MOST_LEVELS {
        return Err(Fault::Malformed);
    }
    let kept = serde_json::from_slice::<Value>(&kept).map_err(|_| Fault::Malformed)?;
    Ok((Json::from(kept), ValueLayer::Older))
}

/// A well-formed body without what is nested deeper than [`KEPT_LEVELS`], in whose place stands an empty value of its
/// kind; and how deep it went.
fn cut(body: &[u8]) -> (Vec<u8>, usize) {
    let mut deepest = 0;
    let mut kept = Vec::new();
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in body {
        let is_bracket = !in_text && matches!(byte, b'{' | b'[' | b'}' | b']');
        if is_bracket && matches!(byte, b'{' | b'[') {
            depth += 1;
            deepest = deepest.max(depth);
            if depth == KEPT_LEVELS + 1 {
                kept.extend_from_slice(placeholder(*byte, &kept));
            }
        }
        if depth <= KEPT_LEVELS {
            kept.push(*byte);
        }
        if is_bracket && matches!(byte, b'}' | b']') {
            depth = depth.saturating_sub(1);
        }
        in_text ^= *byte == b'"' && !escaped;
        escaped = in_text && !escaped && *byte == b'\\';
    }
    (kept, deepest)
}

/// What stands for a list, for the members of a map, and for a value.
fn placeholder(bracket: u8, before: &[u8]) -> &'static [u8] {
    let name = before.trim_ascii_end().strip_suffix(b":").unwrap_or_default().trim_ascii_end();
    match bracket {
        b'[' => b"[]",
        _ if name.ends_with(b"\"M\"") => b"{}",
        _ => br#"{"S":""}"#,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        format!("{}{{\"S\":\"]\\\"}}\"}}{}", "{\"M\":{\"n\":".repeat(levels), "}}".repeat(levels))
    }

    #[test]
    fn a_body_is_read_to_any_depth_and_kept_to_some() {
        assert_eq!(
            parse(nested(20).as_bytes()).unwrap().0,
            Json::from(serde_json::from_str::<Value>(&nested(20)).unwrap())
        );
        for levels in [60, 63, 64, 100, 2_000] {
            let body = nested(levels);
            let mut value = &parse(body.as_bytes()).unwrap().0;
            let mut kept = 0;
            while let Some(inside) = value.get("M").and_then(|members| members.get("n")) {
                value = inside;
                kept += 1;
            }
            assert!(kept >= 59, "{levels}: {kept}");
        }
    }

    #[test]
    fn what_is_no_json_is_malformed_however_deep() {
        for body in ["", "{", "{]", &nested(100)[1..], &format!("{}x", nested(100)), &nested(2_002)] {
            assert!(matches!(parse(body.as_bytes()), Err(Fault::Malformed)), "{body}");
        }
    }
}
