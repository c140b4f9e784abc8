//! The region of clients that name none.

use session_core::{Error, Origin, RegionName, Setting};

use crate::environment::Environment;
use crate::profile::Profiles;

/// `AWS_REGION` comes first, as in the SDKs; boto3 reads only `AWS_DEFAULT_REGION`.
pub(crate) const VARIABLES: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// The region of the environment, else of the profile. Instance metadata is not asked, as boto3 does not either.
pub(crate) fn find(
    environment: &Environment,
    profiles: &Profiles,
) -> Result<Option<Setting<RegionName>>, Error> {
    let profile = profiles.get("region").map(|name| (name, profiles.origin()));
    first(environment, profile)
}

fn first(
    environment: &Environment,
    profile: Option<(&str, Origin)>,
) -> Result<Option<Setting<RegionName>>, Error> {
    let variable =
        |name: &'static str| environment.get(name).map(|region| (region, Origin::Environment(name.into())));
    let found = VARIABLES.into_iter().find_map(variable).or(profile);
    let Some((name, origin)) = found else { return Ok(None) };
    match RegionName::new(name.trim()) {
        Ok(name) => Ok(Some(Setting::new(name, origin))),
        Err(error) => Err(Error::new(error.kind(), format!("{} (from {origin})", error.message()))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use session_core::ErrorKind;

    use super::*;

    proptest! {
        #[test]
        fn the_first_place_that_names_a_region_is_believed_and_remembered(
            first_variable in proptest::option::of("[a-z]{2}-[a-z]{4}-[1-9]"),
            second_variable in proptest::option::of("[a-z]{2}-[a-z]{4}-[1-9]"),
            profile in proptest::option::of("[a-z]{2}-[a-z]{4}-[1-9]"),
        ) {
            let environment = Environment::from([
                ("AWS_REGION", first_variable.as_deref().unwrap_or_default()),
                ("AWS_DEFAULT_REGION", second_variable.as_deref().unwrap_or_default()),
            ]);
            let in_profile = profile.as_deref().map(|name| (name, Origin::Profile("dev".into())));
            let found = first(&environment, in_profile).unwrap();
            let expected = [
                (first_variable, Origin::Environment("AWS_REGION".into())),
                (second_variable, Origin::Environment("AWS_DEFAULT_REGION".into())),
                (profile, Origin::Profile("dev".into())),
            ]
            .into_iter()
            .find_map(|(name, origin)| Some((name?, origin)));
            prop_assert_eq!(found.map(|found| (found.value.as_str().to_owned(), found.origin)), expected);
        }

        #[test]
        fn no_text_makes_the_look_up_panic(text in "\\PC*") {
            let _ = first(&Environment::from([("AWS_REGION", text.as_str())]), None);
        }
    }

    #[test]
    fn a_malformed_region_is_told_with_its_variable() {
        let error = first(&Environment::from([("AWS_REGION", "eu west")]), None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRegion);
        assert!(error.to_string().contains("`eu west`"), "{error}");
        assert!(error.to_string().contains("environment variable AWS_REGION"), "{error}");
    }
}
