//! UpdateContributorInsights, DescribeContributorInsights and ListContributorInsights.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::table_settings::ContributorInsights;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{INDEX_NAME, Member, Rule, Shape, TABLE_NAME, optional, required};
use super::table::check_table_name;
use super::table_settings::timestamp;

const UPDATE: &[Member] = &[
    TABLE_NAME,
    INDEX_NAME,
    required("ContributorInsightsAction", Shape::String, &[Rule::OneOf(&["ENABLE", "DISABLE"])]),
    optional(
        "ContributorInsightsMode",
        Shape::String,
        &[Rule::OneOf(&["ACCESSED_AND_THROTTLED_KEYS", "THROTTLED_KEYS"])],
    ),
];

pub(super) fn update_contributor_insights(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, UPDATE)?;
    let is_enabled = input.text("ContributorInsightsAction") == Some("ENABLE");
    let insights = ContributorInsights {
        index: input.text("IndexName").map(Into::into),
        is_enabled,
        mode: input.text("ContributorInsightsMode").unwrap_or("ACCESSED_AND_THROTTLED_KEYS").into(),
        updated: now,
    };
    let name = engine.update_contributor_insights(&input.string("TableName"), insights.clone())?;
    let mut answer = summary(&name, &insights);
    answer["ContributorInsightsStatus"] = if is_enabled { "ENABLING" } else { "DISABLING" }.into();
    Ok(answer)
}

pub(super) fn describe_contributor_insights(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, &[TABLE_NAME, INDEX_NAME])?;
    let index = input.text("IndexName");
    let (table, insights) = engine.contributor_insights(&input.string("TableName"), index)?;
    let Some(insights) = insights else {
        let mut answer = summary(&table.definition.name, &ContributorInsights::disabled(index));
        if let Some(answer) = answer.as_object_mut() {
            answer.remove("ContributorInsightsMode");
        }
        return Ok(answer);
    };
    let mut answer = summary(&table.definition.name, &insights);
    answer["LastUpdateDateTime"] = timestamp(insights.updated);
    if insights.is_enabled {
        let since = insights.updated.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let schema = match index {
            None => Some(&table.definition.key_schema),
            Some(name) => table
                .indexes
                .iter()
                .find(|index| *index.definition.name == *name)
                .map(|index| &index.definition.key_schema),
        };
        let has_sort = schema.is_some_and(|schema| schema.sort.is_some());
        let kinds: &[&str] = match (&*insights.mode, has_sort) {
            ("THROTTLED_KEYS", false) => &["PKT"],
            ("THROTTLED_KEYS", true) => &["PKT", "SKT"],
            (_, false) => &["PKC", "PKT"],
            (_, true) => &["PKC", "PKT", "SKC", "SKT"],
        };
        let name = &table.definition.name;
        let rules = kinds.iter().map(|kind| format!("DynamoDBContributorInsights-{kind}-{name}-{since}"));
        answer["ContributorInsightsRuleList"] = rules.collect::<Vec<_>>().into();
    }
    Ok(answer)
}

pub(super) fn list_contributor_insights(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(
        body,
        &[
            optional("TableName", Shape::String, &[Rule::TableName]),
            optional("NextToken", Shape::String, &[]),
            optional("MaxResults", Shape::Integer, &[Rule::Max(100)]),
        ],
    )?;
    let start: usize = match input.text("NextToken").map(str::parse) {
        None => 0,
        Some(Ok(start)) => start,
        Some(Err(_)) => return Err(Fault::validation("Invalid NextToken")),
    };
    let limit = input.integer("MaxResults").and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.filter(|limit| *limit > 0).unwrap_or(100);
    let mut all = engine.all_contributor_insights(input.text("TableName")).skip(start);
    let page: Vec<_> = all.by_ref().take(limit).map(|(name, insights)| summary(name, insights)).collect();
    let end = start.saturating_add(page.len());
    let mut answer = json!({"ContributorInsightsSummaries": page});
    if all.next().is_some() {
        answer["NextToken"] = end.to_string().into();
    }
    Ok(answer)
}

fn summary(table_name: &str, insights: &ContributorInsights) -> Value {
    let mut summary = json!({
        "TableName": table_name,
        "ContributorInsightsStatus": if insights.is_enabled { "ENABLED" } else { "DISABLED" },
        "ContributorInsightsMode": &*insights.mode,
    });
    if let Some(index) = &insights.index {
        summary["IndexName"] = (&**index).into();
    }
    summary
}
