//! What a service name means: at run time a [`ServiceName`], at compile time a marker type.

use std::borrow::Cow;
use std::fmt;

use crate::connection::Connection;
use crate::error::{Error, ErrorKind};

/// The name of a service as boto3 spells it: `s3`, `dynamodb`, `lex-models`.
///
/// Lower-case letters, digits, hyphens and dots, at most 64 of them, beginning with a letter.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceName(Cow<'static, str>);

impl ServiceName {
    /// A name from text.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownService`] when the text is empty or cannot be the name of any service.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        let name = name.into();
        if is_well_formed(name.as_bytes()) {
            return Ok(Self(name));
        }
        let message = match name.is_empty() {
            true => "the service name is empty: give a name such as `s3` or `dynamodb`".to_owned(),
            false => format!(
                "`{}` is not a service name: names are lower-case letters, digits, hyphens and dots, such as \
                 `dynamodb` or `lex-models`",
                name.escape_debug()
            ),
        };
        Err(Error::new(ErrorKind::UnknownService, message))
    }

    /// A name known when the program is compiled, as in a marker's `const`.
    ///
    /// # Panics
    /// While compiling, when used in a `const` and the text is not a service name.
    pub const fn from_static(name: &'static str) -> Self {
        assert!(is_well_formed(name.as_bytes()), "not a service name");
        Self(Cow::Borrowed(name))
    }

    /// What a caller calls a service, checked by [`require_well_formed`](Self::require_well_formed) when it is opened.
    #[cfg(feature = "dynamic")]
    pub(crate) fn of_caller(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// # Errors
    /// [`ErrorKind::UnknownService`], as [`new`](Self::new).
    pub(crate) fn require_well_formed(&self) -> Result<(), Error> {
        match is_well_formed(self.0.as_bytes()) {
            true => Ok(()),
            false => Self::new(self.0.clone()).map(|_| ()),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_well_formed(name: &[u8]) -> bool {
    if name.is_empty() || name.len() > 64 || !name[0].is_ascii_lowercase() {
        return false;
    }
    let mut index = 0;
    while index < name.len() {
        if !matches!(name[index], b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.') {
            return false;
        }
        index += 1;
    }
    true
}

impl AsRef<str> for ServiceName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl std::str::FromStr for ServiceName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::new(name.to_owned())
    }
}

/// A marker for a service: what [`SessionExt::client`](crate::SessionExt::client) takes.
///
/// A name is one too, such as `"ec2"`, and opens a client made from AWS's model of the service.
///
/// The associated type is what an opened client is. Declare one for any `aws-sdk-*` crate with
/// [`service!`](crate::service!).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service marker",
    label = "a service marker is expected here",
    note = "pass a marker such as `resources::S3` or `resources::DynamoDb`, or a service's name such as `\"ec2\"`",
    note = "or declare one in a line: `session_core::service!(pub Ec2 = \"ec2\", aws_sdk_ec2);`"
)]
pub trait Service: Send + Sync {
    /// The client that this service opens, such as `aws_sdk_s3::Client`.
    type Client: Send + Sync + 'static;

    /// The name under which sessions know the service.
    fn name(&self) -> ServiceName;

    /// The API version that the client speaks, such as `2006-03-01`; `None` where its crate does not say.
    fn api_version(&self) -> Option<&'static str>;

    /// The client over a connection. Cheap, without I/O.
    ///
    /// Use the connection's configuration **and** its interceptors: the scope counts operations through them.
    ///
    /// # Errors
    /// Whatever makes the connection unfit for this service.
    fn client(&self, connection: &Connection) -> Result<Self::Client, Error>;
}

/// A marker for a service that has resources: what [`SessionExt::resource`](crate::SessionExt::resource) takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a marker of a service with resources",
    label = "a resource service marker is expected here",
    note = "services with resources are `resources::S3` and `resources::DynamoDb`; \
            open any other with `session.client(marker)`"
)]
pub trait ResourceService: Service {
    /// The service resource, such as `resources::S3Resource`.
    type Resource: Send + Sync + 'static;

    /// The service resource over an open client. Cheap, without I/O.
    ///
    /// # Errors
    /// Whatever makes the connection unfit for this service.
    fn resource(&self, client: Self::Client, connection: &Connection) -> Result<Self::Resource, Error>;
}

/// Declares a marker for the client of an `aws-sdk-*` crate, in one line.
///
/// For S3 take `resources::S3`: a marker made here has the bucket in the host even on a custom `endpoint_url`, and
/// refuses the `s3_…` settings by name.
///
/// The name is boto3's. An API version after the crate is what `api_version(…)` on the opener is checked against.
///
/// ```
/// use session_core::{Service, service};
///
/// service!(
///     /// Amazon DynamoDB.
///     pub Dynamo = "dynamodb", aws_sdk_dynamodb, "2012-08-10"
/// );
/// service!(Storage = "s3", aws_sdk_s3);
///
/// assert_eq!(Dynamo.name().as_str(), "dynamodb");
/// assert_eq!(Dynamo.api_version(), Some("2012-08-10"));
/// assert_eq!(Storage.api_version(), None);
/// ```
#[macro_export]
macro_rules! service {
    ($(#[$meta:meta])* $visibility:vis $marker:ident = $name:literal, $sdk:ident $(,)?) => {
        $crate::service!(@declare $(#[$meta])* $visibility $marker, $name, $sdk, ::core::option::Option::None);
    };
    ($(#[$meta:meta])* $visibility:vis $marker:ident = $name:literal, $sdk:ident, $version:literal $(,)?) => {
        $crate::service!(
            @declare $(#[$meta])* $visibility $marker, $name, $sdk, ::core::option::Option::Some($version)
        );
    };
    (@declare $(#[$meta:meta])* $visibility:vis $marker:ident, $name:literal, $sdk:ident, $version:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        $visibility struct $marker;

        impl $crate::Service for $marker {
            type Client = $sdk::Client;

            fn name(&self) -> $crate::ServiceName {
                const NAME: $crate::ServiceName = $crate::ServiceName::from_static($name);
                NAME
            }

            fn api_version(&self) -> ::core::option::Option<&'static str> {
                $version
            }

            fn client(
                &self,
                connection: &$crate::Connection,
            ) -> ::core::result::Result<$sdk::Client, $crate::Error> {
                connection.refuse_unheeded()?;
                let mut config = $sdk::config::Builder::from(connection.sdk_config());
                if connection.config().is_anonymous() {
                    config.set_allow_no_auth();
                }
                for interceptor in connection.interceptors() {
                    config.push_interceptor(interceptor.clone());
                }
                ::core::result::Result::Ok($sdk::Client::from_conf(config.build()))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_in_words_that_say_what_to_do() {
        assert_eq!(ServiceName::new("runtime.sagemaker").unwrap().as_str(), "runtime.sagemaker");
        let empty = ServiceName::new("").unwrap_err();
        assert_eq!(empty.kind(), ErrorKind::UnknownService);
        assert!(empty.to_string().contains("empty"));
        for wrong in ["S3", "s3 ", "-s3", "s3/x", "é", "3s"] {
            let error = wrong.parse::<ServiceName>().unwrap_err();
            assert!(error.to_string().contains(wrong), "{error}");
        }
    }
}
