//! For the packer of models and the suites that bring models of their own.

pub use crate::model::pack::{Extras, extras, merge, model};
