//! The program whose size is measured: compiled by `cargo xtask bench dynamic --size` and never run.

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use session_core::{
    Catalog, ClientConfig, Connection, Error, Scopes, ServiceName, Session, SessionConfig, SessionExt,
};

session_core::service!(Sts = "sts", aws_sdk_sts);

#[derive(Debug)]
struct Fixed {
    config: SessionConfig,
    catalog: Catalog,
    sdk_config: SdkConfig,
    scopes: Scopes,
}

#[async_trait]
impl Session for Fixed {
    fn config(&self) -> &SessionConfig {
        &self.config
    }

    fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    async fn connect(&self, service: &ServiceName, config: ClientConfig) -> Result<Connection, Error> {
        let sdk_config = config.applied_to(&self.sdk_config);
        Ok(Connection::new(service.clone(), config, sdk_config).with_scopes(&self.scopes))
    }

    async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        Ok(None)
    }
}

async fn run() -> Result<(), Error> {
    let credentials = Credentials::from_keys("AKIDEXAMPLE", "secret", None);
    let sdk_config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    let session = Fixed {
        config: SessionConfig::default(),
        catalog: Catalog::default(),
        sdk_config,
        scopes: Scopes::new(),
    };
    let sts = session.client(Sts).await?;
    println!("{:?}", sts.get_caller_identity().send().await?.arn());
    #[cfg(feature = "dynamic")]
    {
        use session_core::dynamic::Value;

        let service = std::env::args().nth(1).unwrap_or_default();
        let client = session.client(service.as_str()).await?;
        println!("{}", client.call(&std::env::args().nth(2).unwrap_or_default(), Value::Null).await?.value());
    }
    Ok(())
}

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_or(Ok(()), |runtime| runtime.block_on(run()))
}
