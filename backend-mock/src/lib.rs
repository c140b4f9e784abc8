//! An AWS in memory.

mod aws_chunked;
mod context;
#[cfg_attr(not(test), expect(dead_code, reason = "the doors come next"))]
mod s3;
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "the doors come next"))]
mod dynamodb;
mod seed;
