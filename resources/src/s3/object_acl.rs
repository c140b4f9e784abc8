//! An object's access control list.

use std::fmt;

use async_trait::async_trait;
use aws_sdk_s3::operation::get_object_acl::GetObjectAclOutput;
use aws_sdk_s3::operation::get_object_acl::builders::GetObjectAclFluentBuilder;
use aws_sdk_s3::operation::put_object_acl::builders::PutObjectAclFluentBuilder;
use session_core::{Error, Resource, ResourceMeta};

use super::object::Object;
use crate::existence::found;
use crate::service::S3;

/// An object's access control list. Made by [`Object::acl`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ObjectAcl {
    object: Object,
}

impl ObjectAcl {
    pub(super) fn new(object: &Object) -> Self {
        Self { object: object.clone() }
    }

    /// The object that it is of.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// GetObjectAcl.
    pub fn get(&self) -> GetObjectAclFluentBuilder {
        let get = self.object.client().get_object_acl();
        get.bucket(self.object.bucket_name()).key(self.object.key())
    }

    /// PutObjectAcl. A bucket whose owner owns every object, which is the default, takes none but its own.
    pub fn put(&self) -> PutObjectAclFluentBuilder {
        let put = self.object.client().put_object_acl();
        put.bucket(self.object.bucket_name()).key(self.object.key())
    }

    /// What S3 tells about it now: owner and grants. Asks by GetObjectAcl.
    ///
    /// # Errors
    /// [`NotFound`](session_core::ErrorKind::NotFound) when there is no such object.
    pub async fn load(&self) -> Result<GetObjectAclOutput, Error> {
        Ok(self.get().send().await?)
    }

    /// Whether there is one, which every object has.
    ///
    /// # Errors
    /// As [`load`](Self::load), but for `NotFound`.
    pub async fn exists(&self) -> Result<bool, Error> {
        found(self.load().await)
    }
}

impl fmt::Debug for ObjectAcl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bucket_name, key) = (self.object.bucket_name(), self.object.key());
        write!(f, "s3.ObjectAcl(bucket_name={bucket_name:?}, object_key={key:?})")
    }
}

#[async_trait]
impl Resource for ObjectAcl {
    fn meta(&self) -> &ResourceMeta {
        static META: ResourceMeta = ResourceMeta::new(S3::NAME, "ObjectAcl", &["bucket_name", "object_key"]);
        &META
    }

    fn identifiers(&self) -> Vec<String> {
        vec![self.object.bucket_name().to_owned(), self.object.key().to_owned()]
    }

    async fn load(&self) -> Result<(), Error> {
        ObjectAcl::load(self).await.map(drop)
    }

    async fn exists(&self) -> Result<bool, Error> {
        ObjectAcl::exists(self).await
    }
}
