//! The records of one model, read in place.

use std::fmt;

use super::metadata::Metadata;
use crate::error::{Error, ErrorKind};

pub(super) const NONE: u32 = u32::MAX;
pub(super) const MAGIC: &[u8; 4] = b"AWM1";
const HEAD: usize = 32;
const SHAPE: usize = 24;
const MEMBER: usize = 20;
const OPERATION: usize = 36;

/// The number of a shape in its model.
pub(crate) type ShapeIndex = usize;

/// What a shape is. The numbers are those of the packed records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShapeKind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Boolean,
    Timestamp,
    Double,
    Float,
    Blob,
    Character,
    Short,
    Byte,
    BigDecimal,
    BigInteger,
}

/// How a timestamp is written, where its shape says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimestampFormat {
    /// RFC 3339.
    Iso8601,
    /// Seconds since 1970.
    Unix,
    /// As in HTTP headers.
    Rfc822,
}

/// Where a member of an input or output travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    Body,
    Header,
    PrefixedHeaders,
    Uri,
    Query,
    StatusCode,
}

/// Flags of shapes.
pub(crate) mod shape_flags {
    pub(crate) const WRAPPER: u16 = 1;
    pub(crate) const FLATTENED: u16 = 2;
    pub(crate) const DOCUMENT: u16 = 4;
    pub(crate) const UNION: u16 = 8;
    pub(crate) const EVENT_STREAM: u16 = 16;
    pub(crate) const EVENT: u16 = 32;
    pub(crate) const STREAMING: u16 = 64;
    pub(crate) const EXCEPTION: u16 = 128;
    pub(crate) const FAULT: u16 = 256;
    pub(crate) const SENSITIVE: u16 = 512;
    pub(crate) const BOX: u16 = 1024;
    pub(crate) const REQUIRES_LENGTH: u16 = 2048;
    pub(crate) const SPARSE: u16 = 4096;
}

/// Flags of members.
pub(crate) mod member_flags {
    pub(crate) const FLATTENED: u16 = 1;
    pub(crate) const IDEMPOTENCY_TOKEN: u16 = 2;
    pub(crate) const HOST_LABEL: u16 = 4;
    pub(crate) const JSON_VALUE: u16 = 8;
    pub(crate) const STREAMING: u16 = 16;
    pub(crate) const EVENT_PAYLOAD: u16 = 32;
    pub(crate) const EVENT_HEADER: u16 = 64;
    pub(crate) const XML_ATTRIBUTE: u16 = 128;
    pub(crate) const REQUIRED: u16 = 256;
    pub(crate) const PAYLOAD: u16 = 512;
    pub(crate) const BOX: u16 = 1024;
}

/// Flags of operations.
pub(crate) mod operation_flags {
    pub(crate) const UNSIGNED_PAYLOAD: u16 = 1;
    pub(crate) const HTTP_CHECKSUM_REQUIRED: u16 = 2;
}

/// A shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) kind: ShapeKind,
    /// Of a structure in the model's order; of a list its member; of a map its key and value.
    pub(crate) first_member: usize,
    pub(crate) member_count: usize,
    pub(crate) timestamp_format: Option<TimestampFormat>,
    pub(crate) flags: u16,
    pub(crate) location_name: Option<&'static str>,
    /// JSON with what few shapes have: `error`, `retryable`, `xmlOrder`, `xmlNamespace`, `synthetic`.
    pub(crate) traits: Option<&'static str>,
}

impl Shape {
    pub(crate) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// A member of a structure, a list or a map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) shape: ShapeIndex,
    pub(crate) location_name: Option<&'static str>,
    pub(crate) location: Location,
    pub(crate) flags: u16,
    /// JSON with what few members have: `contextParam`, `xmlNamespace`, `queryName`.
    pub(crate) traits: Option<&'static str>,
}

impl Member {
    pub(crate) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// An operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) uri: &'static str,
    pub(crate) input: Option<ShapeIndex>,
    pub(crate) output: Option<ShapeIndex>,
    pub(crate) host_prefix: Option<&'static str>,
    first_error: usize,
    error_count: usize,
    pub(crate) flags: u16,
    /// JSON with what few operations have: `staticContextParams`, `operationContextParams`, `httpChecksum`,
    /// `requestcompression`, `auth`, `authtype`, `endpointdiscovery`, `endpointoperation`, `inputTraits` and
    /// `outputTraits` (`locationName`, `xmlNamespace`, `resultWrapper`).
    pub(crate) traits: Option<&'static str>,
}

impl Operation {
    pub(crate) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// One service's model.
pub(crate) struct Model {
    records: &'static [u8],
    texts: &'static str,
    counts: Counts,
    metadata: Metadata,
}

#[derive(Clone, Copy)]
struct Counts {
    texts: usize,
    shapes: usize,
    members: usize,
    operations: usize,
    errors: usize,
}

impl Counts {
    fn shapes_at(self) -> usize {
        HEAD + 4 * (self.texts + 1)
    }

    fn members_at(self) -> usize {
        self.shapes_at() + SHAPE * self.shapes
    }

    fn operations_at(self) -> usize {
        self.members_at() + MEMBER * self.members
    }

    fn errors_at(self) -> usize {
        self.operations_at() + OPERATION * self.operations
    }

    fn texts_at(self) -> usize {
        self.errors_at() + 4 * self.errors
    }
}

impl Model {
    /// The model over an inflated first frame.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: the frame is not one. Frames are embedded and tested, so it is one.
    pub(crate) fn over(frame: &'static [u8]) -> Result<Self, Error> {
        let broken = || Error::new(ErrorKind::InvalidConfig, "the embedded service model is broken");
        if frame.len() < HEAD || !frame.starts_with(MAGIC) {
            return Err(broken());
        }
        let number = |index: usize| u32_at(frame, 4 + 4 * index) as usize;
        let counts = Counts {
            texts: number(0),
            shapes: number(1),
            members: number(2),
            operations: number(3),
            errors: number(4),
        };
        let (metadata, length) = (number(5), number(6));
        let texts =
            frame.get(counts.texts_at()..).filter(|texts| texts.len() == length).ok_or_else(broken)?;
        let texts = std::str::from_utf8(texts).map_err(|_| broken())?;
        let mut model = Self { records: frame, texts, counts, metadata: Metadata::default() };
        model.metadata = Metadata::parse(model.text(metadata as u32).unwrap_or_default())?;
        Ok(model)
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    pub(crate) fn shape_count(&self) -> usize {
        self.counts.shapes
    }

    pub(crate) fn operation_count(&self) -> usize {
        self.counts.operations
    }

    pub(crate) fn shape(&self, index: ShapeIndex) -> Shape {
        let at = self.counts.shapes_at() + SHAPE * index;
        Shape {
            name: self.name(at),
            first_member: self.u32(at + 4) as usize,
            member_count: usize::from(self.u16(at + 8)),
            kind: kind(self.u8(at + 10)),
            timestamp_format: match self.u8(at + 11) {
                1 => Some(TimestampFormat::Iso8601),
                2 => Some(TimestampFormat::Unix),
                3 => Some(TimestampFormat::Rfc822),
                _ => None,
            },
            flags: self.u16(at + 12),
            location_name: self.text(self.u32(at + 16)),
            traits: self.text(self.u32(at + 20)),
        }
    }

    /// By its number in the model, such as `shape.first_member`.
    pub(crate) fn member(&self, index: usize) -> Member {
        let at = self.counts.members_at() + MEMBER * index;
        Member {
            name: self.name(at),
            shape: self.u32(at + 4) as usize,
            location_name: self.text(self.u32(at + 8)),
            flags: self.u16(at + 12),
            location: match self.u8(at + 14) {
                1 => Location::Header,
                2 => Location::PrefixedHeaders,
                3 => Location::Uri,
                4 => Location::Query,
                5 => Location::StatusCode,
                _ => Location::Body,
            },
            traits: self.text(self.u32(at + 16)),
        }
    }

    /// The members of a structure, a list or a map.
    pub(crate) fn members(&self, shape: &Shape) -> impl Iterator<Item = Member> + '_ {
        (shape.first_member..shape.first_member + shape.member_count).map(|index| self.member(index))
    }

    /// By its number: 0 to [`operation_count`](Self::operation_count), in alphabetical order.
    pub(crate) fn operation(&self, index: usize) -> Operation {
        let at = self.counts.operations_at() + OPERATION * index;
        let shape = |number: u32| (number != NONE).then_some(number as usize);
        Operation {
            name: self.name(at),
            method: self.text(self.u32(at + 4)).unwrap_or_default(),
            uri: self.text(self.u32(at + 8)).unwrap_or_default(),
            input: shape(self.u32(at + 12)),
            output: shape(self.u32(at + 16)),
            host_prefix: self.text(self.u32(at + 20)),
            first_error: self.u32(at + 24) as usize,
            error_count: usize::from(self.u16(at + 28)),
            flags: self.u16(at + 30),
            traits: self.text(self.u32(at + 32)),
        }
    }

    /// The number of the operation of that name.
    pub(crate) fn find_operation(&self, name: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.counts.operations);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.operation_name(middle).cmp(name) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The names of the operations, in alphabetical order.
    pub(crate) fn operation_names(&self) -> impl Iterator<Item = &'static str> + '_ {
        (0..self.counts.operations).map(|index| self.operation_name(index))
    }

    /// The error shapes that an operation is said to answer with.
    pub(crate) fn errors(&self, operation: &Operation) -> impl Iterator<Item = ShapeIndex> + '_ {
        let at = self.counts.errors_at();
        let all = operation.first_error..operation.first_error + operation.error_count;
        all.map(move |index| self.u32(at + 4 * index) as usize)
    }

    fn operation_name(&self, index: usize) -> &'static str {
        self.name(self.counts.operations_at() + OPERATION * index)
    }

    fn name(&self, at: usize) -> &'static str {
        self.text(self.u32(at)).unwrap_or_default()
    }

    fn text(&self, index: u32) -> Option<&'static str> {
        if index == NONE {
            return None;
        }
        let at = HEAD + 4 * index as usize;
        self.texts.get(self.u32(at) as usize..self.u32(at + 4) as usize)
    }

    fn u8(&self, at: usize) -> u8 {
        self.records.get(at).copied().unwrap_or_default()
    }

    fn u16(&self, at: usize) -> u16 {
        let bytes = self.records.get(at..at + 2).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u16::from_le_bytes).unwrap_or_default()
    }

    fn u32(&self, at: usize) -> u32 {
        u32_at(self.records, at)
    }
}

fn u32_at(records: &[u8], at: usize) -> u32 {
    let bytes = records.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map(u32::from_le_bytes).unwrap_or(NONE)
}

fn kind(number: u8) -> ShapeKind {
    use ShapeKind::{
        BigDecimal, BigInteger, Blob, Boolean, Byte, Character, Double, Float, Integer, List, Long, Map,
        Short, String, Structure, Timestamp,
    };
    const KINDS: [ShapeKind; 16] = [
        Structure, List, Map, String, Integer, Long, Boolean, Timestamp, Double, Float, Blob, Character,
        Short, Byte, BigDecimal, BigInteger,
    ];
    KINDS.get(usize::from(number)).copied().unwrap_or(String)
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("metadata", &self.metadata).finish_non_exhaustive()
    }
}
