//! A configuration that is kept as the XML it came as.

use std::sync::Arc;

/// XML that has been checked, written in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document(Arc<[u8]>);

impl Document {
    pub(crate) fn new(xml: Vec<u8>) -> Self {
        Self(xml.into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
