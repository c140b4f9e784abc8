//! What a cloud is told before it begins.

use std::time::Duration;

use crate::cloud::MockAws;
use crate::dynamodb::EngineOptions;
use crate::identity::Identity;

/// Makes a [`MockAws`]; what is not said is as in [`MockAws::new`].
///
/// ```
/// use backend_mock::{Identity, MockAws};
///
/// let aws = MockAws::builder().seed(7).identity(Identity::new("AKIA", "secret", "111122223333")?).build();
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a builder makes a cloud when it is built"]
pub struct MockAwsBuilder {
    seed: u64,
    identities: Vec<Identity>,
    strict_signatures: bool,
    dynamodb_options: EngineOptions,
}

impl MockAwsBuilder {
    /// Draws request ids, upload ids and tokens: the same seed and the same requests in the same order give the same
    /// ids. 0 if it is not said.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Adds an access key with its secret and account; of two with one access key, the later one counts.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self
    }

    /// Verifies signatures; without this, any are accepted.
    ///
    /// A request is answered only if it is anonymous, where the service allows that, or signed as AWS wants it: with a
    /// key that the cloud knows, no more than 15 minutes off its [`clock`](MockAws::clock), and with the signature that
    /// the key's secret makes of its headers, or of its URL, its chunks and trailers, or the policy of its form. The
    /// refusals are AWS's, such as `SignatureDoesNotMatch` with the canonical request that was expected.
    ///
    /// The cloud knows the keys of [`identity`](Self::identity), those that a session brings together with an account,
    /// and the ones in its own [`sdk_config`](MockAws::sdk_config). Signatures of Version 2 and multi-region signatures
    /// cannot be verified and are refused.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let aws = backend_mock::MockAws::builder().strict_signatures().build();
    /// let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
    /// s3.list_buckets().send().await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    pub fn strict_signatures(mut self) -> Self {
        self.strict_signatures = true;
        self
    }

    /// For how long a DynamoDB table, index or replica is `CREATING`, `UPDATING` or `DELETING`, and an export or import
    /// `IN_PROGRESS`, by the cloud's clock; a vector index that comes to a table takes it twice. Zero by default: the answer
    /// says `CREATING`, and the next look says `ACTIVE`.
    pub fn dynamodb_status_delay(mut self, delay: Duration) -> Self {
        self.dynamodb_options.status_delay = delay;
        self
    }

    /// For how long a DynamoDB transaction that writes holds its items by the cloud's clock. Zero by default: requests
    /// are carried out one after the other, and none ever meets a transaction that is not finished.
    ///
    /// With a delay, the transaction is answered at once and goes on until the delay is over. In the meantime writes of
    /// its items are refused with `TransactionConflictException`, other transactions that touch them are cancelled with
    /// the reason `TransactionConflict`, and its own token answers `TransactionInProgressException`.
    pub fn dynamodb_transaction_delay(mut self, delay: Duration) -> Self {
        self.dynamodb_options.transaction_delay = delay;
        self
    }

    /// For how long what is written to a replica of a DynamoDB global table is on its way to the other regions, by the
    /// cloud's clock. Zero by default: the next request in any of them sees it.
    ///
    /// With a delay, regions that write one item before they have heard of each other agree on what was written last.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use std::time::Duration;
    /// use aws_sdk_dynamodb::types::{AttributeDefinition, AttributeValue, BillingMode, CreateReplicationGroupMemberAction};
    /// use aws_sdk_dynamodb::types::{KeySchemaElement, KeyType, ReplicationGroupUpdate, ScalarAttributeType};
    /// use aws_types::region::Region;
    ///
    /// let delay = Duration::from_secs(1);
    /// let aws = backend_mock::MockAws::builder().dynamodb_replication_delay(delay).build();
    /// aws.clock().set(aws.clock().now()); // From here on, time passes only where it is told to.
    /// let config = aws.sdk_config().into_builder().region(Region::new("us-west-2")).build();
    /// let (east, west) = (aws_sdk_dynamodb::Client::new(&aws.sdk_config()), aws_sdk_dynamodb::Client::new(&config));
    /// let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S).build()?;
    /// east.create_table()
    ///     .table_name("films")
    ///     .key_schema(KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build()?)
    ///     .attribute_definitions(id)
    ///     .billing_mode(BillingMode::PayPerRequest)
    ///     .send()
    ///     .await?;
    /// let create = CreateReplicationGroupMemberAction::builder().region_name("us-west-2").build()?;
    /// let update = ReplicationGroupUpdate::builder().create(create).build();
    /// east.update_table().table_name("films").replica_updates(update).send().await?;
    ///
    /// let id = || AttributeValue::S("Metropolis".to_owned());
    /// east.put_item().table_name("films").item("id", id()).send().await?;
    /// let in_the_west = || west.get_item().table_name("films").key("id", id()).send();
    /// assert!(in_the_west().await?.item.is_none());
    /// aws.clock().advance(delay);
    /// assert!(in_the_west().await?.item.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    pub fn dynamodb_replication_delay(mut self, delay: Duration) -> Self {
        self.dynamodb_options.replication_delay = delay;
        self
    }

    /// Enforces the capacity of DynamoDB's tables and global indexes by the cloud's clock; without this, it is only
    /// reported.
    ///
    /// Provisioned tables and indexes, and on-demand tables with a maximum, have so many units a second, and keep what
    /// they do not use for five minutes. Beyond that, requests are refused as AWS does, with
    /// `ProvisionedThroughputExceededException` or `ThrottlingException`, and batches are carried out in part. Clients
    /// made from the cloud sleep by its clock, so that their retries get through without waiting.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use aws_sdk_dynamodb::types::{AttributeDefinition, AttributeValue, KeySchemaElement, KeyType};
    /// use aws_sdk_dynamodb::types::{ProvisionedThroughput, ScalarAttributeType};
    ///
    /// let aws = backend_mock::MockAws::builder().dynamodb_throttling().build();
    /// let retries = aws_sdk_dynamodb::config::retry::RetryConfig::standard().with_max_attempts(20);
    /// let config = aws_sdk_dynamodb::config::Builder::from(&aws.sdk_config()).retry_config(retries);
    /// let dynamodb = aws_sdk_dynamodb::Client::from_conf(config.build());
    /// let id = || "id".to_owned();
    /// let throughput = ProvisionedThroughput::builder().read_capacity_units(1).write_capacity_units(1).build()?;
    /// dynamodb
    ///     .create_table()
    ///     .table_name("films")
    ///     .key_schema(KeySchemaElement::builder().attribute_name(id()).key_type(KeyType::Hash).build()?)
    ///     .attribute_definitions(
    ///         AttributeDefinition::builder().attribute_name(id()).attribute_type(ScalarAttributeType::S).build()?,
    ///     )
    ///     .provisioned_throughput(throughput)
    ///     .send()
    ///     .await?;
    /// aws.clock().set(aws.clock().now()); // From here on, time passes only where the client sleeps.
    /// for title in ["Metropolis", "Nosferatu", "Faust"] {
    ///     let item = dynamodb.put_item().table_name("films").item(id(), AttributeValue::S(title.to_owned()));
    ///     item.send().await?; // One a second: the second and the third are refused at first, and sent again.
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    pub fn dynamodb_throttling(mut self) -> Self {
        self.dynamodb_options.throttles = true;
        self
    }

    /// The cloud: empty, and knowing these keys.
    pub fn build(self) -> MockAws {
        let Self { seed, identities, strict_signatures, dynamodb_options } = self;
        MockAws::built(seed, identities, strict_signatures, dynamodb_options)
    }
}
