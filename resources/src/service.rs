//! The markers that a session's `client(…)` and `resource(…)` take: [`S3`] and [`DynamoDb`].

use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use session_core::{Connection, Error, ErrorKind, ResourceService, S3AddressingStyle, Service, ServiceName};

use crate::dynamodb::DynamoDbResource;
use crate::s3::{Origin, PayloadSigning, S3Resource};

/// Amazon S3: opens [`aws_sdk_s3::Client`]s and [`S3Resource`]s.
///
/// The bucket's name is in the host on AWS and in the path on a custom `endpoint_url`, unless the opener's
/// `s3_addressing_style` says otherwise. Heeds all of the `s3_…` settings of
/// [`ClientConfigBuilder`](session_core::ClientConfigBuilder).
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
        let asked = connection.config();
        let on_aws = connection.sdk_config().endpoint_url().is_none();
        let path_style = match asked.s3_addressing_style() {
            S3AddressingStyle::Path => true,
            S3AddressingStyle::Virtual => false,
            // An endpoint of one's own has a name for itself, seldom one for every bucket.
            _ => !on_aws,
        };
        let mut config =
            aws_sdk_s3::config::Builder::from(connection.sdk_config()).force_path_style(path_style);
        if asked.s3_use_accelerate_endpoint() {
            if !on_aws {
                let message =
                    "s3_use_accelerate_endpoint is for AWS's own endpoint: leave out it or endpoint_url";
                return Err(Error::new(ErrorKind::InvalidConfig, message).with_service(Self::NAME));
            }
            config = config.accelerate(true);
        }
        // A custom endpoint is what it is, for S3 as for the others.
        if let Some(dual_stack) = asked.s3_use_dualstack_endpoint().filter(|_| on_aws) {
            config = config.use_dual_stack(dual_stack);
        }
        config.set_use_arn_region(asked.s3_use_arn_region());
        config.set_disable_multi_region_access_points(asked.s3_disable_multiregion_access_points());
        if let Some(disable) = asked.s3_disable_express_session_auth() {
            config = config.disable_s3_express_session_auth(disable);
        }
        if asked.is_anonymous() {
            config = config.allow_no_auth();
        }
        for interceptor in connection.interceptors() {
            config.push_interceptor(interceptor.clone());
        }
        if let Some(enabled) = asked.s3_payload_signing_enabled() {
            config = config.interceptor(PayloadSigning { enabled });
        }
        config.push_interceptor(SharedInterceptor::permanent(Origin::new(connection)));
        Ok(aws_sdk_s3::Client::from_conf(config.build()))
    }
}

impl ResourceService for S3 {
    type Resource = S3Resource;

    fn resource(&self, client: aws_sdk_s3::Client, _connection: &Connection) -> Result<S3Resource, Error> {
        Ok(S3Resource::new(client))
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
