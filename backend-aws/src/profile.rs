//! Profiles: which one is in use, and what the config and credentials files say about it.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use aws_config::profile::ProfileSet;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::Fs;
use session_core::{Error, ErrorKind, Origin, Setting};

use crate::environment::Environment;

/// `AWS_PROFILE` comes first, as in the SDKs; boto3 reads `AWS_DEFAULT_PROFILE` before it.
pub(crate) const VARIABLES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// The two files, read once and parsed, and the profile chosen from them.
pub(crate) struct Profiles {
    name: Setting<String>,
    sections: ProfileSet,
    names: Vec<String>,
    texts: EnvConfigFiles,
}

impl Profiles {
    /// Reads both files and checks that a profile which was asked for by name is in one of them.
    ///
    /// # Errors
    /// - [`ErrorKind::ProfileNotFound`]: it is in neither
    /// - [`ErrorKind::InvalidConfig`]: a file cannot be read or is broken, or names a section that is missing
    pub(crate) async fn load(
        environment: &Environment,
        argument: Option<&Setting<String>>,
    ) -> Result<Self, Error> {
        let name = argument.cloned().unwrap_or_else(|| chosen(environment));
        let path = |variable, default| environment.expand(environment.get(variable).unwrap_or(default));
        let config_path = path("AWS_CONFIG_FILE", "~/.aws/config");
        let credentials_path = path("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
        let config = read("config", config_path.clone()).await?;
        let credentials = read("credentials", credentials_path.clone()).await?;

        let sections = parse(
            environment,
            &name.value,
            [
                (EnvConfigFileKind::Config, &config_path, &config),
                (EnvConfigFileKind::Credentials, &credentials_path, &credentials),
            ],
        )
        .await?;
        if name.origin != Origin::Default && sections.get_profile(&name.value).is_none() {
            return Err(not_found(&name, &sections, &config_path, &credentials_path));
        }
        if let Some(services) = sections.get("services")
            && !has_services_section(&config, services)
        {
            let message = format!(
                "the profile `{}` says `services = {services}`, but `{}` has no section `[services {services}]`",
                name.value,
                config_path.display()
            );
            return Err(Error::new(ErrorKind::InvalidConfig, message));
        }
        let names = names(&sections, &config, &credentials);
        let texts = EnvConfigFiles::builder()
            .with_contents(EnvConfigFileKind::Config, config)
            .with_contents(EnvConfigFileKind::Credentials, credentials)
            .build();
        Ok(Self { name, sections, names, texts })
    }

    /// The default profile, as if the files were empty: what stands in for it until they are read.
    pub(crate) fn unread() -> Self {
        let texts = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, "").build();
        let name = Setting::new("default".to_owned(), Origin::Default);
        Self { name, names: Vec::new(), sections: ProfileSet::default(), texts }
    }

    /// The profile in use.
    pub(crate) fn name(&self) -> &Setting<String> {
        &self.name
    }

    /// The names of all profiles: those of the config file in its order, then those of the credentials file alone.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Where a value of the profile in use is said to come from.
    pub(crate) fn origin(&self) -> Origin {
        Origin::Profile(self.name.value.clone())
    }

    /// A property of the profile in use. A blank one counts as unset.
    pub(crate) fn get(&self, property: &str) -> Option<&str> {
        self.sections.get(property).filter(|value| !value.trim().is_empty())
    }

    /// All profiles, parsed.
    pub(crate) fn sections(&self) -> &ProfileSet {
        &self.sections
    }

    /// What the files said, so that the SDK's providers see what was checked here.
    pub(crate) fn texts(&self) -> EnvConfigFiles {
        self.texts.clone()
    }
}

fn chosen(environment: &Environment) -> Setting<String> {
    VARIABLES
        .into_iter()
        .find_map(|variable| {
            let name = environment.get(variable)?.to_owned();
            Some(Setting::new(name, Origin::Environment(variable.into())))
        })
        .unwrap_or_else(|| Setting::new("default".to_owned(), Origin::Default))
}

/// The text of a file; a file that does not exist is empty.
async fn read(kind: &'static str, path: PathBuf) -> Result<String, Error> {
    let refuse = |shown: &Path, why: &str| {
        Error::new(ErrorKind::InvalidConfig, format!("the {kind} file `{}` {why}", shown.display()))
    };
    let reading = tokio::task::spawn_blocking({
        let path = path.clone();
        move || std::fs::read(path)
    });
    match reading.await.map_err(io::Error::other).flatten() {
        Ok(bytes) => {
            String::from_utf8(bytes).map_err(|source| refuse(&path, "is not UTF-8 text").with_source(source))
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(String::new())
        }
        Err(error) => Err(refuse(&path, "cannot be read").with_source(error)),
    }
}

/// The SDK's parser over texts that were read already; it gets their paths so that it can name them.
async fn parse(
    environment: &Environment,
    profile: &str,
    files: [(EnvConfigFileKind, &PathBuf, &String); 2],
) -> Result<ProfileSet, Error> {
    let texts: HashMap<_, _> =
        files.iter().map(|(_, path, text)| ((*path).into(), text.as_bytes().to_vec())).collect();
    let mut sources = EnvConfigFiles::builder();
    for (kind, path, _) in files {
        sources = sources.with_file(kind, path);
    }
    let fs = Fs::from_raw_map(texts);
    aws_config::profile::load(&fs, &environment.to_sdk(), &sources.build(), Some(profile.to_owned().into()))
        .await
        .map_err(|error| {
            // The parser names file, line and what is wrong with it, on two lines.
            let told = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
            let message = format!("a configuration file is broken: {told}");
            Error::new(ErrorKind::InvalidConfig, message).with_source(error)
        })
}

fn not_found(name: &Setting<String>, sections: &ProfileSet, config: &Path, credentials: &Path) -> Error {
    let mut message = format!(
        "the profile `{}` (from {}) is neither in `{}` nor in `{}`",
        name.value.escape_debug(),
        name.origin,
        config.display(),
        credentials.display()
    );
    let mut known: Vec<&str> = sections.profiles().collect();
    known.sort_unstable();
    let listed = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let near: Vec<&str> = known
        .iter()
        .copied()
        .filter(|known| strsim::damerau_levenshtein(known, &name.value) <= 1 + name.value.len() / 4)
        .take(3)
        .collect();
    if !near.is_empty() {
        message.push_str(&format!("; did you mean {}?", listed(&near)));
    }
    message.push_str(&match known.len() {
        0 => "; there are no profiles in them".to_owned(),
        1..=12 => format!("; the profiles there are {}", listed(&known)),
        many => format!("; there are {many} other profiles in them"),
    });
    Error::new(ErrorKind::ProfileNotFound, message)
}

/// The names of the profiles in the order of the files. The SDK's parser says which there are, but in no order.
fn names(sections: &ProfileSet, config: &str, credentials: &str) -> Vec<String> {
    let of_config = headers(config).map(|header| match header.split_once(char::is_whitespace) {
        Some(("profile", name)) => name.trim_start(),
        _ => header,
    });
    let mut found: HashSet<&str> = sections.profiles().collect();
    let ordered = of_config.chain(headers(credentials)).filter(|name| found.remove(name));
    let mut names: Vec<String> = ordered.map(str::to_owned).collect();
    let mut rest: Vec<&str> = found.into_iter().collect();
    rest.sort_unstable();
    names.extend(rest.into_iter().map(str::to_owned));
    names
}

/// Whether the config file has the header `[services name]`. The SDK's parser keeps such sections by
/// property, so an empty or missing one looks the same to it.
fn has_services_section(config: &str, name: &str) -> bool {
    headers(config)
        .filter_map(|header| header.strip_prefix("services"))
        .any(|rest| rest.starts_with(char::is_whitespace) && rest.trim() == name)
}

/// What stands in brackets at the beginning of lines.
fn headers(text: &str) -> impl Iterator<Item = &str> {
    let headers = text.lines().filter_map(|line| line.trim_start().strip_prefix('[')?.split(']').next());
    headers.map(str::trim)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_of_a_config_file_makes_the_parser_panic(
            text in "(\\[?(profile|services|default| |=|#|\\]|\\n|[a-zé])){0,40}",
        ) {
            let _ = has_services_section(&text, "a");
            let (config, credentials) = (PathBuf::from("config"), PathBuf::from("credentials"));
            let files = [
                (EnvConfigFileKind::Config, &config, &text),
                (EnvConfigFileKind::Credentials, &credentials, &text),
            ];
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            match runtime.block_on(parse(&Environment::default(), "default", files)) {
                Ok(sections) => {
                    let mut names = names(&sections, &text, &text);
                    names.sort_unstable();
                    let mut parsed: Vec<&str> = sections.profiles().collect();
                    parsed.sort_unstable();
                    prop_assert_eq!(names, parsed);
                }
                Err(error) => {
                    prop_assert_eq!(error.kind(), ErrorKind::InvalidConfig);
                    prop_assert!(!error.to_string().contains('\n'));
                }
            }
        }
    }

    #[test]
    fn aws_profile_comes_before_aws_default_profile() {
        for (environment, name, origin) in [
            (Environment::default(), "default", Origin::Default),
            (
                Environment::from([("AWS_DEFAULT_PROFILE", "old")]),
                "old",
                Origin::Environment("AWS_DEFAULT_PROFILE".into()),
            ),
            (
                Environment::from([("AWS_DEFAULT_PROFILE", "old"), ("AWS_PROFILE", "new")]),
                "new",
                Origin::Environment("AWS_PROFILE".into()),
            ),
        ] {
            assert_eq!(chosen(&environment), Setting::new(name.to_owned(), origin));
        }
    }

    #[test]
    fn a_services_section_is_found_by_its_header() {
        let config =
            "[default]\nservices = dev\n[ services  dev ] # local\ns3 =\n  endpoint_url = http://x\n";
        assert!(has_services_section(config, "dev"));
        assert!(!has_services_section(config, "de") && !has_services_section("[servicesdev]", "dev"));
    }
}
