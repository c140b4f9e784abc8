//! An AWS in memory.

mod context;
mod seed;
