//! A session in a process of its own, with an environment and a home directory made for it.
//!
//! This test binary starts itself again with only the test [`probe`] and with no variable but those that the case
//! sets, so that neither the machine's environment nor its files are read. The probe builds the session and
//! writes down what became of it.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::PathBuf;
use std::process::Command;

use backend_aws::AwsSession;
use session_core::{Error, Session, SessionExt, service};
use tempfile::TempDir;

service!(S3 = "s3", aws_sdk_s3);
service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);
service!(InHouse = "in-house", aws_sdk_s3);

const ANSWER: &str = "PROBE_ANSWER";
const ARGUMENTS: &str = "PROBE_ARGUMENTS";

/// A case: variables, files and arguments.
pub(crate) struct Case {
    home: TempDir,
    variables: BTreeMap<String, String>,
    arguments: String,
}

/// What became of the session.
#[derive(Debug)]
pub(crate) struct Outcome(BTreeMap<String, String>);

impl Case {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let variables = BTreeMap::from([
            ("HOME".to_owned(), home.path().to_str().unwrap().to_owned()),
            ("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned()),
        ]);
        Self { home, variables, arguments: String::new() }
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn keys(self, id: &str) -> Self {
        self.variable("AWS_ACCESS_KEY_ID", id).variable("AWS_SECRET_ACCESS_KEY", "hunter2")
    }

    /// A file in the case's home directory.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    pub(crate) fn config(self, text: &str) -> Self {
        self.file(".aws/config", text)
    }

    pub(crate) fn credentials(self, text: &str) -> Self {
        self.file(".aws/credentials", text)
    }

    pub(crate) fn argument(mut self, name: &str, value: &str) -> Self {
        self.arguments.push_str(&format!("{name}={value}\n"));
        self
    }

    pub(crate) fn run(self) -> Outcome {
        let answer = self.home.path().join("answer");
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "probe::probe", "--ignored"])
            .env_clear()
            .envs(&self.variables)
            .env(ARGUMENTS, &self.arguments)
            .env(ANSWER, &answer)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let text = std::fs::read_to_string(answer).unwrap();
        let facts = text.lines().filter_map(|line| line.split_once('='));
        Outcome(facts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

impl Outcome {
    /// A fact, or nothing where there is none.
    pub(crate) fn get(&self, fact: &str) -> Option<&str> {
        self.0.get(fact).map(String::as_str)
    }

    #[track_caller]
    pub(crate) fn is(self, fact: &str, value: &str) -> Self {
        assert_eq!(self.get(fact), Some(value), "{fact} in {self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn lacks(self, fact: &str) -> Self {
        assert_eq!(self.get(fact), None, "{fact} in {self:#?}");
        self
    }

    /// The session could not be built, for a reason of that kind, in words that contain these.
    #[track_caller]
    pub(crate) fn fails(self, kind: &str, words: &[&str]) -> Self {
        let outcome = self.is("build_error_kind", kind);
        let told = outcome.get("build_error").unwrap();
        for word in words {
            assert!(told.contains(word), "{word} in {told}");
        }
        outcome
    }
}

#[tokio::test]
#[ignore = "run by every other test, in an environment of its own"]
async fn probe() {
    let (Ok(answer), Ok(arguments)) = (std::env::var(ANSWER), std::env::var(ARGUMENTS)) else { return };
    let mut facts = Vec::new();
    match build(&arguments).await {
        Ok(session) => {
            let told = |wanted: &str| {
                let given = arguments.lines().filter_map(|line| line.split_once('='));
                given.filter(|(name, _)| *name == wanted).map(|(_, value)| value.replace("; ", "\n")).next()
            };
            identify(&session, &mut facts).await;
            if let Some(config) = told("files_after_build") {
                for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
                    let path = std::env::var(variable).unwrap();
                    std::fs::remove_file(&path).unwrap();
                    std::fs::write(&path, &config).unwrap();
                }
            }
            describe(&session, &mut facts).await;
            if told("sign").is_some() {
                sign(&session, &mut facts).await;
            }
        }
        Err(error) => tell("build_error", &error, &mut facts),
    }
    let printed = facts.join("\n");
    assert!(!printed.contains("hunter2") && !printed.contains("tok3n"), "a secret is printed: {printed}");
    std::fs::write(answer, printed).unwrap();
}

async fn build(arguments: &str) -> Result<AwsSession, Error> {
    let mut builder = AwsSession::builder();
    for (name, value) in arguments.lines().filter_map(|line| line.split_once('=')) {
        builder = match name {
            "aws_access_key_id" => builder.aws_access_key_id(value).aws_secret_access_key("hunter2"),
            "region_name" => builder.region_name(value),
            "profile_name" => builder.profile_name(value),
            "endpoint_url" => builder.endpoint_url(value),
            "assume_role" => builder.assume_role(value),
            "files_after_build" | "sign" => builder,
            "sdk_config" => builder.sdk_config(aws_types::SdkConfig::builder().build()),
            other => panic!("no argument {other}"),
        };
    }
    builder.build().await
}

/// Who signs, and when that ends.
async fn identify(session: &AwsSession, facts: &mut Vec<String>) {
    if let Some(account) = session.config().account_id() {
        facts.push(format!("account={}", account.value));
        facts.push(format!("account_origin={}", account.origin));
    }
    match session.credentials().await {
        Ok(Some(found)) => {
            facts.push(format!("access_key={}", found.access_key_id()));
            let printed = format!("{found:?}");
            let source = printed.split("provider_name: \"").nth(1).and_then(|rest| rest.split('"').next());
            facts.push(format!("source={}", source.unwrap_or_default()));
            let expiry = printed.split("expires_after: \"").nth(1).and_then(|rest| rest.split('"').next());
            facts.push(format!("expiry={}", expiry.unwrap_or_default()));
            facts.push(format!("has_token={}", found.session_token() == Some("tok3n")));
            if let Some(account) = found.account_id() {
                facts.push(format!("credentials_account={}", account.as_str()));
            }
        }
        Ok(None) => {}
        Err(error) => tell("credentials_error", &error, facts),
    }
}

/// A request that somebody must sign.
async fn sign(session: &AwsSession, facts: &mut Vec<String>) {
    let s3 = session.client(S3).await.unwrap();
    match s3.list_buckets().send().await {
        Ok(_) => facts.push("signed=yes".into()),
        Err(error) => tell("sign_error", &error.into(), facts),
    }
}

async fn describe(session: &AwsSession, facts: &mut Vec<String>) {
    facts.push(format!("debug={session:?}"));
    facts.push(format!("available_profiles={}", session.available_profiles().join(" ")));
    if let Some(region) = session.config().region_name() {
        facts.extend([format!("region={}", region.value), format!("region_origin={}", region.origin)]);
    }
    if let Some(profile) = session.config().profile_name() {
        facts.extend([format!("profile={}", profile.value), format!("profile_origin={}", profile.origin)]);
    }
    let s3 = session.client(S3).await;
    let dynamodb = session.client(DynamoDb).await;
    let in_house = session.client(InHouse).await;
    if let (Ok(s3), Ok(dynamodb)) = (&s3, &dynamodb) {
        facts.push(format!("clients={s3:?} {:?} {dynamodb:?} {:?}", **s3, **dynamodb));
    }
    for (service, endpoint) in [
        ("s3", s3.as_ref().map(|scope| scope.meta().endpoint_url.clone())),
        ("dynamodb", dynamodb.as_ref().map(|scope| scope.meta().endpoint_url.clone())),
        ("in_house", in_house.as_ref().map(|scope| scope.meta().endpoint_url.clone())),
    ] {
        match endpoint {
            Ok(Some(url)) => facts.push(format!("{service}_endpoint={url}")),
            Ok(None) => facts.push(format!("{service}_endpoint=own")),
            Err(error) => tell(&format!("{service}_error"), error, facts),
        }
    }
    let connection = session.connect(&"s3".parse().unwrap(), Default::default()).await;
    if let Ok(connection) = connection {
        facts.push(format!("connection={connection:?}"));
        facts.push(format!("sdk_config={:?}", connection.sdk_config()));
        let attempts = connection.sdk_config().retry_config().map(|retries| retries.max_attempts());
        facts.push(format!("attempts={}", attempts.unwrap_or_default()));
    }
}

fn tell(name: &str, error: &Error, facts: &mut Vec<String>) {
    let chain = std::iter::successors(error.source(), |&source| source.source());
    let told = chain.fold(error.to_string(), |told, source| format!("{told}: {source}"));
    facts.push(format!("{name}_kind={:?}", error.kind()));
    facts.push(format!("{name}={}", told.replace('\n', " ")));
}
