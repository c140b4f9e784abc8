//! A resource that a listing found, and what the listing told about it.

use std::ops::Deref;

/// A resource, and what a listing told about it. Is the resource, for its actions.
#[derive(Clone, Debug)]
pub struct Listed<R, E> {
    resource: R,
    entry: E,
}

impl<R, E> Listed<R, E> {
    pub(super) fn new(resource: R, entry: E) -> Self {
        Self { resource, entry }
    }

    /// The resource itself.
    pub fn resource(&self) -> &R {
        &self.resource
    }

    /// All that the listing told.
    pub fn entry(&self) -> &E {
        &self.entry
    }

    /// The resource alone.
    pub fn into_resource(self) -> R {
        self.resource
    }
}

impl<R, E> Deref for Listed<R, E> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.resource
    }
}
