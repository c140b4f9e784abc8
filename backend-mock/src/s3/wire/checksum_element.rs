//! Checksums in XML. S3 has ten elements for them, of which `s3s` knows five: a checksum of another algorithm travels
//! through `s3s` in one of those, and names its own.
//!
//! `<ChecksumXXHASH3>` is `<ChecksumCRC32C>XXHASH3:` to `s3s`. No Base64 has a colon.

use crate::s3::engine::{Checksum, ChecksumAlgorithm as Algorithm};

/// Marks an answer whose XML may hold checksums that are carried in elements of others.
#[derive(Clone, Copy, Debug)]
pub(super) struct CarriedChecksums;

impl CarriedChecksums {
    /// The answer as S3 writes it.
    pub(super) fn unload(self, xml: &str) -> String {
        let mut xml = xml.to_owned();
        for (algorithm, carrier) in carried() {
            let load = format!("<Checksum{carrier}>{algorithm}:");
            if !xml.contains(&load) {
                continue;
            }
            let mut pieces = xml.split(&load);
            let mut unloaded = pieces.next().unwrap_or_default().to_owned();
            for piece in pieces {
                unloaded += &format!("<Checksum{algorithm}>");
                let end = format!("</Checksum{carrier}>");
                unloaded += &piece.replacen(&end, &format!("</Checksum{algorithm}>"), 1);
            }
            xml = unloaded;
        }
        xml
    }
}

/// A request as `s3s` reads it; nothing where it is already.
pub(super) fn load(xml: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(xml).ok()?;
    let has = |algorithm: Algorithm| text.contains(&format!("<Checksum{algorithm}>"));
    carried().any(|(algorithm, _)| has(algorithm)).then(|| {
        carried().fold(text.to_owned(), |text, (algorithm, carrier)| {
            text.replace(&format!("<Checksum{algorithm}>"), &format!("<Checksum{carrier}>{algorithm}:"))
                .replace(&format!("</Checksum{algorithm}>"), &format!("</Checksum{carrier}>"))
        })
    })
}

/// The algorithm and the text of what stands in the element of `element`.
pub(super) fn read(element: Algorithm, text: String) -> (Algorithm, String) {
    let own = text.split_once(':').and_then(|(name, rest)| Some((Algorithm::parse(name)?, rest)));
    match own.filter(|(algorithm, _)| carrier(*algorithm) == element) {
        Some((algorithm, rest)) => (algorithm, rest.to_owned()),
        None => (element, text),
    }
}

/// What to write into the element of `element` of a checksum with this text.
pub(super) fn text(algorithm: Algorithm, text: &impl ToString, element: Algorithm) -> Option<String> {
    match carrier(algorithm) == element {
        true if algorithm == element => Some(text.to_string()),
        true => Some(format!("{algorithm}:{}", text.to_string())),
        false => None,
    }
}

/// The same of a checksum as it is.
pub(super) fn checksum_text(checksum: Option<&Checksum>, element: Algorithm) -> Option<String> {
    checksum.and_then(|checksum| text(checksum.algorithm(), checksum, element))
}

/// The algorithm whose element carries a checksum: its own, if `s3s` knows it.
fn carrier(algorithm: Algorithm) -> Algorithm {
    match algorithm {
        Algorithm::Crc32 | Algorithm::Md5 => Algorithm::Crc32,
        Algorithm::Crc32c | Algorithm::Xxhash3 => Algorithm::Crc32c,
        Algorithm::Crc64nvme | Algorithm::Xxhash64 => Algorithm::Crc64nvme,
        Algorithm::Sha1 | Algorithm::Xxhash128 => Algorithm::Sha1,
        Algorithm::Sha256 | Algorithm::Sha512 => Algorithm::Sha256,
    }
}

fn carried() -> impl Iterator<Item = (Algorithm, Algorithm)> {
    let pairs = Algorithm::ALL.into_iter().map(|algorithm| (algorithm, carrier(algorithm)));
    pairs.filter(|(algorithm, carrier)| algorithm != carrier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_checksum_comes_through_as_it_was() {
        for algorithm in Algorithm::ALL {
            let said = format!("<Part><Checksum{algorithm}>AAAA</Checksum{algorithm}></Part>");
            let loaded = load(said.as_bytes()).unwrap_or_else(|| said.clone());
            assert!(loaded.contains(&format!("<Checksum{}>", carrier(algorithm))), "{loaded}");
            assert_eq!(CarriedChecksums.unload(&loaded), said);
            let written = text(algorithm, &"AAAA", carrier(algorithm)).unwrap();
            assert_eq!(read(carrier(algorithm), written), (algorithm, "AAAA".to_owned()));
        }
        let both = "<A><ChecksumCRC32>x</ChecksumCRC32></A><A><ChecksumMD5>y</ChecksumMD5></A>";
        assert_eq!(CarriedChecksums.unload(&load(both.as_bytes()).unwrap()), both);
    }
}
