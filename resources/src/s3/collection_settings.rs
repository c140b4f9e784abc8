//! The settings that S3's collections have in common, written once.

/// The settings named, each documented in the words of its collection, as methods of a collection that has a field for
/// each.
macro_rules! collection_settings {
    ($($setting:ident: $doc:literal),* $(,)?) => {
        $($crate::s3::collection_settings::collection_setting!($setting $doc);)*
    };
}
pub(super) use collection_settings;

macro_rules! collection_setting {
    (prefix $doc:literal) => {
        #[doc = $doc]
        pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
            self.prefix = Some(prefix.into());
            self
        }
    };
    (page_size $doc:literal) => {
        #[doc = $doc]
        pub fn page_size(mut self, page_size: i32) -> Self {
            self.page_size = Some(page_size);
            self
        }
    };
    (limit $doc:literal) => {
        #[doc = $doc]
        pub fn limit(mut self, limit: usize) -> Self {
            self.limit = Some(limit);
            self
        }
    };
}
pub(super) use collection_setting;
