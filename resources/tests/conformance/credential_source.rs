//! Every source of credentials, with moto as the judge: who signs is seen by what the signer is shown.
//!
//! Each case runs in a process of its own, this binary started again, with no variable and no home directory but those
//! that were made for it. There a session is built, writes and reads an object and lists tables. Roles are those of
//! another account, and moto shows a table of the suite's account to that account alone.

use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use anyhow::{Context, ensure};
use backend_aws::AwsSession;
use libtest_mimic::{Completion, Failed, Trial};
use resources::{DynamoDb, S3};
use session_core::{Session, SessionExt};
use tokio::runtime::Runtime;

use crate::backend::Backend;
use crate::case::TestResult;
use crate::world::World;

const ROLE: &str = "arn:aws:iam::222233334444:role/reader";
const REGION: &str = "eu-west-1";

/// Tells this binary to be the process of a case; its value is the name of the case's bucket.
const CHILD: &str = "CONFORMANCE_CREDENTIALS_OF";
const ARGUMENTS: &str = "CONFORMANCE_ARGUMENTS";

/// Where credentials come from.
struct Source {
    name: &'static str,
    variables: &'static [(&'static str, &'static str)],
    /// `~/.aws/config`
    config: &'static str,
    /// `name=value` of the builder, a line each.
    arguments: &'static str,
    /// How the id of the key begins that signs.
    access_key_id: &'static str,
    /// Whether it is a role that signs, and so the other account.
    is_role: bool,
}

/// In files and variables, `~` is the case's home directory.
const SOURCES: [Source; 9] = [
    Source {
        name: "keys_given_as_arguments",
        variables: &[],
        config: "",
        arguments: "aws_access_key_id=AKIAARGUMENT",
        access_key_id: "AKIAARGUMENT",
        is_role: false,
    },
    Source {
        name: "keys_of_the_environment",
        variables: &ENVIRONMENT,
        config: "",
        arguments: "",
        access_key_id: "AKIAENVIRONMENT",
        is_role: false,
    },
    Source {
        name: "keys_of_the_profile_that_an_argument_names",
        variables: &ENVIRONMENT,
        config: "[profile work]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = s\n",
        arguments: "profile_name=work",
        access_key_id: "AKIAPROFILE",
        is_role: false,
    },
    Source {
        name: "keys_of_the_profile_that_the_environment_names",
        variables: &[("AWS_PROFILE", "work")],
        config: "[profile work]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = s\n",
        arguments: "",
        access_key_id: "AKIAPROFILE",
        is_role: false,
    },
    Source {
        name: "keys_that_a_process_prints",
        variables: &[],
        config: "[default]\ncredential_process = /bin/cat ~/keys.json\n",
        arguments: "",
        access_key_id: "AKIAPROCESS",
        is_role: false,
    },
    Source {
        name: "a_role_that_an_argument_assumes",
        variables: &ENVIRONMENT,
        config: "",
        arguments: "assume_role=arn:aws:iam::222233334444:role/reader",
        access_key_id: "ASIA",
        is_role: true,
    },
    Source {
        name: "a_role_that_a_profile_assumes_with_its_source_profile",
        variables: &[],
        config: "[profile work]\nrole_arn = arn:aws:iam::222233334444:role/reader\nsource_profile = base\n\
                 [profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n",
        arguments: "profile_name=work",
        access_key_id: "ASIA",
        is_role: true,
    },
    Source {
        name: "a_web_identity_of_the_environment",
        variables: &[("AWS_WEB_IDENTITY_TOKEN_FILE", "~/token"), ("AWS_ROLE_ARN", ROLE)],
        config: "",
        arguments: "",
        access_key_id: "ASIA",
        is_role: true,
    },
    Source {
        name: "a_web_identity_of_the_profile",
        variables: &[],
        config: "[profile work]\nrole_arn = arn:aws:iam::222233334444:role/reader\n\
                 web_identity_token_file = ~/token\n",
        arguments: "profile_name=work",
        access_key_id: "ASIA",
        is_role: true,
    },
];

const ENVIRONMENT: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT"), ("AWS_SECRET_ACCESS_KEY", "s")];

/// One trial for every source.
pub(crate) fn trials(moto: &Arc<Backend>, runtime: &Arc<Runtime>) -> Vec<Trial> {
    let trial = |source: &'static Source| {
        let (moto, runtime) = (Arc::clone(moto), Arc::clone(runtime));
        let name = format!("{}::credential_source::{}", moto.name, source.name);
        Trial::ignorable_test(name, move || match &moto.absent {
            Some(why) => Ok(Completion::ignored_with(why.clone())),
            None => match runtime.block_on(source.run(&moto)) {
                Ok(()) => Ok(Completion::Completed),
                Err(error) => Err(Failed::from(format!("{error:?}"))),
            },
        })
    };
    SOURCES.iter().map(trial).collect()
}

impl Source {
    async fn run(&'static self, moto: &Backend) -> TestResult {
        let world = World::new(moto).await?;
        let outcome = self.judged_in(&world, moto.moto_url().await?).await;
        let cleaned = world.clean_up().await;
        outcome.and(cleaned)
    }

    async fn judged_in(&'static self, world: &World, url: String) -> TestResult {
        let (table, bucket) = (world.fresh_table().await?, world.fresh_name());
        let printed = tokio::task::spawn_blocking(move || self.start_child(&url, &bucket)).await??;
        let mut lines = printed.lines();
        let signer = lines.next().context("the process says nothing")?;
        ensure!(signer.starts_with(self.access_key_id), "{signer} signs");
        let is_shown = lines.any(|seen| seen == table.name());
        ensure!(is_shown != self.is_role, "in the wrong account; it sees {printed}");
        Ok(())
    }

    fn start_child(&self, url: &str, bucket: &str) -> anyhow::Result<String> {
        let home = tempfile::tempdir()?;
        let directory = home.path().to_str().context("a home directory in UTF-8")?;
        let at_home = |text: &str| text.replace('~', directory);
        let keys = r#"{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"}"#;
        std::fs::create_dir(home.path().join(".aws"))?;
        for (file, text) in [(".aws/config", &*at_home(self.config)), ("token", "t"), ("keys.json", keys)] {
            std::fs::write(home.path().join(file), text)?;
        }
        let output = Command::new(std::env::current_exe()?)
            .stdin(Stdio::null())
            .env_clear()
            .env("HOME", directory)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_REGION", REGION)
            .env("AWS_ENDPOINT_URL", url)
            .env(CHILD, bucket)
            .env(ARGUMENTS, self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, at_home(value))))
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// What a case does in its process, if this is one.
pub(crate) fn child() -> Option<ExitCode> {
    let bucket = std::env::var(CHILD).ok()?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can start");
    Some(match runtime.block_on(write_read_list(&bucket)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    })
}

/// Prints who signs, and the names of the tables that are there.
async fn write_read_list(bucket: &str) -> anyhow::Result<()> {
    let mut builder = AwsSession::builder();
    for (name, value) in std::env::var(ARGUMENTS)?.lines().filter_map(|line| line.split_once('=')) {
        builder = match name {
            "aws_access_key_id" => builder.aws_access_key_id(value).aws_secret_access_key("s"),
            "profile_name" => builder.profile_name(value),
            "assume_role" => builder.assume_role(value),
            other => anyhow::bail!("no argument {other}"),
        };
    }
    let session = builder.build().await?;
    let credentials = session.credentials().await?.context("nobody signs")?;
    println!("{}", credentials.access_key_id());

    let s3 = session.resource(S3).await?;
    let bucket = s3.bucket(bucket);
    bucket.create().send().await?;
    let object = bucket.object("k");
    object.put().body(b"It was the best of times".to_vec().into()).send().await?;
    let read = object.get().send().await?.body.collect().await?.into_bytes();
    object.delete().send().await?;
    bucket.delete().send().await?;
    ensure!(read == "It was the best of times", "{read:?} was read");

    let dynamodb = session.client(DynamoDb).await?;
    let mut tables = dynamodb.list_tables().into_paginator().items().send();
    while let Some(table) = tables.next().await {
        println!("{}", table?);
    }
    Ok(())
}
