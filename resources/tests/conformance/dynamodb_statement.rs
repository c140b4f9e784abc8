//! PartiQL: statements on their own, by page, in batches and in transactions.

use anyhow::ensure;
use aws_sdk_dynamodb::operation::execute_transaction::ExecuteTransactionError;
use aws_sdk_dynamodb::types::{BatchStatementErrorCodeEnum, BatchStatementRequest, ParameterizedStatement};
use resources::{Item, Table};
use session_core::{Error, ErrorKind};

use crate::case::{TestResult, cases, check};
use crate::world::{World, item, n, s};

cases! {
    an_insert_is_found_by_a_select,
    an_insert_of_a_key_that_is_there_is_refused,
    a_select_is_ordered_by_its_sort_key,
    a_select_goes_on_with_its_token,
    an_update_returns_what_it_made,
    a_write_without_its_whole_key_is_refused,
    a_text_that_is_no_statement_is_refused,
    a_batch_tells_what_became_of_each_statement,
    a_transaction_of_statements_is_all_or_nothing,
}

const REFUSED: &str = "ValidationException";

async fn orders(world: &World) -> Result<Table, Error> {
    let table = world.fresh_orders().await?;
    let mut writer = table.batch_writer();
    for at in 1..=4 {
        writer.put_item([("customer", s("ada")), ("at", n(at)), ("status", s("new"))]).await?;
    }
    writer.finish().await?;
    Ok(table)
}

fn ats(items: &[Item]) -> Vec<i64> {
    items.iter().filter_map(|item| item["at"].as_n().ok()?.parse().ok()).collect()
}

async fn an_insert_is_found_by_a_select(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    let insert =
        format!("INSERT INTO \"{}\" VALUE {{'customer': ?, 'at': 2, 'status': 'new'}}", table.name());
    table.client().execute_statement().statement(insert).parameters(s("ada")).send().await?;
    let select = format!("SELECT * FROM \"{}\" WHERE customer = ? AND \"at\" = 2", table.name());
    let found = table.client().execute_statement().statement(select).parameters(s("ada")).send().await?;
    ensure!(
        found.items() == [item([("customer", s("ada")), ("at", n(2)), ("status", s("new"))])],
        "{found:?}"
    );
    Ok(())
}

async fn an_insert_of_a_key_that_is_there_is_refused(world: World) -> TestResult {
    let table = orders(&world).await?;
    let insert = format!("INSERT INTO \"{}\" VALUE {{'customer': 'ada', 'at': 2}}", table.name());
    let error = table.client().execute_statement().statement(insert).send().await.unwrap_err();
    ensure!(error.into_service_error().is_duplicate_item_exception());
    Ok(())
}

async fn a_select_is_ordered_by_its_sort_key(world: World) -> TestResult {
    let table = orders(&world).await?;
    let select = format!(
        "SELECT \"at\" FROM \"{}\" WHERE customer = 'ada' AND \"at\" > 1 ORDER BY \"at\" DESC",
        table.name()
    );
    let found = table.client().execute_statement().statement(select).send().await?;
    ensure!(ats(found.items()) == [4, 3, 2], "{found:?}");
    Ok(())
}

async fn a_select_goes_on_with_its_token(world: World) -> TestResult {
    let table = orders(&world).await?;
    let select = format!("SELECT * FROM \"{}\" WHERE customer = 'ada'", table.name());
    let read = || table.client().execute_statement().statement(&select);
    let first = read().limit(3).send().await?;
    ensure!(ats(first.items()) == [1, 2, 3] && first.next_token().is_some(), "{first:?}");
    let rest = read().set_next_token(first.next_token).send().await?;
    ensure!(ats(rest.items()) == [4] && rest.next_token().is_none(), "{rest:?}");
    Ok(())
}

async fn an_update_returns_what_it_made(world: World) -> TestResult {
    let table = orders(&world).await?;
    let update = format!(
        "UPDATE \"{}\" SET status = 'sent' SET tags = <<'a', 'b'>> WHERE customer = 'ada' AND \"at\" = 1 \
         RETURNING MODIFIED NEW *",
        table.name()
    );
    let updated = table.client().execute_statement().statement(update).send().await?;
    ensure!(updated.items().len() == 1 && updated.items()[0]["status"] == s("sent"), "{updated:?}");
    ensure!(updated.items()[0]["tags"].as_ss().is_ok_and(|tags| tags.len() == 2), "{updated:?}");
    Ok(())
}

async fn a_write_without_its_whole_key_is_refused(world: World) -> TestResult {
    let table = orders(&world).await?;
    let delete = format!("DELETE FROM \"{}\" WHERE customer = 'ada'", table.name());
    let error = table.client().execute_statement().statement(delete).send().await.unwrap_err();
    let message = "Where clause does not contain a mandatory equality on all key attributes";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn a_text_that_is_no_statement_is_refused(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    let error = table.client().execute_statement().statement("SELECTT 1").send().await.unwrap_err();
    check(error, ErrorKind::InvalidInput, REFUSED)
}

async fn a_batch_tells_what_became_of_each_statement(world: World) -> TestResult {
    let table = orders(&world).await?;
    let insert = |at: i64| {
        let text = format!("INSERT INTO \"{}\" VALUE {{'customer': 'ada', 'at': ?}}", table.name());
        BatchStatementRequest::builder().statement(text).parameters(n(at)).build()
    };
    let batch = table.client().batch_execute_statement().statements(insert(1)?).statements(insert(9)?);
    let done = batch.send().await?;
    let codes: Vec<_> =
        done.responses().iter().map(|response| response.error().and_then(|error| error.code())).collect();
    ensure!(codes == [Some(&BatchStatementErrorCodeEnum::DuplicateItem), None], "{done:?}");
    Ok(())
}

async fn a_transaction_of_statements_is_all_or_nothing(world: World) -> TestResult {
    let table = orders(&world).await?;
    let insert = |at: i64| {
        let text = format!("INSERT INTO \"{}\" VALUE {{'customer': 'ada', 'at': ?}}", table.name());
        ParameterizedStatement::builder().statement(text).parameters(n(at)).build()
    };
    let transaction = table.client().execute_transaction();
    let transaction = transaction.transact_statements(insert(9)?).transact_statements(insert(1)?);
    let error = transaction.send().await.unwrap_err().into_service_error();
    let ExecuteTransactionError::TransactionCanceledException(cancelled) = &error else {
        anyhow::bail!("another error: {error:?}")
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    ensure!(codes == ["None", "DuplicateItem"], "{cancelled:?}");
    let select = format!("SELECT * FROM \"{}\" WHERE customer = 'ada' AND \"at\" = 9", table.name());
    let found = table.client().execute_statement().statement(select).send().await?;
    ensure!(found.items().is_empty(), "{found:?}");
    Ok(())
}
