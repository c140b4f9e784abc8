//! AWS's service models: what each service's operations take and answer, packed by `cargo xtask models`.
//!
//! A model is two frames. The first holds fixed records (shapes, members, operations, errors) over a table of texts, and
//! is read in place; the second holds what only some programs ask for, as JSON: endpoint rules, paginators, waiters,
//! resources. Each is inflated when it is first asked for and kept as long as the process lives: models are constants of
//! the program, and so of bounded number.
//!
//! ```text
//! first frame, little endian
//!   "AWM1"  texts:u32  shapes:u32  members:u32  operations:u32  errors:u32  metadata:u32 (text)  bytes of texts:u32
//!   texts+1 × u32                  where each text begins, and the last one ends
//!   shapes × 24                    name:u32 first member:u32 members:u16 type:u8 timestamp:u8 flags:u16 0:u16
//!                                  location name:u32 traits:u32
//!   members × 20                   name:u32 shape:u32 location name:u32 flags:u16 location:u8 0:u8 traits:u32
//!   operations × 36                name:u32 method:u32 uri:u32 input:u32 output:u32 host prefix:u32 first error:u32
//!                                  errors:u16 flags:u16 traits:u32
//!   errors × u32                   shapes
//!   texts                          UTF-8
//! ```
//! A text or shape that is not there is `u32::MAX`. Operations are sorted by name.

mod catalog;
mod metadata;
pub(crate) mod pack;
mod records;

pub(crate) use catalog::{api_version, extras, find, names};
pub(crate) use metadata::{Metadata, Protocol};
pub(crate) use records::{
    Location, Member, Model, Operation, Shape, ShapeIndex, ShapeKind, TimestampFormat, member_flags,
    operation_flags, shape_flags,
};
