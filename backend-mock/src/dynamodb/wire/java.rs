//! Lists and maps of a request as some errors echo them: as objects of Java.

use super::constraint::{lower_first, shown};
use super::json::{Json, Object};

/// A class of Java, by its fields in their order.
pub(super) struct Class {
    name: &'static str,
    fields: &'static [(&'static str, Field)],
    /// Whether it has a member at its end that only DynamoDB itself knows.
    has_profile: bool,
}

/// What a field holds.
enum Field {
    Text,
    /// A list of attribute values.
    Values,
    /// A map of attribute values.
    Attributes,
    /// A map of texts.
    Names,
    Object(&'static Class),
}

macro_rules! write_class {
    ($name:literal, $($field:expr),+) => {
        Class {
            name: $name,
            fields: &[
                $($field),+,
                ("TableName", Field::Text),
                ("ConditionExpression", Field::Text),
                ("ExpressionAttributeNames", Field::Names),
                ("ExpressionAttributeValues", Field::Attributes),
                ("ReturnValuesOnConditionCheckFailure", Field::Text),
            ],
            has_profile: true,
        }
    };
}

const KEY: (&str, Field) = ("Key", Field::Attributes);
const CONDITION_CHECK: Class = write_class!("ConditionCheck", KEY);
const PUT: Class = write_class!("Put", ("Item", Field::Attributes));
const DELETE: Class = write_class!("Delete", KEY);
const UPDATE: Class = write_class!("Update", KEY, ("UpdateExpression", Field::Text));

pub(super) const TRANSACT_WRITE_ITEM: Class = Class {
    name: "TransactWriteItem",
    fields: &[
        ("ConditionCheck", Field::Object(&CONDITION_CHECK)),
        ("Put", Field::Object(&PUT)),
        ("Delete", Field::Object(&DELETE)),
        ("Update", Field::Object(&UPDATE)),
    ],
    has_profile: false,
};

const GET: Class = Class {
    name: "Get",
    fields: &[
        KEY,
        ("TableName", Field::Text),
        ("ProjectionExpression", Field::Text),
        ("ExpressionAttributeNames", Field::Names),
    ],
    has_profile: true,
};

pub(super) const TRANSACT_GET_ITEM: Class =
    Class { name: "TransactGetItem", fields: &[("Get", Field::Object(&GET))], has_profile: false };

pub(super) const PARAMETERIZED_STATEMENT: Class = Class {
    name: "ParameterizedStatement",
    fields: &[
        ("Statement", Field::Text),
        ("Parameters", Field::Values),
        ("ReturnValuesOnConditionCheckFailure", Field::Text),
    ],
    has_profile: false,
};

pub(super) const BATCH_STATEMENT_REQUEST: Class = Class {
    name: "BatchStatementRequest",
    fields: &[
        ("Statement", Field::Text),
        ("Parameters", Field::Values),
        ("ConsistentRead", Field::Text),
        ("ReturnValuesOnConditionCheckFailure", Field::Text),
    ],
    has_profile: false,
};

const WRITE_REQUEST: Class = Class {
    name: "WriteRequest",
    fields: &[
        (
            "PutRequest",
            Field::Object(&Class {
                name: "PutRequest",
                fields: &[("Item", Field::Attributes)],
                has_profile: true,
            }),
        ),
        ("DeleteRequest", Field::Object(&Class { name: "DeleteRequest", fields: &[KEY], has_profile: true })),
    ],
    has_profile: false,
};

/// `{table=[WriteRequest(…), …]}`
pub(super) fn write_requests(tables: &Json<'_>) -> String {
    map(tables, |requests| list(requests, &WRITE_REQUEST))
}

/// `[Class(…), …]`
pub(super) fn list(elements: &Json<'_>, class: &Class) -> String {
    elements_of(elements, |element| class.shown(element))
}

impl Class {
    fn shown(&self, object: &Json<'_>) -> String {
        let fields = self.fields.iter().map(|(member, field)| {
            let value = object.get(member).filter(|value| !value.is_null());
            let value = value.map_or_else(|| "null".to_owned(), |value| field.shown(value));
            format!("{}={value}", lower_first(member))
        });
        let profile = self.has_profile.then(|| "workloadProfileName=null".to_owned());
        format!("{}({})", self.name, fields.chain(profile).collect::<Vec<_>>().join(", "))
    }
}

impl Field {
    fn shown(&self, value: &Json<'_>) -> String {
        match self {
            Self::Text => shown(value),
            Self::Values => elements_of(value, attribute_value),
            Self::Attributes => map(value, attribute_value),
            Self::Names => map(value, shown),
            Self::Object(class) => class.shown(value),
        }
    }
}

fn elements_of(elements: &Json<'_>, shown: impl Fn(&Json<'_>) -> String) -> String {
    let elements: Vec<_> = elements.as_array().unwrap_or_default().iter().map(shown).collect();
    format!("[{}]", elements.join(", "))
}

/// A hash map that was made for as many entries as there are.
fn map(object: &Json<'_>, shown: impl Fn(&Json<'_>) -> String) -> String {
    let mut entries: Vec<_> = object.as_object().into_iter().flat_map(Object::iter).collect();
    let mut buckets = entries.len().next_power_of_two();
    if entries.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    entries.sort_by_key(|(name, _)| bucket(name, buckets));
    let entries: Vec<_> =
        entries.into_iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
    format!("{{{}}}", entries.join(", "))
}

/// Where a text lies in a hash map of so many buckets.
fn bucket(text: &str, buckets: usize) -> usize {
    let hash = text.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
    (hash ^ (hash >> 16)) as usize & (buckets - 1)
}

fn attribute_value(value: &Json<'_>) -> String {
    // With the members that only DynamoDB itself knows.
    const MEMBERS: [(&str, &str); 16] = [
        ("s", "S"),
        ("n", "N"),
        ("b", "B"),
        ("iNT", ""),
        ("dECIMAL", ""),
        ("dOUBLE", ""),
        ("sS", "SS"),
        ("nS", "NS"),
        ("bS", "BS"),
        ("iNTSET", ""),
        ("dECIMALSET", ""),
        ("dOUBLESET", ""),
        ("m", "M"),
        ("l", "L"),
        ("nULL", "NULL"),
        ("bOOL", "BOOL"),
    ];
    let members = MEMBERS.map(|(shown_as, name)| {
        let member = value.get(name).filter(|member| !name.is_empty() && !member.is_null());
        let member = member.map_or_else(
            || "null".to_owned(),
            |member| match name {
                "B" => buffer(member),
                "BS" => elements_of(member, buffer),
                "L" => elements_of(member, attribute_value),
                "M" => map(member, attribute_value),
                _ => shown(member),
            },
        );
        format!("{shown_as}={member}")
    });
    format!("AttributeValue({})", members.join(", "))
}

/// Bytes, of which only their number is shown.
fn buffer(base64: &Json<'_>) -> String {
    let text = base64.as_str().unwrap_or_default();
    let bytes = text.len() / 4 * 3 - text.bytes().rev().take_while(|byte| *byte == b'=').count();
    format!("java.nio.HeapByteBuffer[pos=0 lim={bytes} cap={bytes}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_lie_as_in_a_hash_map_made_for_so_many() {
        for (sent, listed) in [
            (&["bcsb", "bdrw", "bugl", "pk"][..], "bdrw pk bcsb bugl"),
            (&["bkxo", "bjqp", "bhcs", "bfwy", "bjhz", "pk"], "bhcs bfwy bjqp pk bjhz bkxo"),
        ] {
            let object: serde_json::Map<_, _> =
                sent.iter().map(|name| ((*name).to_owned(), 1.into())).collect();
            let object = Json::from(serde_json::Value::from(object));
            let shown = map(&object, shown).replace("=1", "").replace(", ", " ");
            assert_eq!(shown, format!("{{{listed}}}"));
        }
    }
}
