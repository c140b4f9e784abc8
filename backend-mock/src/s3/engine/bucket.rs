//! Buckets: their names, who owns them and where, and the operations that make, find and delete them.

use std::borrow::Borrow;
use std::fmt;
use std::net::Ipv4Addr;
use std::ops::Bound;
use std::sync::Arc;
use std::time::SystemTime;

use super::access::{partition, resource};
use super::completions::Completions;
use super::configuration::{Configuration, Tagging};
use super::multipart_upload::Uploads;
use super::versions::Versions;
use super::{
    AccessControlList, BucketNamespace, Caller, CannedAcl, CanonicalUserId, Code, Engine, Error,
    LifecycleConfiguration, ObjectLockConfiguration, ObjectOwnership, RequestedAcl, SystemMetadata,
    Versioning, whole_seconds,
};
use crate::context::{AccountId, RegionName};

/// A bucket's name, unique in the whole cloud.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BucketName(Arc<str>);

impl BucketName {
    const RESERVED_PREFIXES: [&'static str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const RESERVED_SUFFIXES: [&'static str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    /// A name for a new bucket: 3 to 63 lower-case letters, digits, hyphens and dots that begin and end with a letter
    /// or a digit, of which no dot is next to a hyphen or another dot, that are no address, and that are not reserved.
    pub(crate) fn parse(name: &str) -> Result<Self, Error> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let valid = (3..=63).contains(&name.len())
            && name.bytes().all(|byte| plain(byte) || byte == b'-' || byte == b'.')
            && name.bytes().next().is_some_and(plain)
            && name.bytes().last().is_some_and(plain)
            && !["..", ".-", "-."].iter().any(|pair| name.contains(pair))
            && name.parse::<Ipv4Addr>().is_err()
            && !Self::RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
            && !Self::RESERVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix));
        if valid {
            Ok(Self(name.into()))
        } else {
            Err(Error::new(Code::InvalidBucketName).with("BucketName", name))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for BucketName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// The ARN of a bucket in a region, whose partition it begins with.
pub(crate) fn bucket_arn(region: &RegionName, name: &str) -> String {
    resource(partition(region), name, None)
}

#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    owner: AccountId,
    region: RegionName,
    location: LocationConstraint,
    created: SystemTime,
    configuration: Configuration,
    pub(super) objects: Versions,
    pub(super) versioning: Versioning,
    pub(super) object_lock: Option<ObjectLockConfiguration>,
    pub(super) lifecycle: Option<Arc<LifecycleConfiguration>>,
    /// That of the object written last, to be shared with the next.
    pub(super) last_metadata: Option<Arc<SystemMetadata>>,
    pub(super) uploads: Uploads,
    pub(super) completions: Completions,
}

impl Bucket {
    pub(super) fn owner(&self) -> &AccountId {
        &self.owner
    }

    pub(super) fn region(&self) -> &RegionName {
        &self.region
    }

    /// What GetBucketLocation says.
    pub(crate) fn location(&self) -> &LocationConstraint {
        &self.location
    }

    pub(super) fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    pub(super) fn configuration_mut(&mut self) -> &mut Configuration {
        &mut self.configuration
    }
}

/// Where a CreateBucket request asks for the bucket to be, in its own words; none for us-east-1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LocationConstraint(pub(crate) Option<String>);

impl LocationConstraint {
    /// The region that the constraint means at the endpoint of `region`.
    ///
    /// The endpoint of us-east-1 makes buckets in every region, and the others only in their own.
    fn region(&self, region: &RegionName) -> Result<RegionName, Error> {
        let meant = |constraint| if constraint == "EU" { "eu-west-1" } else { constraint };
        match (region.as_str(), self.0.as_deref()) {
            (RegionName::DEFAULT, None) => Ok(region.clone()),
            (RegionName::DEFAULT, Some(RegionName::DEFAULT)) => {
                Err(Error::new(Code::InvalidLocationConstraint)
                    .with("LocationConstraint", RegionName::DEFAULT))
            }
            (RegionName::DEFAULT, Some(named)) => Ok(RegionName::new(meant(named))),
            (region, Some(named)) if region == meant(named) => Ok(RegionName::new(region)),
            (_, None) => Err(Error::new(Code::IllegalLocationConstraintException)),
            (_, Some(named)) => Err(Error::with_message(
                Code::IllegalLocationConstraintException,
                format!(
                    "The {named} location constraint is incompatible for the region specific endpoint this request \
                     was sent to."
                ),
            )),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct CreateBucket {
    pub(crate) name: BucketName,
    pub(crate) location: LocationConstraint,
    pub(crate) ownership: ObjectOwnership,
    pub(crate) acl: Option<RequestedAcl>,
    /// With object lock, and so with versions.
    pub(crate) object_lock: bool,
    pub(crate) namespace: BucketNamespace,
    pub(crate) tagging: Option<Tagging>,
}

impl CreateBucket {
    /// A bucket of which nothing but its name is said.
    pub(crate) fn named(name: BucketName) -> Self {
        Self {
            name,
            location: LocationConstraint::default(),
            ownership: ObjectOwnership::default(),
            acl: None,
            object_lock: false,
            namespace: BucketNamespace::default(),
            tagging: None,
        }
    }

    /// The access control list of the new bucket; none when it is private.
    ///
    /// # Errors
    /// `InvalidBucketAclWithObjectOwnership` for one with lists disabled, and
    /// `InvalidBucketAclWithBlockPublicAccessError` for a public one: a new bucket blocks those.
    fn acl(&self, owner: &CanonicalUserId) -> Result<Option<AccessControlList>, Error> {
        let Some(requested) = &self.acl else { return Ok(None) };
        let acl = requested.resolve(owner, owner)?;
        let private = acl == AccessControlList::private(owner);
        if self.ownership == ObjectOwnership::BucketOwnerEnforced
            && *requested != RequestedAcl::Canned(CannedAcl::Private)
        {
            return Err(Error::new(Code::InvalidBucketAclWithObjectOwnership).with("BucketName", &self.name));
        }
        if acl.is_public() {
            return Err(
                Error::new(Code::InvalidBucketAclWithBlockPublicAccessError).with("BucketName", &self.name)
            );
        }
        Ok((!private).then_some(acl))
    }
}

/// The caller's buckets in the order of their names, at most as many as were asked for.
#[derive(Debug)]
pub(crate) struct BucketsPage {
    pub(crate) buckets: Vec<ListedBucket>,
    /// The last of these buckets, when more follow.
    pub(crate) next: Option<BucketName>,
}

#[derive(Debug)]
pub(crate) struct ListedBucket {
    pub(crate) name: BucketName,
    pub(crate) region: RegionName,
    pub(crate) created: SystemTime,
}

impl Engine {
    /// Makes a bucket; gives the region that it is in.
    ///
    /// # Errors
    /// As [`BucketNamespace::check`]; `BucketAlreadyExists` when another account has the name. The owner is told `BucketAlreadyOwnedByYou`, except in
    /// us-east-1, where making a bucket again succeeds.
    pub(crate) fn create_bucket(
        &mut self,
        caller: &Caller,
        create: CreateBucket,
    ) -> Result<RegionName, Error> {
        let region = create.location.region(&caller.region)?;
        if caller.account_id.is_anonymous() {
            return Err(Error::access_denied());
        }
        create.namespace.check(&create.name, &caller.account_id, &region)?;
        let acl = create.acl(&CanonicalUserId::of(&caller.account_id))?;
        match self.buckets.get(&create.name) {
            None => {}
            Some(bucket) if bucket.owner != caller.account_id => {
                return Err(Error::new(Code::BucketAlreadyExists).with("BucketName", &create.name));
            }
            Some(bucket)
                if bucket.region.as_str() == RegionName::DEFAULT
                    && region.as_str() == RegionName::DEFAULT =>
            {
                return Ok(region);
            }
            Some(_) => return Err(Error::new(Code::BucketAlreadyOwnedByYou).with("BucketName", &create.name)),
        }
        let mut configuration = Configuration::of_new_bucket(create.ownership);
        configuration.acl = acl.map(Arc::new);
        configuration.tagging = create.tagging.filter(|tagging| !tagging.tags().is_empty()).map(Arc::new);
        let bucket = Bucket {
            configuration,
            owner: caller.account_id.clone(),
            region: region.clone(),
            location: create.location,
            created: whole_seconds(caller.now),
            objects: Versions::default(),
            versioning: if create.object_lock { Versioning::Enabled } else { Versioning::Unversioned },
            object_lock: create.object_lock.then(ObjectLockConfiguration::default),
            lifecycle: None,
            last_metadata: None,
            uploads: Uploads::default(),
            completions: Completions::default(),
        };
        self.buckets.insert(create.name, Arc::new(bucket));
        Ok(region)
    }

    /// The region of a bucket, as HeadBucket tells it.
    pub(crate) fn head_bucket(&self, caller: &Caller, name: &str) -> Result<&RegionName, Error> {
        Ok(self.bucket(caller, name)?.region())
    }

    /// What GetBucketLocation says; the endpoint of us-east-1 says it of buckets of every region.
    pub(crate) fn bucket_location(&self, caller: &Caller, name: &str) -> Result<&LocationConstraint, Error> {
        let bucket = match caller.region.as_str() {
            RegionName::DEFAULT => self.bucket_anywhere(caller, name)?,
            _ => self.bucket(caller, name)?,
        };
        Ok(bucket.location())
    }

    /// Deletes a bucket that holds no version of anything, and with it the multipart uploads that were never completed.
    pub(crate) fn delete_bucket(&mut self, caller: &Caller, name: &str) -> Result<(), Error> {
        let bucket = self.bucket(caller, name)?;
        if !bucket.objects.is_empty() {
            let error = match bucket.versioning {
                Versioning::Unversioned => Error::new(Code::BucketNotEmpty),
                _ => Error::with_message(
                    Code::BucketNotEmpty,
                    "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
                ),
            };
            return Err(error.with("BucketName", name));
        }
        self.buckets.remove(name);
        Ok(())
    }

    /// The caller's buckets, if the caller is anybody, behind `after` that start with `prefix` and, if it is given, are in `region`.
    pub(crate) fn list_buckets(
        &self,
        caller: &Caller,
        prefix: &str,
        region: Option<&str>,
        after: Option<&str>,
        max_buckets: usize,
    ) -> Result<BucketsPage, Error> {
        if caller.account_id.is_anonymous() {
            return Err(Error::access_denied());
        }
        let start = after.map_or(Bound::Included(prefix), |after| match after < prefix {
            true => Bound::Included(prefix),
            false => Bound::Excluded(after),
        });
        let mut mine = self
            .buckets
            .range::<_, str>((start, Bound::Unbounded))
            .take_while(|(name, _)| name.as_str().starts_with(prefix))
            .filter(|(_, bucket)| bucket.owner == caller.account_id)
            .filter(|(_, bucket)| region.is_none_or(|region| bucket.region.as_str() == region))
            .map(|(name, bucket)| ListedBucket {
                name: name.clone(),
                region: bucket.region.clone(),
                created: bucket.created,
            });
        let buckets: Vec<ListedBucket> = mine.by_ref().take(max_buckets).collect();
        let more = mine.next().is_some();
        let next = buckets.last().filter(|_| more).map(|bucket| bucket.name.clone());
        Ok(BucketsPage { buckets, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::engine::tests::{caller, caller_of};

    fn create(
        engine: &mut Engine,
        caller: &Caller,
        name: &str,
        location: Option<&str>,
    ) -> Result<String, Code> {
        let create = CreateBucket {
            location: LocationConstraint(location.map(str::to_owned)),
            ..CreateBucket::named(BucketName::parse(name).map_err(|error| error.code())?)
        };
        engine.create_bucket(caller, create).map(|region| region.to_string()).map_err(|error| error.code())
    }

    #[test]
    fn a_name_keeps_the_rules() {
        for name in ["abc", "my-bucket", "www.example.com", "0-0", &"a".repeat(63), "1.2.3"] {
            assert!(BucketName::parse(name).is_ok(), "{name}");
        }
        let long = "a".repeat(64);
        for name in [
            "ab",
            &long,
            "Films",
            "my_bucket",
            "-ab",
            "ab-",
            ".ab",
            "a..b",
            "a.-b",
            "a-.b",
            "192.168.1.1",
            "xn--a",
            "sthree-a",
            "amzn-s3-demo-a",
            "a-s3alias",
            "a--x-s3",
            "",
        ] {
            assert_eq!(BucketName::parse(name).unwrap_err().code(), Code::InvalidBucketName, "{name}");
        }
    }

    #[test]
    fn a_name_belongs_to_the_first_who_takes_it() {
        let mut engine = Engine::new();
        let (mine, other) = (caller(), caller_of("999999999999", "us-east-1"));
        assert_eq!(create(&mut engine, &mine, "films", None).as_deref(), Ok("us-east-1"));
        assert_eq!(create(&mut engine, &mine, "films", None).as_deref(), Ok("us-east-1"));
        assert_eq!(create(&mut engine, &other, "films", None), Err(Code::BucketAlreadyExists));
        let ireland = caller_of("123456789012", "eu-west-1");
        assert_eq!(create(&mut engine, &ireland, "filme", Some("eu-west-1")).as_deref(), Ok("eu-west-1"));
        assert_eq!(create(&mut engine, &ireland, "filme", Some("EU")), Err(Code::BucketAlreadyOwnedByYou));
    }

    #[test]
    fn a_location_constraint_fits_the_endpoint() {
        let mut engine = Engine::new();
        let ireland = caller_of("123456789012", "eu-west-1");
        let illegal = Err(Code::IllegalLocationConstraintException);
        assert_eq!(create(&mut engine, &ireland, "one", None), illegal);
        assert_eq!(create(&mut engine, &ireland, "one", Some("eu-west-2")), illegal);
        assert_eq!(
            create(&mut engine, &caller(), "one", Some("us-east-1")),
            Err(Code::InvalidLocationConstraint)
        );
        assert_eq!(create(&mut engine, &ireland, "one", Some("EU")).as_deref(), Ok("eu-west-1"));
        assert_eq!(engine.bucket_location(&caller(), "one").unwrap().0.as_deref(), Some("EU"));
    }

    #[test]
    fn a_bucket_is_in_its_region_and_with_its_expected_owner() {
        let mut engine = Engine::new();
        create(&mut engine, &caller(), "films", None).unwrap();
        let moved = engine.head_bucket(&caller_of("123456789012", "eu-west-1"), "films").unwrap_err();
        assert_eq!(
            (moved.code(), moved.bucket_region().unwrap().as_str()),
            (Code::PermanentRedirect, "us-east-1")
        );
        let expecting = Caller { expected_bucket_owner: Some("999999999999".into()), ..caller() };
        assert_eq!(engine.head_bucket(&expecting, "films").unwrap_err().code(), Code::AccessDenied);
        assert_eq!(engine.head_bucket(&caller(), "filme").unwrap_err().code(), Code::NoSuchBucket);
    }

    #[test]
    fn buckets_are_listed_page_by_page_to_their_owner() {
        let mut engine = Engine::new();
        for name in ["aaa", "bbb", "bbc", "bbd", "ccc"] {
            create(&mut engine, &caller(), name, None).unwrap();
        }
        create(&mut engine, &caller_of("999999999999", "us-east-1"), "bbbb", None).unwrap();
        let names = |page: &BucketsPage| page.buckets.iter().map(|b| b.name.to_string()).collect::<Vec<_>>();
        let first = engine.list_buckets(&caller(), "bb", None, None, 2).unwrap();
        assert_eq!(names(&first), ["bbb", "bbc"]);
        let next = first.next.unwrap();
        let second = engine.list_buckets(&caller(), "bb", None, Some(next.as_str()), 2).unwrap();
        assert_eq!((names(&second), second.next), (vec!["bbd".to_owned()], None));
        assert!(engine.list_buckets(&caller(), "", Some("eu-west-1"), None, 10).unwrap().buckets.is_empty());
    }
}
