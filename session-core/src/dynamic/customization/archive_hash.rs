//! The hashes that Glacier wants of an archive before it is sent: a tree's, and a plain one in the signature.
//!
//! A tree's leaves are the SHA-256 of each MiB; two neighbours make the node above them, and one without a neighbour goes
//! up as it is.

use aws_runtime::auth::PayloadSigningOverride;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use sha2::{Digest, Sha256};

use super::{Value, refuse};
use crate::error::Error;

const LEAF: usize = 1 << 20;

/// Whether an operation sends an archive or a part of one.
pub(in crate::dynamic) fn is_wanted(service: &str, operation: &str) -> bool {
    service == "glacier" && matches!(operation, "UploadArchive" | "UploadMultipartPart")
}

/// Reads what is sent to its end, fills in the tree's hash unless the caller gave one, and says how the payload is to be
/// signed. A stream beside the input is given back to be sent.
///
/// # Errors
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput): the stream can be read but once. And what ends its
/// reading.
pub(in crate::dynamic) async fn add(
    input: &mut Value,
    body: Option<ByteStream>,
) -> Result<(Option<ByteStream>, PayloadSigningOverride), Error> {
    let mut hashes = Hashes::default();
    let body = match body {
        None => {
            match &input["body"] {
                Value::Blob(bytes) => hashes.update(bytes.as_ref()),
                Value::String(text) => hashes.update(text.as_bytes()),
                _ => {}
            }
            None
        }
        Some(body) => {
            let body = body.into_inner();
            let copy = body.try_clone().ok_or_else(|| {
                let message = "body has to be hashed before it is sent, and this stream can be read but once: give \
                               bytes or a file";
                refuse(message.to_owned())
            })?;
            read(copy, &mut hashes).await?;
            Some(ByteStream::new(body))
        }
    };
    let (plain, tree) = hashes.finish();
    if input["checksum"].is_null() {
        input.insert("checksum", tree);
    }
    Ok((body, PayloadSigningOverride::Precomputed(plain)))
}

async fn read(body: SdkBody, hashes: &mut Hashes) -> Result<(), Error> {
    let mut stream = ByteStream::new(body);
    while let Some(bytes) = stream.try_next().await? {
        hashes.update(&bytes);
    }
    Ok(())
}

#[derive(Default)]
struct Hashes {
    plain: Sha256,
    leaf: Sha256,
    in_leaf: usize,
    leaves: Vec<[u8; 32]>,
}

impl Hashes {
    fn update(&mut self, mut bytes: &[u8]) {
        self.plain.update(bytes);
        while !bytes.is_empty() {
            let (now, rest) = bytes.split_at(bytes.len().min(LEAF - self.in_leaf));
            self.leaf.update(now);
            self.in_leaf += now.len();
            bytes = rest;
            if self.in_leaf == LEAF {
                self.end_leaf();
            }
        }
    }

    fn end_leaf(&mut self) {
        self.leaves.push(std::mem::take(&mut self.leaf).finalize().into());
        self.in_leaf = 0;
    }

    /// The plain hash and the tree's, in hexadecimal digits.
    fn finish(mut self) -> (String, String) {
        if self.in_leaf > 0 || self.leaves.is_empty() {
            self.end_leaf();
        }
        let mut level = self.leaves;
        while level.len() > 1 {
            let above = level.chunks(2).map(|pair| match pair {
                [left, right] => Sha256::new().chain_update(left).chain_update(right).finalize().into(),
                alone => alone[0],
            });
            level = above.collect();
        }
        (hex(&self.plain.finalize()), level.first().map(|root| hex(root)).unwrap_or_default())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(pieces: &[&[u8]]) -> String {
        let mut hashes = Hashes::default();
        pieces.iter().for_each(|piece| hashes.update(piece));
        hashes.finish().1
    }

    #[test]
    fn a_tree_is_that_of_its_leaves_however_its_bytes_come() {
        let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(tree(&[]), of_nothing);
        let (one, half) = (vec![7_u8; LEAF], vec![9_u8; LEAF / 2]);
        let sha = |bytes: &[u8]| -> [u8; 32] { Sha256::digest(bytes).into() };
        let pair = |left: [u8; 32], right: [u8; 32]| sha(&[left, right].concat());
        let below = pair(sha(&one), sha(&one));
        let whole = [one.as_slice(), &one, &half].concat();
        assert_eq!(tree(&[&whole]), hex(&pair(below, sha(&half))));
        assert_eq!(tree(&[&whole[..10], &whole[10..LEAF + 1], &whole[LEAF + 1..]]), tree(&[&whole]));
        assert_eq!(tree(&[&one]), hex(&sha(&one)));
    }
}
