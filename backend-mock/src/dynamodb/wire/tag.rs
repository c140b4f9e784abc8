//! TagResource, UntagResource and ListTagsOfResource.

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Member, Shape, optional};
use super::table_settings::{TAGS, tags};

const RESOURCE_ARN: Member = optional("ResourceArn", Shape::String, &[]);

pub(super) fn tag_resource(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, &[RESOURCE_ARN, TAGS])?;
    engine.tag_resource(&input.string("ResourceArn"), tags(input))?;
    Ok(json!({}))
}

pub(super) fn untag_resource(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let members = &[RESOURCE_ARN, optional("TagKeys", Shape::List(&Shape::String), &[])];
    let input = Input::check(body, members)?;
    let keys = input.list("TagKeys").unwrap_or_default().iter().filter_map(Json::as_str);
    engine.untag_resource(&input.string("ResourceArn"), &keys.map(str::to_owned).collect::<Vec<_>>())?;
    Ok(json!({}))
}

pub(super) fn list_tags_of_resource(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, &[RESOURCE_ARN, optional("NextToken", Shape::String, &[])])?;
    let start = match input.text("NextToken") {
        None => 0,
        Some(token) => token
            .parse()
            .map_err(|_| Fault::validation(format!("Invalid NextToken provided as input: {token}")))?,
    };
    let page = engine.list_tags(&input.string("ResourceArn"), start)?;
    let tags = page.tags.iter().map(|tag| json!({"Key": &*tag.key, "Value": &*tag.value}));
    let mut answer = json!({"Tags": tags.collect::<Vec<_>>()});
    if let Some(next) = page.next {
        answer["NextToken"] = next.to_string().into();
    }
    Ok(answer)
}
