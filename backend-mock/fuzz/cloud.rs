//! A DynamoDB behind its wire, new for every text, so that a text that fails does so alone.

use std::sync::Mutex;
use std::time::UNIX_EPOCH;

use crate::context::{AccountId, RegionName, RequestContext};
use crate::dynamodb::{self, Account, EngineOptions};
use crate::requests::{self, Corpus};
use crate::seed::IdSource;

/// Answers all requests that a text makes.
pub(crate) fn answer(corpus: Corpus, bytes: &[u8]) {
    let region = RegionName::new("eu-west-1");
    let account = Mutex::new(Account::new(AccountId::default(), EngineOptions::default()));
    let ids = Mutex::new(IdSource::new(1));
    let context = RequestContext {
        is_secure: false,
        account_id: AccountId::default(),
        region,
        request_id: "REQUEST".to_owned(),
        now: UNIX_EPOCH,
    };
    let prepared = [requests::create_table(), requests::put_item()];
    for (operation, body) in prepared.into_iter().chain(corpus.requests(bytes)) {
        let target = format!("DynamoDB_20120810.{operation}");
        let response = dynamodb::respond(&account, &ids, &context, &target, &body);
        let status = response.status().as_u16();
        assert!(matches!(status, 200 | 400) || is_internal_failure(response.body()), "{operation}: {status}");
    }
}

/// What DynamoDB trips over, and so does this.
fn is_internal_failure(body: &[u8]) -> bool {
    ["InternalFailure", "InternalServerError"].iter().any(|code| {
        let code = format!("#{code}\"");
        body.windows(code.len()).any(|window| window == code.as_bytes())
    })
}
