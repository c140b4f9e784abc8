//! A typed client and a client by name that are made to do the same, step by step.
//!
//! In memory each has a cloud of its own. Both clouds draw the same ids and stand at the same moment, so that whatever
//! is asked of both has the same answer, ids of uploads and ARNs of backups included. Elsewhere both have one cloud:
//! the typed client's answer is given to the other one once more, in place of its own.
//!
//! Requests are compared as they are sent, answers member by member, refusals by all that they say.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use anyhow::{Context, anyhow, bail, ensure};
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{BillingMode, KeyType, ScalarAttributeType};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backend_mock::MockAws;
use resources::{DynamoDb, S3};
use serde_json::{Value as Json, json};
use session_core::dynamic::{DynamicClient, Output, ServiceFault, Value};
use session_core::{Error, ResourceScope, Service, Session, SessionConfig, SessionExt};

use super::exchange::{EchoSession, Observer, check_same_request};
use super::printed::{Printed, differences};
use crate::case::TestResult;
use crate::world::{TABLE_WAIT, World, attribute, key};

/// When the clouds of a pair stand: 2026-01-02T03:04:05Z.
const MOMENT: Duration = Duration::from_secs(1_767_323_045);

/// The names of the operations that were compared.
pub(super) type Compared = Arc<Mutex<BTreeSet<String>>>;

/// A case that wants a pair instead of a world.
pub(super) type Script = fn(Pair) -> Pin<Box<dyn Future<Output = TestResult> + Send>>;

/// Lists the cases of a file that want a pair.
macro_rules! scripts {
    ($($name:ident),* $(,)?) => {
        pub(crate) fn cases() -> Vec<$crate::case::Case> {
            vec![$($crate::case::Case::new(module_path!(), stringify!($name), |world| {
                Box::pin(async { $name($crate::dynamic::pair::Pair::new(world).await?).await })
            })),*]
        }

        pub(super) fn scripts() -> Vec<$crate::dynamic::pair::Script> {
            vec![$(|pair| Box::pin($name(pair))),*]
        }
    };
}
pub(super) use scripts;

/// Both clients of both services.
pub(super) struct Pair {
    pub world: World,
    pub s3: Both<aws_sdk_s3::Client>,
    pub dynamodb: Both<aws_sdk_dynamodb::Client>,
}

/// A typed client and one by name.
pub(super) struct Both<C> {
    pub typed: ResourceScope<C>,
    pub named: ResourceScope<DynamicClient>,
    of_typed: Observer,
    of_named: Observer,
    is_twin: bool,
    compared: Compared,
}

impl Pair {
    pub(super) async fn new(world: World) -> Result<Self, Error> {
        Self::noting(world, &Compared::default()).await
    }

    /// A pair that notes what it compared.
    pub(super) async fn noting(world: World, compared: &Compared) -> Result<Self, Error> {
        let typed = match world.is_in_process {
            true => twin()?,
            false => Arc::clone(&world.session),
        };
        let named = if world.is_in_process { Some(twin()?) } else { None };
        let s3 = Both::open(S3, &typed, named.as_ref(), compared).await?;
        let dynamodb = Both::open(DynamoDb, &typed, named.as_ref(), compared).await?;
        Ok(Self { world, s3, dynamodb })
    }

    /// The name of a new bucket.
    pub(super) async fn bucket(&self) -> anyhow::Result<String> {
        let name = self.world.no_bucket().name().to_owned();
        let s3 = &self.s3;
        let place = s3.typed.config().region().context("there is no region")?.to_string();
        let mut input = json!({"Bucket": name});
        let mut typed = s3.typed.create_bucket().bucket(&name);
        if place != "us-east-1" {
            input["CreateBucketConfiguration"] = json!({"LocationConstraint": place});
            let configuration = aws_sdk_s3::types::CreateBucketConfiguration::builder();
            let configuration = configuration.location_constraint(place.as_str().into()).build();
            typed = typed.create_bucket_configuration(configuration);
        }
        s3.same("CreateBucket", typed.send(), input).await?;
        Ok(name)
    }
}

/// What the cases of DynamoDB begin with.
impl Pair {
    /// The name of a new table with the partition key `id`, a string.
    pub(super) async fn table(&self) -> anyhow::Result<String> {
        let create = self.dynamodb.typed.create_table();
        let create = create.attribute_definitions(attribute("id", ScalarAttributeType::S)?);
        let create = create.key_schema(key("id", KeyType::Hash)?);
        let input = json!({"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]});
        self.made(create, input).await
    }

    /// The name of a new table with the partition key `customer`, a string, and the sort key `at`, a number.
    pub(super) async fn orders(&self) -> anyhow::Result<String> {
        let create = self.dynamodb.typed.create_table();
        let create = create
            .attribute_definitions(attribute("customer", ScalarAttributeType::S)?)
            .attribute_definitions(attribute("at", ScalarAttributeType::N)?)
            .key_schema(key("customer", KeyType::Hash)?)
            .key_schema(key("at", KeyType::Range)?);
        let input = json!({
            "AttributeDefinitions": [{"AttributeName": "customer", "AttributeType": "S"},
                {"AttributeName": "at", "AttributeType": "N"}],
            "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"},
                {"AttributeName": "at", "KeyType": "RANGE"}],
        });
        self.made(create, input).await
    }

    pub(super) async fn made(
        &self,
        create: CreateTableFluentBuilder,
        mut input: Json,
    ) -> anyhow::Result<String> {
        let name = self.world.no_table().name().to_owned();
        let typed = create.table_name(&name).billing_mode(BillingMode::PayPerRequest).send();
        (input["TableName"], input["BillingMode"]) = (json!(name), json!("PAY_PER_REQUEST"));
        self.dynamodb.same("CreateTable", typed, input).await?;
        self.table_exists(&name).await?;
        Ok(name)
    }

    /// Waits until the table can be used, in both clouds.
    pub(super) async fn table_exists(&self, name: &str) -> TestResult {
        let waiter = self.dynamodb.typed.wait_until_table_exists().table_name(name);
        waiter.wait(TABLE_WAIT).await.context("the table is not there")?;
        let waiter = self.dynamodb.named.waiter("TableExists")?.input(json!({"TableName": name}));
        waiter.wait(TABLE_WAIT).await?;
        Ok(())
    }

    /// The table's ARN.
    pub(super) async fn arn_of(&self, name: &str) -> anyhow::Result<String> {
        let told = self.dynamodb.typed.describe_table().table_name(name).send();
        let named = json!({"TableName": name});
        let told = self.dynamodb.same("DescribeTable", told, named).await?;
        told.table.and_then(|table| table.table_arn).context("the table has no ARN")
    }
}

/// A cloud like every other of these.
pub(super) fn twin() -> Result<Arc<dyn Session>, Error> {
    let cloud = MockAws::new();
    cloud.clock().set(SystemTime::UNIX_EPOCH + MOMENT);
    let config = SessionConfig::builder().region_name("eu-west-1").build()?;
    Ok(Arc::new(cloud.session_with(config)))
}

impl<C> Both<C> {
    async fn open<S: Service<Client = C>>(
        service: S,
        typed: &Arc<dyn Session>,
        twin: Option<&Arc<dyn Session>>,
        compared: &Compared,
    ) -> Result<Self, Error> {
        let name = service.name().as_str().to_owned();
        let (of_typed, of_named) = (Observer::default(), Observer::default());
        let echo = || EchoSession { session: Arc::clone(typed), observer: of_typed.clone() };
        let named: Arc<dyn Session> = match twin {
            Some(twin) => Arc::clone(twin),
            None => Arc::new(echo()),
        };
        Ok(Self {
            typed: typed.client(service).interceptor(of_typed.clone()).await?,
            named: named.client(name.as_str()).interceptor(of_named.clone()).await?,
            of_typed,
            of_named,
            is_twin: twin.is_some(),
            compared: Arc::clone(compared),
        })
    }

    /// Asks the same of both and checks that both answer the same.
    pub(super) async fn same<T: Debug, E>(
        &self,
        operation: &str,
        typed: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        input: impl Into<Value>,
    ) -> anyhow::Result<T>
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let (typed, _) = self.both(operation, typed, input, None).await?;
        Ok(typed)
    }

    /// [`same`](Self::same) with a body beside the input, or in the answer, which is left unread.
    pub(super) async fn both<T: Debug, E>(
        &self,
        operation: &str,
        typed: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        input: impl Into<Value>,
        body: Option<ByteStream>,
    ) -> anyhow::Result<(T, Output)>
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        match self.ask(operation, typed, input, body).await? {
            (Ok(typed), Ok(named)) => {
                let printed = Printed::parse(&format!("{typed:?}"))?;
                let found = differences(&printed, named.value(), &["body"]);
                ensure!(found.is_empty(), "{operation} answers\n{}", found.join("\n"));
                let is_one_answer = self.is_twin || self.of_typed.has_answer();
                if let Some(id) = printed.member("_request_id").filter(|_| is_one_answer) {
                    let named = named.request_id().unwrap_or_default();
                    ensure!(*id == Printed::Text(named.to_owned()), "{operation}: {named} by name, {id:?}");
                }
                self.note(operation);
                Ok((typed, named))
            }
            (Err(typed), Err(named)) => {
                check_same_refusal(typed, &named)?;
                Err(named).context(format!("both were refused {operation}"))
            }
            (Ok(typed), Err(named)) => bail!("{operation} answers {typed:?}, and by name {named:?}"),
            (Err(typed), Ok(named)) => {
                bail!("{operation} is refused with {:?}, and by name answers {}", typed, named.value())
            }
        }
    }

    /// Asks the same of both and checks that both are refused alike, with that code.
    pub(super) async fn refused<T: Debug, E>(
        &self,
        operation: &str,
        typed: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        input: impl Into<Value>,
        code: &str,
    ) -> anyhow::Result<()>
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        match self.ask(operation, typed, input, None).await? {
            (Err(typed), Err(named)) => {
                ensure!(named.code() == Some(code), "{named:?} is not {code}");
                check_same_refusal(typed, &named)?;
                self.note(operation);
                Ok(())
            }
            (typed, named) => bail!("{operation} answers {typed:?}, and by name {named:?}"),
        }
    }

    async fn ask<T, E>(
        &self,
        operation: &str,
        typed: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        input: impl Into<Value>,
        body: Option<ByteStream>,
    ) -> anyhow::Result<(Result<T, SdkError<E, HttpResponse>>, Result<Output, Error>)> {
        self.of_typed.forget();
        self.of_named.forget();
        let typed = typed.await;
        let mut call = self.named.operation(operation)?.input(input);
        if let Some(body) = body {
            call = call.body(body);
        }
        let named = call.send().await;
        if let Err(error) = &named
            && error.status().is_none()
        {
            return Err(anyhow!("{operation} by name: {error:?}"));
        }
        let (typed_request, named_request) = (self.of_typed.request()?, self.of_named.request()?);
        check_same_request(&typed_request, &named_request).context(operation.to_owned())?;
        Ok((typed, named))
    }

    fn note(&self, operation: &str) {
        self.compared.lock().unwrap().insert(operation.to_owned());
    }
}

fn check_same_refusal<E>(typed: SdkError<E, HttpResponse>, named: &Error) -> anyhow::Result<()>
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let printed = typed.as_service_error().map(|error| Printed::parse(&format!("{error:?}")));
    let typed = Error::from(typed);
    ensure!(named.kind() == typed.kind() && named.code() == typed.code(), "{named:?} is not {typed:?}");
    ensure!(named.message() == typed.message(), "{named:?} is not {typed:?}");
    ensure!(named.status() == typed.status(), "{named:?} is not {typed:?}");
    ensure!(named.request_id() == typed.request_id(), "{named:?} is not {typed:?}");
    ensure!(named.operation() == typed.operation(), "{named:?} is not {typed:?}");
    let fault = ServiceFault::of(named).with_context(|| format!("no fault among the causes of {named:?}"))?;
    // `GetItemError::ResourceNotFoundException(ResourceNotFoundException { … })`, where the model has it.
    if let Some(Printed::Tuple(variant, within)) = printed.transpose()?
        && let [modeled] = &within[..]
        && variant != "Unhandled"
    {
        ensure!(fault.shape().is_some_and(|shape| shape == variant), "{fault:?} is not {variant}");
        let found = differences(modeled, fault.fields(), &["message", "meta"]);
        ensure!(found.is_empty(), "{variant} has\n{}", found.join("\n"));
    }
    Ok(())
}
