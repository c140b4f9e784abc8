//! AWS's service models: what each service's operations take and answer, packed by `cargo xtask models`.
//!
//! A model is two frames. The first holds fixed records (shapes, members, operations, errors) over a table of texts, and
//! is read in place; the second holds what only some programs ask for, as JSON: endpoint rules, paginators, waiters,
//! resources. Each is inflated when it is first asked for and kept as long as the process lives: models are constants of
//! the program, and so of bounded number.
//!
//! ```text
//! first frame, little endian
//!   "AWM4"  texts:u32  shapes:u32  members:u32  operations:u32  errors:u32  metadata:u32 (text)  bytes of texts:u32
//! the texts, UTF-8, each with a line feed behind it: the names of the shapes in their order, then the others
//! and columns of u16, of each all low bytes before all high bytes
//!   shapes       members, type + 256 × timestamp, flags, location name, traits
//!   operations   name, method, uri, input, output, host prefix, errors, flags, traits
//!   errors       shape
//!   members      location name, flags, location, traits, name, shape (the last two as `members.rs` writes them)
//! ```
//! A text or shape that is not there is `u16::MAX`. The members of shapes stand in the order of the shapes, the errors of
//! operations in that of the operations, which are sorted by name.

mod catalog;
mod columns;
pub(crate) mod dictionary;
mod extras;
mod members;
mod metadata;
#[cfg(any(test, feature = "conformance"))]
pub(crate) mod pack;
mod records;
mod texts;

#[cfg(any(test, feature = "conformance"))]
pub(crate) use catalog::find_anew;
pub(crate) use catalog::{api_version, extras, find, names};
pub(crate) use extras::part;
pub(crate) use metadata::{Metadata, Protocol};
pub(crate) use records::{
    Location, Member, Model, Operation, Shape, ShapeIndex, ShapeKind, TimestampFormat, member_flags,
    operation_flags, shape_flags,
};
