//! Queries and scans: order, pages, filters, indexes, and what is refused.

use anyhow::ensure;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use resources::{Item, Table};
use session_core::{Error, ErrorKind};

use crate::case::{TestResult, cases, check};
use crate::world::{World, item, n, s};

cases! {
    a_query_sorts_numbers_by_value,
    a_query_can_go_backwards,
    a_sort_key_condition_narrows_the_query,
    a_query_goes_on_where_its_last_page_ended,
    a_page_that_ends_at_its_limit_has_a_key_to_go_on_with,
    the_items_of_a_query_are_those_of_all_pages,
    a_filter_counts_what_it_dropped,
    a_count_returns_no_items,
    a_projection_of_a_query_returns_only_those_attributes,
    an_index_is_queried_by_its_own_key,
    an_item_without_the_index_key_is_not_in_the_index,
    an_index_key_of_another_type_is_refused,
    an_index_is_queried_by_page,
    a_consistent_read_of_a_global_index_is_refused,
    a_query_without_the_partition_key_is_refused,
    a_filter_on_a_key_attribute_is_refused,
    a_query_of_an_unknown_index_is_refused,
    a_query_ends_its_page_at_one_megabyte,
    a_scan_finds_every_item,
    a_scan_in_segments_finds_every_item_once,
    a_scan_with_a_filter_goes_on_over_empty_pages,
    a_limit_of_zero_is_refused,
}

const REFUSED: &str = "ValidationException";

/// Orders of the customers `ada` and `bob`, at -5, 2, 10 and so on.
const ORDERS: [(&str, i64, &str); 7] = [
    ("ada", -5, "sent"),
    ("ada", 2, "open"),
    ("ada", 10, "sent"),
    ("ada", 33, "open"),
    ("ada", 100, "lost"),
    ("bob", 1, "open"),
    ("bob", 2, "sent"),
];

async fn orders(world: &World) -> Result<Table, Error> {
    let table = world.fresh_orders().await?;
    let mut writer = table.batch_writer();
    for (customer, at, status) in ORDERS {
        writer.put_item([("customer", s(customer)), ("at", n(at)), ("status", s(status))]).await?;
    }
    writer.finish().await?;
    Ok(table)
}

fn of(query: QueryFluentBuilder, customer: &str) -> QueryFluentBuilder {
    let query = query.key_condition_expression("customer = :customer");
    query.expression_attribute_values(":customer", s(customer))
}

fn ats(items: &[Item]) -> Vec<i64> {
    let number = |item: &Item| item["at"].as_n().ok().and_then(|number| number.parse().ok());
    items.iter().filter_map(number).collect()
}

async fn a_query_sorts_numbers_by_value(world: World) -> TestResult {
    let table = orders(&world).await?;
    let page = of(table.query(), "ada").send().await?;
    ensure!(ats(page.items()) == [-5, 2, 10, 33, 100], "{page:?}");
    ensure!(
        page.count() == 5 && page.scanned_count() == 5 && page.last_evaluated_key().is_none(),
        "{page:?}"
    );
    Ok(())
}

async fn a_query_can_go_backwards(world: World) -> TestResult {
    let table = orders(&world).await?;
    let page = of(table.query(), "ada").scan_index_forward(false).limit(2).send().await?;
    ensure!(ats(page.items()) == [100, 33], "{page:?}");
    Ok(())
}

async fn a_sort_key_condition_narrows_the_query(world: World) -> TestResult {
    let table = orders(&world).await?;
    for (condition, expected) in [
        ("#at = :low", vec![2]),
        ("#at < :low", vec![-5]),
        ("#at <= :low", vec![-5, 2]),
        ("#at > :low", vec![10, 33, 100]),
        ("#at >= :low", vec![2, 10, 33, 100]),
        ("#at BETWEEN :low AND :high", vec![2, 10, 33]),
    ] {
        let condition = format!("customer = :customer AND {condition}");
        let mut query = of(table.query(), "ada").key_condition_expression(&condition);
        query = query.expression_attribute_names("#at", "at").expression_attribute_values(":low", n(2));
        if condition.contains(":high") {
            query = query.expression_attribute_values(":high", n(33));
        }
        let page = query.send().await?;
        ensure!(ats(page.items()) == expected, "{condition}: {page:?}");
    }
    Ok(())
}

async fn a_query_goes_on_where_its_last_page_ended(world: World) -> TestResult {
    let table = orders(&world).await?;
    let first = of(table.query(), "ada").limit(2).send().await?;
    let last = first.last_evaluated_key.clone();
    ensure!(last == Some(item([("customer", s("ada")), ("at", n(2))])), "{first:?}");
    let rest = of(table.query(), "ada").set_exclusive_start_key(last).send().await?;
    ensure!(ats(rest.items()) == [10, 33, 100], "{rest:?}");
    Ok(())
}

async fn a_page_that_ends_at_its_limit_has_a_key_to_go_on_with(world: World) -> TestResult {
    let table = orders(&world).await?;
    let full = of(table.query(), "ada").limit(5).send().await?;
    ensure!(full.count() == 5 && full.last_evaluated_key().is_some(), "{full:?}");
    let rest = of(table.query(), "ada").set_exclusive_start_key(full.last_evaluated_key).send().await?;
    ensure!(rest.count() == 0 && rest.last_evaluated_key().is_none(), "{rest:?}");
    Ok(())
}

async fn the_items_of_a_query_are_those_of_all_pages(world: World) -> TestResult {
    let table = orders(&world).await?;
    for page_size in 1..=6 {
        let items = table.query_items(|query| of(query, "ada").limit(page_size)).try_collect().await?;
        ensure!(ats(&items) == [-5, 2, 10, 33, 100], "{page_size}: {items:?}");
    }
    Ok(())
}

async fn a_filter_counts_what_it_dropped(world: World) -> TestResult {
    let table = orders(&world).await?;
    let query = of(table.query(), "ada").filter_expression("#status = :open");
    let query =
        query.expression_attribute_names("#status", "status").expression_attribute_values(":open", s("open"));
    let page = query.clone().send().await?;
    ensure!(ats(page.items()) == [2, 33] && page.count() == 2 && page.scanned_count() == 5, "{page:?}");
    // The limit counts what was looked at, not what passed.
    let page = query.limit(3).send().await?;
    ensure!(ats(page.items()) == [2] && page.scanned_count() == 3, "{page:?}");
    Ok(())
}

async fn a_count_returns_no_items(world: World) -> TestResult {
    let table = orders(&world).await?;
    let page = of(table.query(), "bob").select(Select::Count).send().await?;
    ensure!(page.count() == 2 && page.items.is_none(), "{page:?}");
    Ok(())
}

async fn a_projection_of_a_query_returns_only_those_attributes(world: World) -> TestResult {
    let table = orders(&world).await?;
    let query = of(table.query(), "bob").projection_expression("#at").expression_attribute_names("#at", "at");
    let page = query.send().await?;
    ensure!(page.items() == [item([("at", n(1))]), item([("at", n(2))])], "{page:?}");
    Ok(())
}

fn by_status(query: QueryFluentBuilder, status: &str) -> QueryFluentBuilder {
    let query = query.index_name("by-status").key_condition_expression("#status = :status");
    query.expression_attribute_names("#status", "status").expression_attribute_values(":status", s(status))
}

async fn an_index_is_queried_by_its_own_key(world: World) -> TestResult {
    let table = orders(&world).await?;
    let page = by_status(table.query(), "open").send().await?;
    ensure!(ats(page.items()) == [1, 2, 33], "{page:?}");
    let update = table.update_item().key("customer", s("ada")).key("at", n(2));
    let update =
        update.update_expression("SET #status = :sent").expression_attribute_names("#status", "status");
    update.expression_attribute_values(":sent", s("sent")).send().await?;
    let page = by_status(table.query(), "open").send().await?;
    ensure!(ats(page.items()) == [1, 33], "{page:?}");
    Ok(())
}

async fn an_item_without_the_index_key_is_not_in_the_index(world: World) -> TestResult {
    let table = orders(&world).await?;
    table.put_item().item("customer", s("cy")).item("at", n(1)).send().await?;
    let indexed = table.scan_items(|scan| scan.index_name("by-status")).try_collect().await?;
    ensure!(indexed.len() == ORDERS.len(), "{indexed:?}");
    Ok(())
}

async fn an_index_key_of_another_type_is_refused(world: World) -> TestResult {
    let table = orders(&world).await?;
    let put = table.put_item().item("customer", s("cy")).item("at", n(2)).item("status", n(1));
    let message = "One or more parameter values were invalid: Type mismatch for Index Key status Expected: S Actual: N \
                   IndexName: by-status";
    world.check_message(put.send().await.unwrap_err(), ErrorKind::InvalidInput, REFUSED, message)
}

async fn an_index_is_queried_by_page(world: World) -> TestResult {
    let table = orders(&world).await?;
    let first = by_status(table.query(), "sent").limit(1).send().await?;
    let key = first.last_evaluated_key().map(|key| {
        let mut names: Vec<_> = key.keys().map(String::as_str).collect();
        names.sort_unstable();
        names.join(" ")
    });
    ensure!(key.as_deref() == Some("at customer status"), "{first:?}");
    let items = table.query_items(|query| by_status(query, "sent").limit(1)).try_collect().await?;
    ensure!(ats(&items) == [-5, 2, 10], "{items:?}");
    Ok(())
}

async fn a_consistent_read_of_a_global_index_is_refused(world: World) -> TestResult {
    let table = orders(&world).await?;
    let error = by_status(table.query(), "sent").consistent_read(true).send().await.unwrap_err();
    let message = "Consistent reads are not supported on global secondary indexes";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn a_query_without_the_partition_key_is_refused(world: World) -> TestResult {
    let table = orders(&world).await?;
    let query = table.query().key_condition_expression("#at = :at").expression_attribute_names("#at", "at");
    let error = query.expression_attribute_values(":at", n(1)).send().await.unwrap_err();
    let message = "Query condition missed key schema element: customer";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn a_filter_on_a_key_attribute_is_refused(world: World) -> TestResult {
    let table = orders(&world).await?;
    let query = of(table.query(), "ada").filter_expression("customer = :customer");
    let message =
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: customer";
    world.check_message(query.send().await.unwrap_err(), ErrorKind::InvalidInput, REFUSED, message)
}

async fn a_query_of_an_unknown_index_is_refused(world: World) -> TestResult {
    let table = orders(&world).await?;
    let error = of(table.query(), "ada").index_name("by-colour").send().await.unwrap_err();
    let message = "The table does not have the specified index: by-colour";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn a_query_ends_its_page_at_one_megabyte(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    for at in 0..5 {
        let put = table.put_item().item("customer", s("ada")).item("at", n(at));
        put.item("text", s("x".repeat(300_000))).send().await?;
    }
    // Whether the item that passes the megabyte is on the page is nowhere documented.
    let page = of(table.query(), "ada").send().await?;
    ensure!((3..=4).contains(&page.count()) && page.last_evaluated_key().is_some(), "{} items", page.count());
    let items = table.query_items(|query| of(query, "ada")).try_collect().await?;
    ensure!(ats(&items) == [0, 1, 2, 3, 4]);
    Ok(())
}

fn names_of(items: Vec<Item>) -> Vec<String> {
    let mut names: Vec<_> =
        items.iter().map(|item| format!("{:?} {:?}", item["customer"], item["at"])).collect();
    names.sort_unstable();
    names
}

async fn a_scan_finds_every_item(world: World) -> TestResult {
    let table = orders(&world).await?;
    let whole = names_of(table.scan_items(|scan| scan).try_collect().await?);
    ensure!(whole.len() == ORDERS.len(), "{whole:?}");
    for page_size in 1..=8 {
        let paged = names_of(table.scan_items(|scan| scan.limit(page_size)).try_collect().await?);
        ensure!(paged == whole, "{page_size}: {paged:?}");
    }
    Ok(())
}

async fn a_scan_in_segments_finds_every_item_once(world: World) -> TestResult {
    let table = orders(&world).await?;
    let mut found = Vec::new();
    for segment in 0..4 {
        let part = table.scan_items(|scan| scan.segment(segment).total_segments(4).limit(1));
        found.extend(part.try_collect().await?);
    }
    ensure!(names_of(found) == names_of(table.scan_items(|scan| scan).try_collect().await?));
    Ok(())
}

async fn a_scan_with_a_filter_goes_on_over_empty_pages(world: World) -> TestResult {
    let table = orders(&world).await?;
    let lost = table.scan_items(|scan| {
        let scan = scan.filter_expression("#status = :lost").expression_attribute_names("#status", "status");
        scan.expression_attribute_values(":lost", AttributeValue::S("lost".into())).limit(1)
    });
    ensure!(ats(&lost.try_collect().await?) == [100]);
    Ok(())
}

async fn a_limit_of_zero_is_refused(world: World) -> TestResult {
    let table = orders(&world).await?;
    let error = table.scan().limit(0).send().await.unwrap_err();
    check(error, ErrorKind::InvalidInput, REFUSED)
}
