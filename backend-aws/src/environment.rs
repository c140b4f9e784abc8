//! The environment variables of the process, as they were when the session was built.

use std::collections::HashMap;
use std::path::PathBuf;

use aws_runtime::fs_util::{Os, home_dir};
use aws_types::os_shim_internal::Env;
use session_core::{Error, ErrorKind};

/// A snapshot: what the program sets later does not reach the session. Not printed, for some variables are secrets.
#[derive(Clone, Default)]
pub(crate) struct Environment(HashMap<String, String>);

impl Environment {
    /// The variables of this process.
    pub(crate) fn of_process() -> Result<Self, Error> {
        let mut variables = HashMap::new();
        for (name, value) in std::env::vars_os() {
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => {
                    variables.insert(name, value);
                }
                (Ok(name), Err(_)) if name.starts_with("AWS_") || name.to_lowercase().ends_with("_proxy") => {
                    let message = format!("the environment variable {name} is not valid UTF-8");
                    return Err(Error::new(ErrorKind::InvalidConfig, message));
                }
                _ => {}
            }
        }
        Ok(Self(variables))
    }

    /// The value of a variable. A blank one counts as unset.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.verbatim(name).filter(|value| !value.trim().is_empty())
    }

    /// The value of a variable, blank or not.
    pub(crate) fn verbatim(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The snapshot in the form that the SDK's own look-ups read, without blank variables.
    pub(crate) fn to_sdk(&self) -> Env {
        let told = self.0.iter().filter(|(_, value)| !value.trim().is_empty());
        Env::from(told.map(|(name, value)| (name.clone(), value.clone())).collect::<HashMap<_, _>>())
    }

    /// A path that may begin with `~/`, as in `AWS_CONFIG_FILE`.
    pub(crate) fn expand(&self, path: &str) -> PathBuf {
        match (path.strip_prefix("~/"), home_dir(&self.to_sdk(), Os::real())) {
            (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
            _ => path.into(),
        }
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(variables: [(&str, &str); N]) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_variable_counts_as_unset() {
        let environment = Environment::from([("AWS_REGION", " "), ("AWS_PROFILE", "dev")]);
        assert_eq!(environment.get("AWS_REGION"), None);
        assert!(environment.to_sdk().get("AWS_REGION").is_err());
        assert_eq!(environment.get("AWS_PROFILE"), Some("dev"));
    }

    #[test]
    fn a_tilde_is_the_home_directory() {
        let environment = Environment::from([("HOME", "/home/ann")]);
        assert_eq!(environment.expand("~/.aws/config"), PathBuf::from("/home/ann/.aws/config"));
        assert_eq!(environment.expand("/etc/aws"), PathBuf::from("/etc/aws"));
        assert_eq!(Environment::default().expand("~/.aws/config"), PathBuf::from("~/.aws/config"));
    }
}
