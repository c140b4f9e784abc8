//! What members are called on the wire, protocol by protocol.

use aws_smithy_schema::Schema;

use super::{Schemas, leak};
use crate::model::{Location, Member, Protocol, Shape, ShapeKind, member_flags, shape_flags};

/// The name that a member's schema is given for the wire, where there is one, and its plain name.
///
/// The JSON-RPC protocol of the SDK knows no names but the plain one, botocore's models do; there the wire's name *is* the
/// plain one. Nobody else reads it: members are told apart by their number.
pub(super) fn of_member(
    schemas: &Schemas,
    member: &Member,
    target: &Shape,
    ec2_input: bool,
) -> (Option<&'static str>, &'static str) {
    let in_body = member.location == Location::Body;
    let own = member.location_name.filter(|_| in_body);
    match schemas.protocol {
        Protocol::AwsJson1_0 | Protocol::AwsJson1_1 | Protocol::RpcV2Cbor => {
            (None, own.unwrap_or(member.name))
        }
        Protocol::RestJson1 => (own, member.name),
        Protocol::Ec2Query if ec2_input => (Some(ec2_input_name(member)), member.name),
        Protocol::Ec2Query => (own, member.name),
        Protocol::AwsQuery | Protocol::RestXml => {
            // Of a list that is flat wherever it is used the element's name counts, of one that is flat here the member's.
            let is_flat_list = target.kind == ShapeKind::List && target.has(shape_flags::FLATTENED);
            let of_element = match member.has(member_flags::FLATTENED) {
                false if is_flat_list => schemas.model.member(target.first_member).location_name,
                _ => None,
            };
            // Else a list's own, as ElastiCache has it for one; that of a structure is for where it is the whole body.
            let of_list = target.location_name.filter(|_| target.kind == ShapeKind::List);
            (own.or(of_element).or(of_list), member.name)
        }
    }
}

/// `queryName`, else the wire's name with a capital, else the member's own.
fn ec2_input_name(member: &Member) -> &'static str {
    let query_name = member.traits.filter(|traits| traits.contains("queryName")).and_then(|traits| {
        let traits: serde_json::Value = serde_json::from_str(traits).ok()?;
        Some(traits.get("queryName")?.as_str()?.to_owned())
    });
    let name = query_name.or_else(|| member.location_name.map(capitalized));
    name.map_or(member.name, |name| leak(name).as_str())
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// The schema with the XML namespace that the traits of its shape or member name.
pub(super) fn with_namespace(schema: Schema<'static>, traits: Option<&'static str>) -> Schema<'static> {
    let Some(traits) = traits.filter(|traits| traits.contains("xmlNamespace")) else { return schema };
    let Ok(traits) = serde_json::from_str::<serde_json::Value>(traits) else { return schema };
    namespaced(schema, &traits["xmlNamespace"])
}

/// The schema with a namespace as botocore writes it: a text, or an object with `uri` and `prefix`.
pub(super) fn namespaced(schema: Schema<'static>, namespace: &serde_json::Value) -> Schema<'static> {
    let leaked = |text: &str| leak(text.to_owned()).as_str();
    let uri = namespace.as_str().or_else(|| namespace["uri"].as_str());
    let prefix = namespace["prefix"].as_str().map(leaked);
    match uri {
        Some(uri) => schema.with_xml_namespace(leaked(uri), prefix),
        None => schema,
    }
}
