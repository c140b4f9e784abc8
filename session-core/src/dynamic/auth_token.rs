//! Tokens that databases take for a password: a presigned request, of which the scheme is left out.

use std::time::Duration;

use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use url::form_urlencoded;

use super::client::DynamicClient;
use crate::error::{Error, ErrorKind, of_credentials};

/// A database lets nobody in with an older token; who is in may stay.
const EXPIRES_IN: Duration = Duration::from_secs(900);

/// # Tokens for databases
impl DynamicClient {
    /// A password of `user` for a database of RDS or Aurora with IAM authentication, good for 15 minutes. Of clients of
    /// `rds`; nothing is sent.
    ///
    /// `host` and `port` are those that the connection is to be made to, and TLS has to be on. **Whoever has it gets in.**
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: another service's client, or a host that is none; [`ErrorKind::NoCredentials`] and
    /// what else credentials fail with; [`ErrorKind::MissingRegion`].
    ///
    /// # Source
    /// `generate_db_auth_token` of boto3.
    pub async fn generate_db_auth_token(&self, host: &str, port: u16, user: &str) -> Result<String, Error> {
        self.require("rds")?;
        let parameters = [("Action", "connect"), ("DBUser", user)];
        self.token("rds-db", (host, Some(port)), &parameters).await
    }

    /// A password of a role that is no administrator for a cluster of Aurora DSQL, good for 15 minutes. Of clients of
    /// `dsql`; nothing is sent.
    ///
    /// # Errors
    /// As [`generate_db_auth_token`](Self::generate_db_auth_token).
    pub async fn generate_db_connect_auth_token(&self, host: &str) -> Result<String, Error> {
        self.require("dsql")?;
        self.token("dsql", (host, None), &[("Action", "DbConnect")]).await
    }

    /// The same for the user `admin`.
    ///
    /// # Errors
    /// As [`generate_db_auth_token`](Self::generate_db_auth_token).
    pub async fn generate_db_connect_admin_auth_token(&self, host: &str) -> Result<String, Error> {
        self.require("dsql")?;
        self.token("dsql", (host, None), &[("Action", "DbConnectAdmin")]).await
    }

    fn require(&self, service: &str) -> Result<(), Error> {
        if self.service().name == service {
            return Ok(());
        }
        let message = format!("tokens of this kind are for databases of {service}: open a client of it");
        Err(Error::new(ErrorKind::InvalidInput, message).with_service(self.service().service_name()))
    }

    async fn token(
        &self,
        signing_name: &str,
        authority: (&str, Option<u16>),
        parameters: &[(&str, &str)],
    ) -> Result<String, Error> {
        let told = |error: Error| error.with_service(self.service().service_name());
        let refuse = |kind: ErrorKind, message: &str| told(Error::new(kind, message.to_owned()));
        let (host, port) = authority;
        if host.is_empty() || !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
        {
            return Err(refuse(
                ErrorKind::InvalidInput,
                "host has to be the name of a host, without scheme and port",
            ));
        }
        let region = self.region().ok_or_else(|| {
            refuse(
                ErrorKind::MissingRegion,
                "a token is for a region, and the client has none: give region_name",
            )
        })?;
        let unsigned =
            || refuse(ErrorKind::NoCredentials, "a token is signed, and the client has no credentials");
        let provider = self.credentials().ok_or_else(unsigned)?;
        let credentials = provider.provide_credentials().await;
        let identity = Identity::from(credentials.map_err(|error| told(of_credentials(error)))?);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters);
        let signable = format!("https://{host}{port}/?{}", with_plain_spaces(query.finish()));
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(EXPIRES_IN);
        let signing = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(signing_name)
            .time(self.now())
            .settings(settings)
            .build();
        let failed = "the token cannot be signed";
        let signing = signing.map_err(|error| refuse(ErrorKind::InvalidInput, failed).with_source(error))?;
        let request = SignableRequest::new("GET", &signable, std::iter::empty(), SignableBody::Bytes(&[]));
        let signed = request.and_then(|request| sign(request, &signing.into()));
        let signed = signed.map_err(|error| refuse(ErrorKind::InvalidInput, failed).with_source(error))?;
        let (_, added) = signed.into_parts().0.into_parts();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(added);
        let bare = signable.trim_start_matches("https://");
        Ok(format!("{bare}&{}", with_plain_spaces(query.finish())))
    }
}

/// A signature's form of a space is `%20`.
fn with_plain_spaces(query: String) -> String {
    query.replace('+', "%20")
}
