//! An AWS in memory.

mod context;
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "the doors come next"))]
mod dynamodb;
mod seed;
