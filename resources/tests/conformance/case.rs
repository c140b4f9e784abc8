//! A case and its run on one backend.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use libtest_mimic::{Completion, Failed, Trial};
use session_core::{Error, ErrorKind};
use tokio::runtime::Runtime;

use crate::backend::Backend;
use crate::moto;
use crate::world::World;

/// What a case returns: any error fails it.
pub(crate) type TestResult = anyhow::Result<()>;

type Running = Pin<Box<dyn Future<Output = TestResult> + Send>>;

/// A case, with the name of its file, such as `scope` or `dynamic::s3`.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    file: &'static str,
    name: &'static str,
    run: fn(World) -> Running,
}

/// Lists the cases of a file.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        pub(crate) fn cases() -> Vec<$crate::case::Case> {
            vec![$($crate::case::Case::new(module_path!(), stringify!($name), |world| Box::pin($name(world)))),*]
        }
    };
}
pub(crate) use cases;

impl Case {
    pub(crate) fn new(module: &'static str, name: &'static str, run: fn(World) -> Running) -> Self {
        let file = module.split_once("::").map_or(module, |(_, file)| file);
        Self { file, name, run }
    }

    /// The case as a trial on that backend.
    pub(crate) fn on(self, backend: &Arc<Backend>, runtime: &Arc<Runtime>) -> Trial {
        let Self { file, name, .. } = self;
        let fault =
            (backend.is_moto() && !moto::faults_are_wanted()).then(|| moto::fault(file, name)).flatten();
        let why_not = backend.absent.clone().or(fault.map(|fault| format!("moto: {fault}")));
        let full_name = format!("{}::{file}::{name}", backend.name);
        let (backend, runtime) = (Arc::clone(backend), Arc::clone(runtime));
        Trial::ignorable_test(full_name, move || match why_not {
            Some(why) => Ok(Completion::ignored_with(why)),
            None => match runtime.block_on(self.run(&backend)) {
                Ok(()) => Ok(Completion::Completed),
                Err(error) => Err(Failed::from(format!("{error:?}"))),
            },
        })
    }

    async fn run(self, backend: &Backend) -> TestResult {
        let world = World::new(backend).await.context("the backend cannot be reached")?;
        // A task of its own, so that a panic does not stop the cleaning up.
        let outcome = match tokio::spawn((self.run)(world.clone())).await {
            Ok(outcome) => outcome,
            Err(panicked) => Err(anyhow!("the case panicked: {panicked}")),
        };
        let cleaned = world.clean_up().await.context("cleaning up failed");
        outcome.and(cleaned)
    }
}

/// Checks the kind and AWS's code of an error.
pub(crate) fn check(error: impl Into<Error>, kind: ErrorKind, code: &str) -> TestResult {
    let error = error.into();
    anyhow::ensure!(
        error.kind() == kind && error.code() == Some(code),
        "expected {kind:?} with code {code}, got {error:?}"
    );
    Ok(())
}
