//! ARNs, as `aws.parseArn` reads them.

use super::operand::Operand;

/// The parts of an ARN.
#[derive(Debug, PartialEq)]
pub(super) struct Arn {
    partition: Operand,
    service: Operand,
    region: Operand,
    account_id: Operand,
    resource_id: Operand,
}

impl Arn {
    /// `arn:partition:service:region:account:resource`, of which region and account may be empty; the resource is cut at
    /// `:` and `/`. `None` for what is no ARN.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let mut part = || parts.next();
        let ("arn", partition, service, region, account_id, resource) =
            (part()?, part()?, part()?, part()?, part()?, part()?)
        else {
            return None;
        };
        if partition.is_empty() || service.is_empty() || resource.is_empty() {
            return None;
        }
        Some(Self {
            partition: Operand::text(partition),
            service: Operand::text(service),
            region: Operand::text(region),
            account_id: Operand::text(account_id),
            resource_id: Operand::texts(resource.split([':', '/'])),
        })
    }

    pub(super) fn attribute(&self, name: &str) -> Operand {
        match name {
            "partition" => self.partition.clone(),
            "service" => self.service.clone(),
            "region" => self.region.clone(),
            "accountId" => self.account_id.clone(),
            "resourceId" => self.resource_id.clone(),
            _ => Operand::Absent,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_arn_has_five_parts_and_its_resource_may_have_more() {
        let arn = Arn::parse("arn:aws:s3:us-west-2:123456789012:outpost:op-1/bucket").unwrap();
        assert_eq!(arn.attribute("service"), Operand::text("s3"));
        assert_eq!(arn.attribute("accountId"), Operand::text("123456789012"));
        assert_eq!(arn.attribute("resourceId"), Operand::texts(["outpost", "op-1", "bucket"].into_iter()));
        let arn = Arn::parse("arn:aws-cn:s3:::films").unwrap();
        assert_eq!(
            (arn.attribute("region"), arn.attribute("accountId")),
            (Operand::text(""), Operand::text(""))
        );
    }

    #[test]
    fn what_lacks_a_part_is_no_arn() {
        for text in [
            "",
            "films",
            "arn:aws:s3::",
            "arn:aws:s3:::",
            "arn::s3:::films",
            "arn:aws::::films",
            "arm:aws:s3:::a",
        ] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(arn)?[:/a-zé]{0,20}|\\PC{0,40}") {
            if let Some(arn) = Arn::parse(&text) {
                prop_assert!(matches!(arn.attribute("resourceId"), Operand::List(parts) if !parts.is_empty()));
            }
        }
    }
}
