//! An AWS in memory.

mod context;
#[cfg_attr(not(test), expect(dead_code, reason = "the doors come next"))]
mod dynamodb;
mod seed;
