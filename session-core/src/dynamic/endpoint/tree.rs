//! The tree that a rule set is parsed into.

use super::attribute::Path;
use super::operand::Operand;

/// A variable's number.
pub(super) type Variable = usize;

/// A rule: what must hold, and what follows.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) conditions: Vec<Condition>,
    pub(super) outcome: Outcome,
}

#[derive(Debug)]
pub(super) enum Outcome {
    /// The first of these that applies; one must.
    Rules(Vec<Rule>),
    Endpoint(EndpointTemplate),
    Error(Expression),
}

#[derive(Debug)]
pub(super) struct EndpointTemplate {
    pub(super) url: Expression,
    pub(super) headers: Vec<(String, Vec<Expression>)>,
    pub(super) properties: Vec<(String, Property)>,
}

/// Holds where its value is neither absent nor false.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) value: Expression,
    /// The variable that keeps the value for the rest of the rule.
    pub(super) assign: Option<Variable>,
}

#[derive(Debug)]
pub(super) enum Expression {
    Literal(Operand),
    Variable(Variable),
    Template(Vec<Piece>),
    Attribute(Box<Expression>, Path),
    Call(Function, Vec<Expression>),
}

/// A part of a text.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Value(Expression),
}

/// A property of an endpoint: JSON in which texts are templates.
#[derive(Debug)]
pub(super) enum Property {
    Value(Expression),
    Null,
    List(Vec<Property>),
    Object(Vec<(String, Property)>),
}

/// The functions besides `getAttr`, whose path is parsed beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    BooleanEquals,
    Coalesce,
    IfThenElse,
    IsSet,
    IsValidHostLabel,
    IsVirtualHostableS3Bucket,
    Not,
    ParseArn,
    ParseUrl,
    Partition,
    Split,
    StringEquals,
    Substring,
    UriEncode,
}

impl Function {
    /// By its name in rule sets, with the number of arguments it takes; `coalesce` takes one or more.
    pub(super) fn named(name: &str) -> Option<(Self, usize)> {
        Some(match name {
            "aws.isVirtualHostableS3Bucket" => (Self::IsVirtualHostableS3Bucket, 2),
            "aws.parseArn" => (Self::ParseArn, 1),
            "aws.partition" => (Self::Partition, 1),
            "booleanEquals" => (Self::BooleanEquals, 2),
            "coalesce" => (Self::Coalesce, 1),
            "isSet" => (Self::IsSet, 1),
            "isValidHostLabel" => (Self::IsValidHostLabel, 2),
            "ite" => (Self::IfThenElse, 3),
            "not" => (Self::Not, 1),
            "parseURL" => (Self::ParseUrl, 1),
            "split" => (Self::Split, 3),
            "stringEquals" => (Self::StringEquals, 2),
            "substring" => (Self::Substring, 4),
            "uriEncode" => (Self::UriEncode, 1),
            _ => return None,
        })
    }
}
