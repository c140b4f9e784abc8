//! The services: boto's name, the service id, and the endpoint prefix where it is another than the name.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use super::botocore::{Botocore, string};

pub(super) fn text(botocore: &Botocore) -> Result<String> {
    let mut text = botocore.head(&[
        "The services of AWS: boto's name, a tab, the service id, and a tab and the endpoint prefix where it is not",
        "the name.",
    ])?;
    // Sorted here: how botocore walks its directories is its own affair.
    let services: BTreeMap<_, _> = botocore.services()?.iter().collect();
    for (name, metadata) in services {
        let id = string(metadata, "serviceId").with_context(|| name.clone())?;
        let prefix = metadata["endpointPrefix"].as_str().unwrap_or(name);
        let columns = [name.as_str(), id, prefix];
        ensure!(columns.iter().all(|column| !column.contains(['\t', '\n'])), "{name}: a tab in a column");
        text.push_str(&match prefix == name {
            true => format!("{name}\t{id}\n"),
            false => format!("{name}\t{id}\t{prefix}\n"),
        });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_has_the_prefix_only_where_it_is_not_the_name() {
        let botocore = Botocore::of(json!({"version": "1.0.0", "services": {
            "sqs": {"serviceId": "SQS", "endpointPrefix": "sqs"},
            "elb": {"serviceId": "Elastic Load Balancing", "endpointPrefix": "elasticloadbalancing"},
        }}));
        let text = text(&botocore).unwrap();
        assert!(text.starts_with("# The services") && text.contains("# Source: botocore 1.0.0, "));
        assert!(text.ends_with("\nelb\tElastic Load Balancing\telasticloadbalancing\nsqs\tSQS\n"), "{text}");
    }

    #[test]
    fn a_service_without_an_id_is_refused_by_name() {
        let botocore = Botocore::of(json!({"version": "1.0.0", "services": {"sqs": {}}}));
        assert!(format!("{:#}", text(&botocore).unwrap_err()).contains("sqs"));
    }
}
