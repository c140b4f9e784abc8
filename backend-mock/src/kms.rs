//! KMS in memory: symmetric keys, their aliases, and what they encrypt. Served by its model, as STS is.

mod engine;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use engine::Engine;
pub(crate) use wire::respond;
