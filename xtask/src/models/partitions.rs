//! The partitions: suffixes, regions, and which names of regions belong to them.
//!
//! A partition says by a regular expression which regions it has besides those listed. All of AWS's have one form, a
//! prefix of some, a word and a number, so that the prefixes are kept, and who reads them needs no engine for
//! expressions. An expression of another form is refused here.

use anyhow::{Context, Result, ensure};

use super::botocore::{Botocore, object, sorted, string};

pub(super) fn text(botocore: &Botocore) -> Result<String> {
    let mut text = botocore.head(&[
        "The partitions of AWS, in botocore's order. A region belongs to the partition that lists it, or else to the one",
        "of whose `region_prefixes` it has one, then a hyphen, a word, a hyphen and a number.",
    ])?;
    let (listed, described) = (botocore.endpoints()?, botocore.partitions()?);
    ensure!(listed.len() == described.len(), "partitions.json and endpoints.json have other partitions");
    for endpoints in listed {
        let name = string(endpoints, "partition")?;
        let partition = described.iter().find(|partition| partition["id"] == name);
        let partition = partition.with_context(|| format!("partitions.json lacks the partition `{name}`"))?;
        let regex = string(partition, "regionRegex")?;
        ensure!(string(endpoints, "regionRegex")? == regex, "{name}: two expressions for regions");
        let prefixes = prefixes(regex).with_context(|| format!("{name}: `{regex}` has another form"))?;
        let outputs = &partition["outputs"];
        let flag = |key, word| outputs[key].as_bool().unwrap_or_default().then_some(word);
        let supports = [flag("supportsDualStack", "dual_stack"), flag("supportsFIPS", "fips")];
        let regions = sorted(object(partition, "regions")?.keys())?;
        let lacking = object(endpoints, "regions")?.keys().find(|region| !regions.contains(&region.as_str()));
        ensure!(lacking.is_none(), "{name}: partitions.json lacks the region {lacking:?}");
        let (regional, global): (Vec<_>, Vec<_>) =
            regions.into_iter().partition(|region| prefixes.iter().any(|prefix| region_of(prefix, region)));
        ensure!(global.len() <= 1, "{name}: more than one region that is none: {global:?}");
        for (key, value) in [
            ("partition", name),
            ("dns_suffix", string(outputs, "dnsSuffix")?),
            ("dual_stack_dns_suffix", string(outputs, "dualStackDnsSuffix")?),
            ("supports", &supports.into_iter().flatten().collect::<Vec<_>>().join(" ")),
            ("implicit_global_region", string(outputs, "implicitGlobalRegion")?),
            ("global_region", &global.join(" ")),
            ("region_prefixes", &prefixes.join(" ")),
            ("regions", &regional.join(" ")),
        ] {
            text.push_str(format!("{key} {value}").trim_end());
            text.push('\n');
        }
    }
    Ok(text)
}

/// The prefixes that an expression such as `^(us|eu)\-\w+\-\d+$` allows; `None` where it has another form.
fn prefixes(regex: &str) -> Option<Vec<String>> {
    let prefix = regex.strip_prefix('^')?.strip_suffix(r"\-\w+\-\d+$")?.replace(r"\-", "-");
    let prefixes: Vec<String> = match prefix.split_once('(') {
        None => vec![prefix],
        Some((before, rest)) => {
            let (choices, after) = rest.split_once(')')?;
            choices.split('|').map(|choice| format!("{before}{choice}{after}")).collect()
        }
    };
    let plain = |prefix: &String| {
        let letters = prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        letters && prefix.starts_with(|first: char| first != '-') && !prefix.ends_with('-')
    };
    prefixes.iter().all(plain).then_some(prefixes)
}

fn region_of(prefix: &str, region: &str) -> bool {
    let rest = region.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    rest.and_then(|rest| rest.split_once('-')).is_some_and(|(word, number)| {
        !word.is_empty() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(regex: &str) -> Botocore {
        Botocore::of(json!({
            "version": "1.0.0",
            "endpoints": [{"partition": "aws", "regionRegex": regex, "regions": {"eu-west-1": {}}}],
            "partitions": [{"id": "aws", "regionRegex": regex, "regions": {"eu-west-1": {}, "aws-global": {}},
                "outputs": {"dnsSuffix": "a.com", "dualStackDnsSuffix": "api.aws", "supportsFIPS": true,
                            "implicitGlobalRegion": "us-east-1"}}],
        }))
    }

    #[test]
    fn a_partition_is_a_few_lines() {
        let text = text(&document(r"^(us|eu)\-\w+\-\d+$")).unwrap();
        let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let wanted = [
            "partition aws",
            "dns_suffix a.com",
            "dual_stack_dns_suffix api.aws",
            "supports fips",
            "implicit_global_region us-east-1",
            "global_region aws-global",
            "region_prefixes us eu",
            "regions eu-west-1",
        ];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn only_expressions_of_awss_form_become_prefixes() {
        for (regex, wanted) in [
            (r"^(us|eu)\-\w+\-\d+$", vec!["us", "eu"]),
            (r"^us\-gov\-\w+\-\d+$", vec!["us-gov"]),
            (r"^eusc\-(de)\-\w+\-\d+$", vec!["eusc-de"]),
        ] {
            assert_eq!(prefixes(regex).unwrap(), wanted);
        }
        for regex in [r"^us\-\w+$", r"us\-\w+\-\d+$", r"^u.s\-\w+\-\d+$", r"^(a|b)(c)\-\w+\-\d+$", ""] {
            assert!(prefixes(regex).is_none(), "{regex}");
        }
        assert!(text(&document(r"^.*$")).unwrap_err().to_string().contains("^.*$"));
    }
}
