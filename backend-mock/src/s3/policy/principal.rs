//! Who a statement is about, and who asks.

use super::document::{Malformed, texts};
use crate::context::AccountId;
use crate::s3::canonical_user::CanonicalUserId;

/// Who makes a request. This cloud knows of an access key its account only: everybody is the account's one IAM user,
/// the same that STS names.
#[derive(Clone, Debug)]
pub(crate) enum Requester {
    Anonymous,
    User { account_id: AccountId, arn: String },
}

impl Requester {
    pub(crate) fn new(account_id: &AccountId, partition: &str) -> Self {
        match account_id.is_anonymous() {
            true => Self::Anonymous,
            false => Self::User {
                account_id: account_id.clone(),
                arn: format!("arn:{partition}:iam::{account_id}:user/{}", Self::USER_NAME),
            },
        }
    }

    pub(crate) const USER_NAME: &'static str = "mock-aws";
}

#[derive(Debug)]
pub(super) enum Principals {
    These(Vec<Principal>),
    AllBut(Vec<Principal>),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Principal {
    Everyone,
    Account(String),
    /// A user, a role or a session, by its ARN.
    Arn(String),
    Canonical(CanonicalUserId),
    /// An AWS service, or who is federated: nobody who asks here.
    Other,
}

impl Principals {
    pub(super) fn read(statement: &serde_json::Map<String, serde_json::Value>) -> Result<Self, Malformed> {
        match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(value), None) => Ok(Self::These(read(value)?)),
            (None, Some(value)) => Ok(Self::AllBut(read(value)?)),
            (None, None) => Err(Malformed("Missing required field Principal".into())),
            (Some(_), Some(_)) => {
                Err(Malformed("Statement must contain either Principal or NotPrincipal, not both".into()))
            }
        }
    }

    pub(super) fn matches(&self, requester: &Requester) -> bool {
        match self {
            Self::These(principals) => principals.iter().any(|principal| principal.is(requester)),
            Self::AllBut(principals) => !principals.iter().any(|principal| principal.is(requester)),
        }
    }

    /// Whether these are everybody, without a name.
    pub(super) fn are_everyone(&self) -> bool {
        match self {
            Self::These(principals) => principals.contains(&Principal::Everyone),
            Self::AllBut(_) => true,
        }
    }
}

impl Principal {
    fn is(&self, requester: &Requester) -> bool {
        match (self, requester) {
            (Self::Everyone, _) => true,
            (Self::Account(id), Requester::User { account_id, .. }) => account_id.as_str() == id,
            (Self::Arn(named), Requester::User { arn, .. }) => arn == named,
            (Self::Canonical(id), Requester::User { account_id, .. }) => {
                CanonicalUserId::of(account_id) == *id
            }
            (Self::Other, _) | (_, Requester::Anonymous) => false,
        }
    }

    /// `*`, twelve digits, or an ARN of IAM or STS; the root of an account is the account.
    fn of_aws(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Everyone);
        }
        if let Some(account_id) = AccountId::parse(text) {
            return Some(Self::Account(account_id.to_string()));
        }
        let mut parts = text.splitn(6, ':');
        let (arn, partition, service, region, account) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let identity = parts.next()?;
        if arn != "arn" || !partition.starts_with("aws") || !region.is_empty() {
            return None;
        }
        let names = |kinds: &[&str]| {
            kinds.iter().any(|kind| {
                let name = identity.strip_prefix(kind);
                name.is_some_and(|name| name.len() > 1 && name.starts_with('/') && !name.contains('*'))
            })
        };
        match service {
            "iam" if account == "cloudfront" && names(&["user"]) => Some(Self::Other),
            _ if AccountId::parse(account).is_none() => None,
            "iam" if identity == "root" => Some(Self::Account(account.to_owned())),
            "iam" if names(&["user", "role"]) => Some(Self::Arn(text.to_owned())),
            "sts" if names(&["assumed-role", "federated-user"]) => Some(Self::Arn(text.to_owned())),
            _ => None,
        }
    }
}

fn read(value: &serde_json::Value) -> Result<Vec<Principal>, Malformed> {
    let invalid = || Malformed("Invalid principal in policy".into());
    let kinds = match value {
        serde_json::Value::String(text) if text == "*" => return Ok(vec![Principal::Everyone]),
        serde_json::Value::Object(kinds) if !kinds.is_empty() => kinds,
        _ => return Err(invalid()),
    };
    let mut principals = Vec::new();
    for (kind, value) in kinds {
        for text in texts(value).filter(|texts| !texts.is_empty()).ok_or_else(invalid)? {
            let principal = match kind.as_str() {
                "AWS" => Principal::of_aws(text),
                "CanonicalUser" => CanonicalUserId::parse(text).map(Principal::Canonical),
                "Service" if text.contains(".amazonaws.com") => Some(Principal::Other),
                "Federated" if !text.is_empty() => Some(Principal::Other),
                _ => None,
            };
            principals.push(principal.ok_or_else(invalid)?);
        }
    }
    Ok(principals)
}
