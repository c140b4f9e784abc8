//! One suite for every backend.
fn main() {}
