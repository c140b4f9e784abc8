//! The requests of a BatchWriteItem as some of its errors echo them: as objects of Java.

use super::json::{Json, Object};
use super::shape::{lower_first, shown};

/// `{table=[WriteRequest(…), …]}`
pub(super) fn write_requests(tables: &Json<'_>) -> String {
    let tables = tables.as_object().into_iter().flat_map(Object::iter).map(|(name, requests)| {
        let requests: Vec<_> = requests.as_array().into_iter().flatten().map(write_request).collect();
        format!("{name}=[{}]", requests.join(", "))
    });
    format!("{{{}}}", tables.collect::<Vec<_>>().join(", "))
}

fn write_request(request: &Json<'_>) -> String {
    let put = part(request, "PutRequest", "Item", ", workloadProfileName=null");
    let delete = part(request, "DeleteRequest", "Key", "");
    format!("WriteRequest({put}, {delete})")
}

fn part(request: &Json<'_>, class: &str, attributes: &str, more: &str) -> String {
    let member = lower_first(class);
    let Some(values) = request.get(class).and_then(|part| part.get(attributes)).and_then(Json::as_object)
    else {
        return format!("{member}=null");
    };
    let values: Vec<_> =
        values.iter().map(|(name, value)| format!("{name}={}", attribute_value(value))).collect();
    format!("{member}={class}({}={{{}}}{more})", lower_first(attributes), values.join(", "))
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
        let member = value.get(name).filter(|_| !name.is_empty()).map_or_else(|| "null".to_owned(), shown);
        format!("{shown_as}={member}")
    });
    format!("AttributeValue({})", members.join(", "))
}
