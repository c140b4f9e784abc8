//! `BlockedEncryptionTypes`, the element of a rule of encryption that `s3s` does not know.

use super::call::Call;
use super::response::taken_out;
use crate::s3::engine::{Code, Error};

const ELEMENT: &str = "BlockedEncryptionTypes";
const NONE: &str = "NONE";
const CUSTOMER: &str = "SSE-C";

/// What a bucket blocks, for the answer that tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockedEncryption {
    pub(super) blocks_customer_keys: bool,
}

impl BlockedEncryption {
    /// Reads the inside of the element: one or more `EncryptionType`.
    fn parse(xml: &str) -> Option<Self> {
        let (rest, types) = taken_out(xml, "EncryptionType");
        let mut types = types.iter().map(|element| text_of(element));
        let first = types.next().filter(|_| rest.trim().is_empty())?;
        // Nothing and something cannot be blocked at once.
        match first {
            NONE | CUSTOMER if types.all(|other| other == first) => {
                Some(Self { blocks_customer_keys: first == CUSTOMER })
            }
            _ => None,
        }
    }

    /// The answer as S3 writes it.
    pub(super) fn add_to(self, xml: &str) -> String {
        const BEFORE: &str = "</ApplyServerSideEncryptionByDefault>";
        let name = if self.blocks_customer_keys { CUSTOMER } else { NONE };
        let element = format!("<{ELEMENT}><EncryptionType>{name}</EncryptionType></{ELEMENT}>");
        xml.replacen(BEFORE, &format!("{BEFORE}{element}"), 1)
    }
}

/// A request as `s3s` reads it; nothing where it is already.
pub(super) fn without(xml: &[u8]) -> Option<String> {
    let (rest, taken) = taken_out(str::from_utf8(xml).ok()?, ELEMENT);
    (!taken.is_empty()).then_some(rest)
}

/// What the request wants blocked, if it says.
///
/// # Errors
/// `MalformedXML` for anything but one element that names what there is to block.
pub(super) fn asked(call: &Call) -> Result<Option<BlockedEncryption>, Error> {
    let Some(document) = call.document() else { return Ok(None) };
    let xml: Vec<u8> = document.segments().flatten().copied().collect();
    let (_, elements) = taken_out(&String::from_utf8_lossy(&xml), ELEMENT);
    match &*elements {
        [] => Ok(None),
        [element] => {
            let blocked = BlockedEncryption::parse(text_of(element));
            blocked.map(Some).ok_or_else(|| Error::new(Code::MalformedXML))
        }
        _ => Err(Error::new(Code::MalformedXML)),
    }
}

/// What is between the tags of an element.
fn text_of(element: &str) -> &str {
    let (_, inside) = element.split_once('>').unwrap_or_default();
    inside.rsplit_once("</").unwrap_or_default().0.trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(types: &[&str]) -> Option<bool> {
        let types = types.iter().map(|name| format!(" <EncryptionType>{name}</EncryptionType>\n"));
        BlockedEncryption::parse(&types.collect::<String>()).map(|blocked| blocked.blocks_customer_keys)
    }

    #[test]
    fn nothing_or_customers_keys_are_blocked() {
        assert_eq!((parse(&["SSE-C"]), parse(&["NONE"])), (Some(true), Some(false)));
        for odd in [&[][..], &["SSE-S3"], &[""], &["none"], &["NONE", "SSE-C"]] {
            assert_eq!(parse(odd), None, "{odd:?}");
        }
        assert_eq!(BlockedEncryption::parse("<EncryptionType>NONE</EncryptionType><Other/>"), None);
    }

    #[test]
    fn the_element_is_taken_out_and_put_back() {
        let plain = "<Rule><ApplyServerSideEncryptionByDefault>x</ApplyServerSideEncryptionByDefault></Rule>";
        let told = BlockedEncryption { blocks_customer_keys: true }.add_to(plain);
        assert!(
            told.ends_with("<EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule>"),
            "{told}"
        );
        assert_eq!(without(told.as_bytes()).as_deref(), Some(plain));
        assert_eq!(without(plain.as_bytes()), None);
    }
}
