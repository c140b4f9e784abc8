//! For the packer of models and the suites that bring models of their own.

pub use crate::model::pack::{Extras, extras, merge, model, texts};

/// See the module `dictionary` of the models.
pub use crate::model::dictionary::of_texts;

/// The service whose extras all others are deflated against.
pub const TYPICAL_EXTRAS: &str = crate::model::dictionary::TYPICAL_EXTRAS;
