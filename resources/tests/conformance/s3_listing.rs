//! Listings: order, pages, prefixes and delimiters.

use anyhow::ensure;
use futures_util::StreamExt;
use session_core::ErrorKind;

use crate::case::{TestResult, cases, check};
use crate::world::World;

cases! {
    an_empty_bucket_lists_nothing,
    a_missing_bucket_ends_the_listing_with_an_error,
    keys_come_in_utf8_byte_order,
    a_summary_tells_size_and_etag,
    pages_joined_are_the_whole,
    only_keys_with_the_prefix_are_listed,
    a_delimiter_folds_keys_into_common_prefixes,
    common_prefixes_are_not_repeated_on_the_next_page,
    a_listing_can_start_after_a_key_that_is_not_there,
    a_limit_ends_the_listing,
    max_keys_of_zero_lists_nothing,
    key_count_counts_keys_and_common_prefixes,
    a_foreign_continuation_token_is_refused,
    the_old_listing_pages_by_marker,
    a_collection_is_asked_anew_by_every_stream,
    deleting_a_collection_leaves_the_other_keys,
    deleting_a_collection_goes_on_over_pages,
}

const TREE: [&str; 9] =
    ["a", "docs/1", "docs/2", "docs/old/1", "docs/old/2", "films/x", "films/y", "z", "zz/deep/er"];

async fn keys(objects: resources::ObjectCollection) -> Result<Vec<String>, session_core::Error> {
    let listed = objects.items().try_collect().await?;
    Ok(listed.iter().map(|summary| summary.key().to_owned()).collect())
}

async fn an_empty_bucket_lists_nothing(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    ensure!(bucket.objects().items().try_next().await?.is_none());
    let page = bucket.list_objects_v2().send().await?;
    ensure!(page.key_count() == Some(0) && page.is_truncated() == Some(false), "{page:?}");
    ensure!(page.name() == Some(bucket.name()) && page.max_keys() == Some(1000), "{page:?}");
    Ok(())
}

async fn a_missing_bucket_ends_the_listing_with_an_error(world: World) -> TestResult {
    let mut items = world.no_bucket().objects().items();
    check(items.try_next().await.unwrap_err(), ErrorKind::NotFound, "NoSuchBucket")?;
    ensure!(items.next().await.is_none());
    Ok(())
}

async fn keys_come_in_utf8_byte_order(world: World) -> TestResult {
    // U+FF5E sorts after U+1F3AC in UTF-16, and before it in UTF-8.
    let mut ordered = ["Z", "a", "a-b", "a/b", "a0", "é", "\u{ff5e}", "\u{1f3ac}"];
    let bucket = world.bucket_with(&ordered).await?;
    ordered.sort_unstable();
    ensure!(keys(bucket.objects()).await? == ordered);
    Ok(())
}

async fn a_summary_tells_size_and_etag(world: World) -> TestResult {
    let bucket = world.bucket_with(&["film"]).await?;
    let summary = bucket.objects().items().try_next().await?.expect("one object was put");
    let head = summary.object().load().await?;
    ensure!(summary.size() == 4 && summary.e_tag() == head.e_tag(), "{summary:?}");
    ensure!(summary.last_modified().is_some() && summary.entry().storage_class().is_some(), "{summary:?}");
    Ok(())
}

async fn pages_joined_are_the_whole(world: World) -> TestResult {
    let bucket = world.bucket_with(&TREE).await?;
    for page_size in [1, 2, 4, 9, 10] {
        ensure!(keys(bucket.objects().page_size(page_size)).await? == TREE, "{page_size}");
        let pages = bucket.objects().page_size(page_size).pages().try_collect().await?;
        ensure!(pages.len() == TREE.len().div_ceil(page_size as usize), "{page_size}: {}", pages.len());
    }
    Ok(())
}

async fn only_keys_with_the_prefix_are_listed(world: World) -> TestResult {
    let bucket = world.bucket_with(&TREE).await?;
    ensure!(keys(bucket.objects().prefix("docs/o")).await? == ["docs/old/1", "docs/old/2"]);
    ensure!(keys(bucket.objects().prefix("z")).await? == ["z", "zz/deep/er"]);
    ensure!(keys(bucket.objects().prefix("nothing")).await?.is_empty());
    Ok(())
}

async fn a_delimiter_folds_keys_into_common_prefixes(world: World) -> TestResult {
    let bucket = world.bucket_with(&TREE).await?;
    let root = bucket.objects().delimiter("/");
    ensure!(keys(root.clone()).await? == ["a", "z"]);
    ensure!(root.common_prefixes().try_collect().await? == ["docs/", "films/", "zz/"]);
    let docs = bucket.objects().prefix("docs/").delimiter("/");
    ensure!(keys(docs.clone()).await? == ["docs/1", "docs/2"]);
    ensure!(docs.common_prefixes().try_collect().await? == ["docs/old/"]);
    let odd = bucket.objects().delimiter("s/");
    ensure!(odd.common_prefixes().try_collect().await? == ["docs/", "films/"]);
    Ok(())
}

async fn common_prefixes_are_not_repeated_on_the_next_page(world: World) -> TestResult {
    let bucket = world.bucket_with(&TREE).await?;
    for page_size in [1, 2, 3] {
        let pages = bucket.objects().delimiter("/").page_size(page_size).pages().try_collect().await?;
        let prefixes: Vec<_> = pages.iter().flat_map(|page| &page.common_prefixes).collect();
        ensure!(prefixes == ["docs/", "films/", "zz/"], "{page_size}: {prefixes:?}");
        let full = |page: &resources::ObjectPage| page.objects.len() + page.common_prefixes.len();
        ensure!(pages.iter().all(|page| full(page) <= page_size as usize), "{pages:?}");
    }
    Ok(())
}

async fn a_listing_can_start_after_a_key_that_is_not_there(world: World) -> TestResult {
    let bucket = world.bucket_with(&TREE).await?;
    ensure!(keys(bucket.objects().start_after("films/x")).await? == ["films/y", "z", "zz/deep/er"]);
    ensure!(keys(bucket.objects().start_after("m")).await? == ["z", "zz/deep/er"]);
    Ok(())
}

async fn a_limit_ends_the_listing(world: World) -> TestResult {
    let bucket = world.bucket_with(&TREE).await?;
    for limit in [0, 1, 5, 9, 10] {
        let listed = keys(bucket.objects().page_size(2).limit(limit)).await?;
        ensure!(listed == TREE[..limit.min(TREE.len())], "{limit}: {listed:?}");
    }
    Ok(())
}

async fn max_keys_of_zero_lists_nothing(world: World) -> TestResult {
    let bucket = world.bucket_with(&["a"]).await?;
    let page = bucket.list_objects_v2().max_keys(0).send().await?;
    ensure!(page.contents().is_empty() && page.is_truncated() == Some(false), "{page:?}");
    Ok(())
}

async fn key_count_counts_keys_and_common_prefixes(world: World) -> TestResult {
    let bucket = world.bucket_with(&TREE).await?;
    let page = bucket.list_objects_v2().delimiter("/").send().await?;
    ensure!(page.key_count() == Some(5) && page.delimiter() == Some("/"), "{page:?}");
    Ok(())
}

async fn a_foreign_continuation_token_is_refused(world: World) -> TestResult {
    let bucket = world.bucket_with(&TREE).await?;
    let error = bucket.list_objects_v2().continuation_token("not a token").send().await.unwrap_err();
    check(error, ErrorKind::InvalidInput, "InvalidArgument")
}

async fn the_old_listing_pages_by_marker(world: World) -> TestResult {
    let bucket = world.bucket_with(&TREE).await?;
    let list = || bucket.client().list_objects().bucket(bucket.name()).delimiter("/").max_keys(2);
    let first = list().send().await?;
    ensure!(first.is_truncated() == Some(true) && first.next_marker() == Some("docs/"), "{first:?}");
    let second = list().set_marker(first.next_marker).send().await?;
    let prefixes: Vec<_> = second.common_prefixes().iter().filter_map(|common| common.prefix()).collect();
    ensure!(prefixes == ["films/"] && second.contents().len() == 1, "{second:?}");
    Ok(())
}

async fn a_collection_is_asked_anew_by_every_stream(world: World) -> TestResult {
    let bucket = world.bucket_with(&["a"]).await?;
    let objects = bucket.objects();
    ensure!(keys(objects.clone()).await? == ["a"]);
    bucket.object("b").put().send().await?;
    ensure!(keys(objects).await? == ["a", "b"]);
    Ok(())
}

async fn deleting_a_collection_leaves_the_other_keys(world: World) -> TestResult {
    let bucket = world.bucket_with(&TREE).await?;
    ensure!(bucket.objects().prefix("docs/").delete().await?.complete()? == 4);
    ensure!(keys(bucket.objects()).await? == ["a", "films/x", "films/y", "z", "zz/deep/er"]);
    ensure!(bucket.objects().prefix("docs/").delete().await?.complete()? == 0);
    Ok(())
}

async fn deleting_a_collection_goes_on_over_pages(world: World) -> TestResult {
    let bucket = world.bucket_with(&TREE).await?;
    ensure!(bucket.objects().page_size(2).delete().await?.complete()? == TREE.len());
    ensure!(bucket.objects().items().try_next().await?.is_none());
    Ok(())
}
