//! The records of one model, read in place.

use std::fmt;

use super::columns::Column;
use super::members;
use super::metadata::Metadata;
use super::texts::Texts;
use crate::error::{Error, ErrorKind};

pub(super) const MAGIC: &[u8; 4] = b"AWM4";
pub(super) const HEAD: usize = 32;

/// How many columns there are of shapes, of members and of operations.
pub(super) const SHAPE: usize = 5;
pub(super) const MEMBER: usize = 6;
pub(super) const OPERATION: usize = 9;

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
    #[cfg(any(test, feature = "conformance"))]
    pub(crate) const WRAPPER: u16 = 1;
    pub(crate) const FLATTENED: u16 = 2;
    pub(crate) const DOCUMENT: u16 = 4;
    pub(crate) const UNION: u16 = 8;
    pub(crate) const EVENT_STREAM: u16 = 16;
    #[cfg(any(test, feature = "conformance"))]
    pub(crate) const EVENT: u16 = 32;
    pub(crate) const STREAMING: u16 = 64;
    pub(crate) const EXCEPTION: u16 = 128;
    pub(crate) const FAULT: u16 = 256;
    pub(crate) const SENSITIVE: u16 = 512;
    #[cfg(any(test, feature = "conformance"))]
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
    #[cfg(any(test, feature = "conformance"))]
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
    texts: Texts,
    /// Where the members of each shape begin, and the last ones end; so the errors of operations.
    member_bounds: Box<[u32]>,
    error_bounds: Box<[u32]>,
    counts: Counts,
    shapes: [Column; SHAPE],
    /// Name and shape of each.
    member_names: Box<[(u16, u16)]>,
    members: [Column; MEMBER],
    operations: [Column; OPERATION],
    errors: Column,
    metadata: Metadata,
}

#[derive(Clone, Copy)]
struct Counts {
    shapes: usize,
    operations: usize,
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
        let number = |index: usize| u32_at(frame, 4 + 4 * index);
        let counts = Counts { shapes: number(1), operations: number(3) };
        let (texts, mut rest) = frame[HEAD..].split_at_checked(number(6)).ok_or_else(broken)?;
        let texts = Texts::over(texts, number(0)).ok_or_else(broken)?;
        let shapes: [_; SHAPE] = Column::take(&mut rest, counts.shapes).ok_or_else(broken)?;
        let operations: [_; OPERATION] = Column::take(&mut rest, counts.operations).ok_or_else(broken)?;
        let [errors] = Column::take(&mut rest, number(4)).ok_or_else(broken)?;
        let members: [_; MEMBER] = Column::take(&mut rest, number(2)).ok_or_else(broken)?;
        let [.., names, targets] = members;
        let expected = members::Expected::at_first(counts.shapes, texts.len());
        let member_names = expected.and_then(|expected| members::read(expected, [names, targets]));
        let mut model = Self {
            texts,
            member_bounds: shapes[0].bounds(),
            error_bounds: operations[6].bounds(),
            counts,
            shapes,
            member_names: member_names.ok_or_else(broken)?,
            members,
            operations,
            errors,
            metadata: Metadata::default(),
        };
        if !rest.is_empty() {
            return Err(broken());
        }
        let metadata = u16::try_from(number(5)).ok();
        model.metadata = Metadata::parse(model.text(metadata).unwrap_or_default())?;
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
        let [_, kinds, flags, location_name, traits] = self.shapes.map(|column| column.get(index));
        let [kind, timestamp_format] = kinds.unwrap_or_default().to_le_bytes();
        let (first_member, member_count) = part(&self.member_bounds, index);
        Shape {
            // Shapes and the texts with their names are numbered alike.
            name: self.texts.get(index).unwrap_or_default(),
            first_member,
            member_count,
            kind: kind_of(kind),
            timestamp_format: match timestamp_format {
                1 => Some(TimestampFormat::Iso8601),
                2 => Some(TimestampFormat::Unix),
                3 => Some(TimestampFormat::Rfc822),
                _ => None,
            },
            flags: flags.unwrap_or_default(),
            location_name: self.text(location_name),
            traits: self.text(traits),
        }
    }

    /// By its number in the model, such as `shape.first_member`.
    pub(crate) fn member(&self, index: usize) -> Member {
        let (name, shape) = self.member_names.get(index).copied().unzip();
        let [location_name, flags, location, traits, _, _] = self.members.map(|column| column.get(index));
        Member {
            name: self.text(name).unwrap_or_default(),
            shape: shape.map_or(usize::MAX, usize::from),
            location_name: self.text(location_name),
            flags: flags.unwrap_or_default(),
            location: match location {
                Some(1) => Location::Header,
                Some(2) => Location::PrefixedHeaders,
                Some(3) => Location::Uri,
                Some(4) => Location::Query,
                Some(5) => Location::StatusCode,
                _ => Location::Body,
            },
            traits: self.text(traits),
        }
    }

    /// The members of a structure, a list or a map.
    pub(crate) fn members(&self, shape: &Shape) -> impl Iterator<Item = Member> + '_ {
        (shape.first_member..shape.first_member + shape.member_count).map(|index| self.member(index))
    }

    /// By its number: 0 to [`operation_count`](Self::operation_count), in alphabetical order.
    pub(crate) fn operation(&self, index: usize) -> Operation {
        let [name, method, uri, input, output, host_prefix, _, flags, traits] =
            self.operations.map(|column| column.get(index));
        let (first_error, error_count) = part(&self.error_bounds, index);
        Operation {
            name: self.text(name).unwrap_or_default(),
            method: self.text(method).unwrap_or_default(),
            uri: self.text(uri).unwrap_or_default(),
            input: input.map(usize::from),
            output: output.map(usize::from),
            host_prefix: self.text(host_prefix),
            first_error,
            error_count,
            flags: flags.unwrap_or_default(),
            traits: self.text(traits),
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
        let all = operation.first_error..operation.first_error + operation.error_count;
        all.filter_map(|index| self.errors.get(index).map(usize::from))
    }

    fn operation_name(&self, index: usize) -> &'static str {
        self.text(self.operations[0].get(index)).unwrap_or_default()
    }

    fn text(&self, index: Option<u16>) -> Option<&'static str> {
        self.texts.get(index?.into())
    }
}

/// Where a part begins, and how long it is.
fn part(bounds: &[u32], index: usize) -> (usize, usize) {
    match bounds.get(index..index + 2) {
        Some(&[begin, end]) => (begin as usize, (end - begin) as usize),
        _ => (0, 0),
    }
}

fn u32_at(frame: &[u8], at: usize) -> usize {
    let bytes = frame.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(usize::MAX, |bytes| u32::from_le_bytes(bytes) as usize)
}

fn kind_of(number: u8) -> ShapeKind {
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
