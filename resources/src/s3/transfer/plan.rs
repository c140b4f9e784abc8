//! The plan of a transfer: which bytes go in which part.

use session_core::{Error, ErrorKind};

use super::byte_size::ByteSize;
use super::config::{LARGEST_PART, TransferConfig};
use crate::service::S3;

/// The most parts that a multipart upload has.
pub(super) const MOST_PARTS: u64 = 10_000;

/// Larger parts come in whole MiB.
const PART_GRAIN: u64 = 1 << 20;

/// One part of an object: its number, from 1, and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) number: i32,
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// Parts of equal size, the last one with what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    size: u64,
    part_size: u64,
}

impl Parts {
    /// How to upload so many bytes; `None` when one PutObject does it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when 10,000 parts of 5 GiB do not hold them.
    pub(super) fn of_upload(size: u64, config: &TransferConfig) -> Result<Option<Self>, Error> {
        if size < config.multipart_threshold().as_u64() {
            return Ok(None);
        }
        Ok(Some(Self { size, part_size: part_size(size, config)? }))
    }

    /// How to download so many bytes, in parts of at least one.
    pub(super) fn of_download(size: u64, part_size: u64) -> Self {
        Self { size, part_size }
    }

    /// The part, if there is one alone.
    pub(super) fn only(self) -> Option<Part> {
        self.iter().next().filter(|part| part.length == self.size)
    }

    /// The parts in their order; none of no bytes.
    pub(super) fn iter(self) -> impl Iterator<Item = Part> + Send {
        (1..).zip((0..self.size.div_ceil(self.part_size)).map(move |index| index * self.part_size)).map(
            move |(number, offset)| Part { number, offset, length: self.part_size.min(self.size - offset) },
        )
    }
}

/// The size of the parts of an upload of so many bytes: as asked, or larger.
fn part_size(size: u64, config: &TransferConfig) -> Result<u64, Error> {
    let least = size.div_ceil(MOST_PARTS);
    let part_size = match config.part_size().as_u64() {
        asked if asked >= least => asked,
        _ => least.next_multiple_of(PART_GRAIN),
    };
    if part_size > LARGEST_PART.as_u64() {
        let message = format!(
            "there are {}, but S3 takes 10,000 parts of 5 GiB at most: upload it as several objects",
            ByteSize::bytes(size)
        );
        return Err(Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME));
    }
    Ok(part_size)
}

/// The same, of parts that are held in memory.
///
/// # Errors
/// As [`Parts::of_upload`]; also when memory does not count so far.
pub(super) fn part_size_of(size: u64, config: &TransferConfig) -> Result<usize, Error> {
    usize::try_from(part_size(size, config)?).map_err(|why| {
        let message = format!("parts of {} do not fit into memory", config.part_size());
        Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME).with_source(why)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_of_exactly_the_threshold_is_one_part() {
        let config = TransferConfig::default();
        let threshold = config.multipart_threshold().as_u64();
        assert_eq!(Parts::of_upload(threshold - 1, &config).unwrap(), None);
        let parts: Vec<_> = Parts::of_upload(threshold, &config).unwrap().unwrap().iter().collect();
        assert_eq!(parts, [Part { number: 1, offset: 0, length: threshold }]);
    }

    #[test]
    fn parts_grow_so_that_ten_thousand_are_enough() {
        let config = TransferConfig::default();
        let size = ByteSize::gib(100).as_u64() + 1;
        let parts: Vec<_> = Parts::of_upload(size, &config).unwrap().unwrap().iter().collect();
        assert!(parts.len() <= 10_000 && parts[0].length == ByteSize::mib(11).as_u64(), "{}", parts.len());
        assert!(parts.windows(2).all(|two| two[0].length >= two[1].length));
    }

    #[test]
    fn what_no_upload_can_hold_is_refused_before_anything_is_sent() {
        let most = 10_000 * LARGEST_PART.as_u64();
        assert!(Parts::of_upload(most, &TransferConfig::default()).unwrap().is_some());
        let error = Parts::of_upload(most + 1, &TransferConfig::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }

    proptest! {
        #[test]
        fn parts_joined_are_the_whole_and_all_but_the_last_are_equal(
            size in 1..200_000_000_000u64,
            part_mib in 5..64u64,
        ) {
            let config = TransferConfig::builder()
                .part_size(ByteSize::mib(part_mib))
                .multipart_threshold(ByteSize::bytes(1))
                .build()
                .unwrap();
            let parts: Vec<_> = Parts::of_upload(size, &config).unwrap().unwrap().iter().collect();
            prop_assert!(parts.len() <= 10_000);
            let (last, full) = parts.split_last().unwrap();
            prop_assert!(full.iter().all(|part| part.length == parts[0].length));
            prop_assert!(last.length > 0 && last.length <= parts[0].length);
            prop_assert_eq!(parts.iter().map(|part| part.length).sum::<u64>(), size);
            for (index, part) in parts.iter().enumerate() {
                prop_assert_eq!(part.number as usize, index + 1);
                prop_assert_eq!(part.offset, index as u64 * parts[0].length);
            }
        }
    }
}
