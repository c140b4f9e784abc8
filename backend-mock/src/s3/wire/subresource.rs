//! Subresources, `?acl` and the like: which methods a bucket's and an object's have. Without this, a method that one
//! does not have would be taken for the bucket or the object itself, and `DELETE ?acl` delete it.

use http::Method;

use super::target::Target;
use crate::s3::engine::{Code, Error};

/// The methods that a bucket's subresource has, and those that it has for an object.
struct Subresource {
    name: &'static str,
    bucket: &'static [Method],
    object: &'static [Method],
}

const NONE: &[Method] = &[];
const READ: &[Method] = &[Method::GET];
const SET: &[Method] = &[Method::GET, Method::PUT];
const REMOVED: &[Method] = &[Method::GET, Method::PUT, Method::DELETE];
const POST: &[Method] = &[Method::POST];

const fn of(name: &'static str, bucket: &'static [Method], object: &'static [Method]) -> Subresource {
    Subresource { name, bucket, object }
}

const SUBRESOURCES: [Subresource; 28] = [
    of("accelerate", SET, NONE),
    of("acl", SET, SET),
    of("analytics", REMOVED, NONE),
    of("attributes", NONE, READ),
    of("cors", REMOVED, NONE),
    of("delete", POST, NONE),
    of("encryption", REMOVED, NONE),
    of("intelligent-tiering", REMOVED, NONE),
    of("inventory", REMOVED, NONE),
    of("legal-hold", NONE, SET),
    of("lifecycle", REMOVED, NONE),
    of("location", READ, NONE),
    of("logging", SET, NONE),
    of("metrics", REMOVED, NONE),
    of("notification", SET, NONE),
    of("object-lock", SET, NONE),
    of("ownershipControls", REMOVED, NONE),
    of("policy", REMOVED, NONE),
    of("policyStatus", READ, NONE),
    of("publicAccessBlock", REMOVED, NONE),
    of("replication", REMOVED, NONE),
    of("requestPayment", SET, NONE),
    of("retention", NONE, SET),
    of("tagging", REMOVED, REMOVED),
    of("uploads", READ, POST),
    of("versioning", SET, NONE),
    of("versions", READ, NONE),
    of("website", REMOVED, NONE),
];

/// Those of which a bucket has many, each with an id.
const MANY: [&str; 4] = ["analytics", "intelligent-tiering", "inventory", "metrics"];

/// # Errors
/// `MethodNotAllowed` for a method that the subresource does not have, `InvalidRequest` for a bucket's subresource at an
/// object, `InvalidConfigurationId` for a change of one of many that does not say which.
pub(super) fn check(method: &Method, target: &Target, query: &[(String, String)]) -> Result<(), Error> {
    // What no resource of S3 has is refused as such.
    let is_method = [Method::GET, Method::PUT, Method::POST, Method::DELETE].contains(method);
    if target.bucket.is_none() || !is_method {
        return Ok(());
    }
    let named = |known: &&Subresource| query.iter().any(|(name, _)| name == known.name);
    let Some(asked) = SUBRESOURCES.iter().find(named) else { return Ok(()) };
    let name = asked.name;
    let allowed = match target.key.is_some() {
        true if asked.object.is_empty() => {
            if (method, name) == (&Method::GET, "logging") {
                return Err(Error::new(Code::NoLoggingStatusForKey));
            }
            if (method, name) == (&Method::GET, "versions") {
                return Err(Error::invalid_request(
                    "There is no such thing as the ?versions sub-resource for a key",
                ));
            }
            let message = format!("Key is not expected for the {method} method ?{name} subresource");
            return Err(Error::invalid_request(message));
        }
        true if (method, name) == (&Method::GET, "uploads") => {
            let message = "Key is not expected for the GET method ?uploads subresource";
            return Err(Error::invalid_request(message));
        }
        true => asked.object,
        false => asked.bucket,
    };
    // A listing passes over what only objects have.
    let lists = *method == Method::GET && allowed.is_empty();
    if !lists && !allowed.contains(method) {
        return Err(Error::method_not_allowed(method.as_str(), &name.to_ascii_uppercase()));
    }
    let changes = [Method::PUT, Method::DELETE].contains(method);
    if changes && MANY.contains(&name) && !query.iter().any(|(name, _)| name == "id") {
        return Err(Error::new(Code::InvalidConfigurationId));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subresource_has_a_name_of_its_own_and_a_place() {
        let names: Vec<&str> = SUBRESOURCES.iter().map(|known| known.name).collect();
        assert!(names.windows(2).all(|pair| pair[0].to_lowercase() < pair[1].to_lowercase()), "{names:?}");
        assert!(SUBRESOURCES.iter().all(|known| !(known.bucket.is_empty() && known.object.is_empty())));
    }
}
