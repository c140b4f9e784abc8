//! The regions of each service in each partition, and its endpoints that are none.
//!
//! Most services are in all regions or all but a few, so a line says whichever is shorter.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use super::botocore::{Botocore, object, sorted, string};

pub(super) fn text(botocore: &Botocore) -> Result<String> {
    let mut text = botocore.head(&[
        "The regions of services, a section a partition, whose head lists its regions. A line is the endpoint prefix, a",
        "tab, the regions, and a tab and the endpoints that are not regional where there are any. `*` is all regions of",
        "the partition, and those with a hyphen before them are not among them.",
    ])?;
    let prefixes: BTreeSet<&str> = botocore
        .services()?
        .iter()
        .map(|(name, metadata)| metadata["endpointPrefix"].as_str().unwrap_or(name))
        .collect();
    for partition in botocore.endpoints()? {
        let name = string(partition, "partition")?;
        let regions = sorted(object(partition, "regions")?.keys())?;
        text.push_str(&format!("[{name}] {}\n", regions.join(" ")));
        // Some entries belong to no service: nobody can ask for them.
        let services: BTreeMap<_, _> = object(partition, "services")?
            .iter()
            .filter(|(prefix, _)| prefixes.contains(prefix.as_str()))
            .collect();
        for (prefix, service) in services {
            let endpoints = object(service, "endpoints").with_context(|| format!("{prefix} in {name}"))?;
            let (regional, others): (Vec<_>, Vec<_>) =
                sorted(endpoints.keys())?.into_iter().partition(|name| regions.contains(name));
            let line = format!("{prefix}\t{}\t{}", shortest(&regions, &regional), others.join(" "));
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    Ok(text)
}

/// The regions by name, or all but those that are missing.
fn shortest(all: &[&str], regions: &[&str]) -> String {
    let missing = all.iter().filter(|region| !regions.contains(region)).map(|region| format!(" -{region}"));
    let (named, but) = (regions.join(" "), format!("*{}", missing.collect::<String>()));
    if but.len() < named.len() { but } else { named }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_whichever_is_shorter() {
        let all = ["a-1", "b-1", "c-1"];
        assert_eq!(shortest(&all, &all), "*");
        assert_eq!(shortest(&all, &["a-1", "b-1"]), "* -c-1");
        assert_eq!(shortest(&all, &["a-1"]), "a-1");
        assert_eq!(shortest(&all, &[]), "");
    }

    #[test]
    fn endpoints_that_are_not_regional_have_a_column_of_their_own() {
        let endpoints = json!({"fips-a-1": {}, "b-1": {}, "a-1": {}});
        let botocore = Botocore::of(json!({
            "version": "1.0.0",
            "services": {"elb": {"endpointPrefix": "lb"}, "iam": {}, "sqs": {}},
            "endpoints": [{"partition": "aws", "regions": {"a-1": {}, "b-1": {}}, "services": {
                "sqs": {"endpoints": {"a-1": {}}},
                "lb": {"endpoints": endpoints},
                "iam": {"endpoints": {"aws-global": {}}},
                "forgotten": {"endpoints": {"a-1": {}}},
            }}],
        }));
        let text = text(&botocore).unwrap();
        assert!(text.ends_with("\n[aws] a-1 b-1\niam\t\taws-global\nlb\t*\tfips-a-1\nsqs\ta-1\n"), "{text}");
    }
}
