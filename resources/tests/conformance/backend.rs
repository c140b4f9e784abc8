//! The clouds that the suite runs on.

use std::sync::Arc;

use anyhow::Context;
use backend_aws::AwsSession;
use backend_mock::{MockAws, ServerHandle};
use session_core::Session;
use tokio::sync::{Mutex, OnceCell};

use crate::moto::{self, MotoServer};

/// The region that all but AWS itself are asked in.
const REGION: &str = "eu-west-1";

/// A cloud, started when the first case asks for it.
pub(crate) struct Backend {
    /// What it is called in the names of trials.
    pub name: &'static str,
    /// Why it cannot be asked, if so.
    pub absent: Option<String>,
    cloud: Cloud,
    running: OnceCell<Arc<dyn Session>>,
}

enum Cloud {
    Mock(MockAws),
    MockServer(MockAws, Mutex<Option<ServerHandle>>),
    Moto(Mutex<Option<MotoServer>>),
    Aws,
}

/// Every backend; those that are absent say why.
pub(crate) fn all() -> Vec<Arc<Backend>> {
    let python = moto::python();
    if let Err(why) = &python {
        eprintln!("moto: skipped, because {why}; run `cargo xtask venv`");
    }
    let mut backends = vec![
        // One of them verifies what is signed, as AWS does.
        Backend::new("mock", None, Cloud::Mock(MockAws::builder().strict_signatures().build())),
        Backend::new("mock-server", None, Cloud::MockServer(MockAws::new(), Mutex::default())),
        Backend::new("moto", python.err(), Cloud::Moto(Mutex::default())),
    ];
    if std::env::var("CONFORMANCE_AWS").is_ok_and(|asked| asked == "1") {
        backends.push(Backend::new("aws", None, Cloud::Aws));
    }
    backends.into_iter().map(Arc::new).collect()
}

impl Backend {
    fn new(name: &'static str, absent: Option<String>, cloud: Cloud) -> Self {
        Self { name, absent, cloud, running: OnceCell::new() }
    }

    pub(crate) fn is_moto(&self) -> bool {
        matches!(self.cloud, Cloud::Moto(_))
    }

    /// In memory, without a server before it.
    pub(crate) fn is_in_process(&self) -> bool {
        matches!(self.cloud, Cloud::Mock(_))
    }

    pub(crate) fn is_in_memory(&self) -> bool {
        matches!(self.cloud, Cloud::Mock(_) | Cloud::MockServer(..))
    }

    /// A session with the cloud, which is started if it is not running.
    pub(crate) async fn session(&self) -> anyhow::Result<Arc<dyn Session>> {
        self.running.get_or_try_init(|| self.start()).await.cloned()
    }

    async fn start(&self) -> anyhow::Result<Arc<dyn Session>> {
        match &self.cloud {
            Cloud::Mock(aws) => {
                let config = session_core::SessionConfig::builder().region_name(REGION).build()?;
                Ok(Arc::new(aws.session_with(config)))
            }
            Cloud::MockServer(aws, server) => {
                let handle = aws.serve("127.0.0.1:0").await?;
                let session = session_with(&handle.endpoint_url()).await?;
                *server.lock().await = Some(handle);
                Ok(session)
            }
            Cloud::Moto(server) => {
                let started = tokio::task::spawn_blocking(MotoServer::start).await??;
                let session = session_with(&started.endpoint_url).await?;
                *server.lock().await = Some(started);
                Ok(session)
            }
            Cloud::Aws => {
                let session = AwsSession::builder().build().await;
                Ok(Arc::new(session.context("CONFORMANCE_AWS=1 needs credentials and a region")?))
            }
        }
    }

    /// Where moto listens; it is started if it is not running.
    pub(crate) async fn moto_url(&self) -> anyhow::Result<String> {
        self.session().await?;
        match &self.cloud {
            Cloud::Moto(server) => {
                let server = server.lock().await;
                Ok(server.as_ref().context("moto is stopped")?.endpoint_url.clone())
            }
            _ => anyhow::bail!("{} is not moto", self.name),
        }
    }

    /// Stops what was started.
    pub(crate) async fn stop(&self) {
        match &self.cloud {
            Cloud::MockServer(_, server) => {
                if let Some(server) = server.lock().await.take() {
                    server.shutdown().await;
                }
            }
            Cloud::Moto(server) => drop(server.lock().await.take()),
            Cloud::Mock(_) | Cloud::Aws => {}
        }
    }
}

async fn session_with(endpoint_url: &str) -> anyhow::Result<Arc<dyn Session>> {
    let session = AwsSession::builder()
        .aws_access_key_id("conformance")
        .aws_secret_access_key("conformance")
        .region_name(REGION)
        .endpoint_url(endpoint_url)
        .build()
        .await?;
    Ok(Arc::new(session))
}
