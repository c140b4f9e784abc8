//! The markers that a session's `client(…)` and `resource(…)` take: [`S3`] and [`DynamoDb`].

use session_core::{Connection, Error, ResourceService, S3AddressingStyle, Service, ServiceName};

use crate::dynamodb::DynamoDbResource;
use crate::s3::S3Resource;

/// Amazon S3: opens [`aws_sdk_s3::Client`]s and [`S3Resource`]s.
///
/// The bucket's name is in the host on AWS and in the path on a custom `endpoint_url`, unless the opener's
/// `s3_addressing_style` says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct S3;

impl S3 {
    pub(crate) const NAME: ServiceName = ServiceName::from_static("s3");
}

impl Service for S3 {
    type Client = aws_sdk_s3::Client;

    fn name(&self) -> ServiceName {
        Self::NAME
    }

    fn api_version(&self) -> Option<&'static str> {
        Some("2006-03-01")
    }

    fn client(&self, connection: &Connection) -> Result<aws_sdk_s3::Client, Error> {
        let path_style = match connection.config().s3_addressing_style() {
            S3AddressingStyle::Path => true,
            S3AddressingStyle::Virtual => false,
            // An endpoint of one's own has a name for itself, seldom one for every bucket.
            _ => connection.sdk_config().endpoint_url().is_some(),
        };
        let mut config =
            aws_sdk_s3::config::Builder::from(connection.sdk_config()).force_path_style(path_style);
        for interceptor in connection.interceptors() {
            config.push_interceptor(interceptor.clone());
        }
        Ok(aws_sdk_s3::Client::from_conf(config.build()))
    }
}

impl ResourceService for S3 {
    type Resource = S3Resource;

    fn resource(&self, client: aws_sdk_s3::Client, connection: &Connection) -> Result<S3Resource, Error> {
        Ok(S3Resource::over(client, connection))
    }
}

session_core::service!(
    /// Amazon DynamoDB: opens [`aws_sdk_dynamodb::Client`]s and [`DynamoDbResource`]s.
    pub DynamoDb = "dynamodb", aws_sdk_dynamodb, "2012-08-10"
);

impl DynamoDb {
    pub(crate) const NAME: ServiceName = ServiceName::from_static("dynamodb");
}

impl ResourceService for DynamoDb {
    type Resource = DynamoDbResource;

    fn resource(
        &self,
        client: aws_sdk_dynamodb::Client,
        _connection: &Connection,
    ) -> Result<DynamoDbResource, Error> {
        Ok(DynamoDbResource::new(client))
    }
}
