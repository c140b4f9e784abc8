//! Where expressions go: the SDK's builders of requests.

use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::builders::{
    ConditionCheckBuilder, DeleteBuilder, GetBuilder, KeysAndAttributesBuilder, PutBuilder, UpdateBuilder,
};

use super::condition::Precedence;
use super::placeholders::Placeholders;
use super::{Attr, Condition, KeyCondition, Update};

/// A write that can be made on a condition: PutItem, UpdateItem, DeleteItem, and the parts of a transaction.
pub trait WithCondition: Sized {
    /// Only if the condition holds, besides those that the request has already, as text or by an earlier call.
    #[must_use]
    fn condition(self, condition: Condition) -> Self;
}

/// A read of many items that can drop some: Query and Scan.
pub trait WithFilter: Sized {
    /// Only items that the filter lets pass, besides those that the request has already. A page is filtered after it was
    /// read: the capacity is that of the whole page.
    #[must_use]
    fn filter(self, filter: Condition) -> Self;
}

/// A read by key: Query.
pub trait WithKeyCondition: Sized {
    /// Only items whose key is so, besides what the request says already.
    #[must_use]
    fn key_condition(self, condition: KeyCondition) -> Self;
}

/// A read that can return a part of each item: GetItem, Query, Scan, and the parts of batches and transactions.
pub trait WithProjection: Sized {
    /// Only those attributes, besides those that the request names already.
    #[must_use]
    fn project<A: Into<Attr>>(self, attributes: impl IntoIterator<Item = A>) -> Self;
}

/// A change of an item: UpdateItem, and that of a transaction.
pub trait WithUpdate: Sized {
    /// Does that, besides what the request does already. An update without an action changes nothing here.
    #[must_use]
    fn update(self, update: Update) -> Self;
}

/// `expression` in brackets, unless one pair is around all of it: DynamoDB refuses a second pair as redundant.
fn bracketed(expression: &str) -> String {
    let expression = expression.trim();
    let mut depth = 0_usize;
    let around_all = expression.starts_with('(')
        && expression.char_indices().all(|(position, c)| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth > 0 || position + 1 == expression.len()
        });
    if around_all { expression.to_owned() } else { format!("({expression})") }
}

/// What is there, and what comes to it.
fn both(before: Option<&str>, more: String) -> String {
    match before.filter(|before| !before.trim().is_empty()) {
        Some(before) => format!("{} AND {more}", bracketed(before)),
        None => more,
    }
}

fn around(before: Option<&str>) -> Precedence {
    if before.is_some_and(|before| !before.trim().is_empty()) { Precedence::And } else { Precedence::Or }
}

macro_rules! with_condition {
    ($trait:ident :: $method:ident ($get:ident, $set:ident): $($builder:ty),*) => {
        $(impl $trait for $builder {
            fn $method(self, condition: Condition) -> Self {
                let mut placeholders = Placeholders::beside(
                    self.get_expression_attribute_names().clone(),
                    self.get_expression_attribute_values().clone(),
                );
                let before = self.$get().clone();
                let mut text = String::new();
                condition.write(&mut text, &mut placeholders, around(before.as_deref()));
                self.$set(Some(both(before.as_deref(), text)))
                    .set_expression_attribute_names(placeholders.names())
                    .set_expression_attribute_values(placeholders.values())
            }
        })*
    };
}

with_condition!(WithCondition::condition(get_condition_expression, set_condition_expression):
    PutItemFluentBuilder, UpdateItemFluentBuilder, DeleteItemFluentBuilder,
    PutBuilder, UpdateBuilder, DeleteBuilder, ConditionCheckBuilder);
with_condition!(WithFilter::filter(get_filter_expression, set_filter_expression):
    QueryFluentBuilder, ScanFluentBuilder);

impl WithKeyCondition for QueryFluentBuilder {
    fn key_condition(self, condition: KeyCondition) -> Self {
        let mut placeholders = Placeholders::beside(
            self.get_expression_attribute_names().clone(),
            self.get_expression_attribute_values().clone(),
        );
        let mut text = String::new();
        condition.write(&mut text, &mut placeholders);
        // Not in brackets: a key condition has neither OR nor NOT.
        let text = match self.get_key_condition_expression() {
            Some(before) if !before.trim().is_empty() => format!("{} AND {text}", before.trim()),
            _ => text,
        };
        self.set_key_condition_expression(Some(text))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
    }
}

macro_rules! with_projection {
    ($($builder:ty),*) => {
        $(impl WithProjection for $builder {
            fn project<A: Into<Attr>>(self, attributes: impl IntoIterator<Item = A>) -> Self {
                let names = self.get_expression_attribute_names().clone();
                let mut placeholders = Placeholders::beside(names, None);
                let mut text = self.get_projection_expression().clone().unwrap_or_default();
                for attribute in attributes {
                    if !text.trim().is_empty() {
                        text.push_str(", ");
                    }
                    attribute.into().write(&mut text, &mut placeholders);
                }
                if text.is_empty() {
                    return self;
                }
                self.set_projection_expression(Some(text)).set_expression_attribute_names(placeholders.names())
            }
        })*
    };
}

with_projection!(
    GetItemFluentBuilder,
    QueryFluentBuilder,
    ScanFluentBuilder,
    GetBuilder,
    KeysAndAttributesBuilder
);

macro_rules! with_update {
    ($($builder:ty),*) => {
        $(impl WithUpdate for $builder {
            fn update(self, update: Update) -> Self {
                if update == Update::new() {
                    return self;
                }
                let mut placeholders = Placeholders::beside(
                    self.get_expression_attribute_names().clone(),
                    self.get_expression_attribute_values().clone(),
                );
                let before = self.get_update_expression().as_deref().unwrap_or_default();
                let text = update.write_behind(before, &mut placeholders);
                self.set_update_expression(Some(text))
                    .set_expression_attribute_names(placeholders.names())
                    .set_expression_attribute_values(placeholders.values())
            }
        })*
    };
}

with_update!(UpdateItemFluentBuilder, UpdateBuilder);
