//! What was answered to uploads that are complete: a client that lost the answer asks again, and is told the same.

use std::sync::Arc;

use imbl::OrdMap;

use super::{CompletedPart, Content, ETag, Object, ObjectKey, PartNumber, UploadId, Written};

/// The latest completions of a bucket, by their uploads.
#[derive(Clone, Debug, Default)]
pub(super) struct Completions {
    of_uploads: OrdMap<UploadId, Arc<Completion>>,
}

#[derive(Debug)]
struct Completion {
    key: ObjectKey,
    parts: Vec<(PartNumber, ETag)>,
    answer: Written,
}

impl Completions {
    /// How many are remembered; the uploads that began first are forgotten first.
    const MAX: usize = 1000;

    /// Remembers what came of an upload, without the bytes: they live as long as the object, and no longer.
    pub(super) fn remember(
        &mut self,
        key: ObjectKey,
        id: UploadId,
        parts: Vec<(PartNumber, ETag)>,
        of: &Written,
    ) {
        let mut object = Object::clone(&of.object);
        (object.content, object.parts) = (Content::default(), Box::default());
        let answer = Written { object: Arc::new(object), ..of.clone() };
        self.of_uploads.insert(id, Arc::new(Completion { key, parts, answer }));
        if self.of_uploads.len() > Self::MAX
            && let Some(first) = self.of_uploads.get_min().map(|(id, _)| id.clone())
        {
            self.of_uploads.remove(&first);
        }
    }

    /// The object as it was when the upload was completed with these very parts, without its bytes.
    pub(super) fn answer(&self, key: &ObjectKey, id: &UploadId, parts: &[CompletedPart]) -> Option<Written> {
        let completion = self.of_uploads.get(id).filter(|completion| completion.key == *key)?;
        let same = completion.parts.len() == parts.len()
            && completion
                .parts
                .iter()
                .zip(parts)
                .all(|((number, etag), named)| *number == named.number && etag.is(&named.etag));
        same.then(|| completion.answer.clone())
    }
}
