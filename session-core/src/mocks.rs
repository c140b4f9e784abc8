//! mockall's mocks of the three traits, for tests that want strict expectations instead of a cloud in memory.
//!
//! ```
//! use session_core::mocks::MockSession;
//! use session_core::{Catalog, SessionExt};
//!
//! let mut session = MockSession::new();
//! session.expect_catalog().times(1).return_const(Catalog::default());
//! assert!(session.available_services().is_empty());
//! ```

use async_trait::async_trait;
use aws_credential_types::Credentials;
use mockall::mock;

use crate::catalog::Catalog;
use crate::client::{Client, ClientMeta};
use crate::config::{ClientConfig, SessionConfig};
use crate::connection::Connection;
use crate::error::Error;
use crate::resource::{Resource, ResourceMeta};
use crate::service::ServiceName;
use crate::session::Session;

mock! {
    /// A [`Session`] that answers as it was told to.
    #[derive(Debug)]
    pub Session {}

    #[async_trait]
    impl Session for Session {
        fn config(&self) -> &SessionConfig;
        fn catalog(&self) -> &Catalog;
        async fn connect(&self, service: &ServiceName, config: ClientConfig) -> Result<Connection, Error>;
        async fn credentials(&self) -> Result<Option<Credentials>, Error>;
    }
}

#[cfg(feature = "dynamic")]
mock! {
    /// A [`Client`] that answers as it was told to.
    #[derive(Debug)]
    pub Client {}

    #[async_trait]
    impl Client for Client {
        fn meta(&self) -> &ClientMeta;
        fn is_open(&self) -> bool;
        async fn call(&self, operation: &str, input: crate::dynamic::Value) -> Result<crate::dynamic::Value, Error>;
    }
}

#[cfg(not(feature = "dynamic"))]
mock! {
    /// A [`Client`] that answers as it was told to.
    #[derive(Debug)]
    pub Client {}

    impl Client for Client {
        fn meta(&self) -> &ClientMeta;
        fn is_open(&self) -> bool;
    }
}

mock! {
    /// A [`Resource`] that answers as it was told to.
    #[derive(Debug)]
    pub Resource {}

    #[async_trait]
    impl Resource for Resource {
        fn meta(&self) -> &ResourceMeta;
        fn identifiers(&self) -> Vec<String>;
        async fn load(&self) -> Result<(), Error>;
        async fn exists(&self) -> Result<bool, Error>;
    }
}
