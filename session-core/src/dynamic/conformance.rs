//! What the suites beside this crate and the packer of models need of its private parts. Not part of the interface: it
//! changes without notice.

pub mod endpoints;
pub mod first_use;
pub mod least_input;
pub mod pack;
pub mod protocols;
pub mod sweep;
