//! For the packer of models and the suites that bring models of their own.

pub use crate::model::pack::{Extras, extras, merge, model, texts};

/// See the module `dictionary` of the models.
pub use crate::model::dictionary::{TYPICAL_EXTRAS, of_texts};
