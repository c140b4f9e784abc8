//! The moto server: an independent implementation, started on a free port and stopped by its own handle; and the
//! faults in it that the suite knows.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::Context;

/// Where moto differs from AWS's documentation: the file, the case, and the fault. The case follows AWS and is left out
/// on moto only. `CONFORMANCE_MOTO_FAULTS=1` runs them nevertheless, to see which are faults still.
const FAULTS: &[(&str, &str, &str)] = &[
    ("s3_object", "a_key_longer_than_1024_bytes_is_refused", "takes keys of any length"),
    ("s3_object", "copying_under_a_failed_precondition_says_so", "ignores x-amz-copy-source-if-match"),
    ("s3_object", "a_wrong_content_md5_is_a_bad_digest", "does not check Content-MD5"),
    (
        "s3_object",
        "deleting_more_than_1000_at_once_is_malformed",
        "deletes any number of keys in one request",
    ),
    (
        "s3_object",
        "a_bucket_name_with_capitals_is_refused",
        "takes bucket names with capitals and underscores",
    ),
    (
        "s3_listing",
        "the_old_listing_pages_by_marker",
        "does not count common prefixes towards max-keys in ListObjects",
    ),
    (
        "s3_listing",
        "a_foreign_continuation_token_is_refused",
        "answers an unknown continuation token with status 500",
    ),
    (
        "s3_multipart",
        "the_parts_so_far_are_listed_by_page",
        "calls the root element of ListParts ListPartsResponse",
    ),
    (
        "s3_multipart",
        "an_aborted_upload_cannot_be_completed",
        "answers CompleteMultipartUpload of an unknown upload with status 500",
    ),
    ("s3_multipart", "completing_in_the_wrong_order_says_so", "looks at sizes before the order of the parts"),
    ("s3_multipart", "part_numbers_are_1_to_10000", "answers part number 0 with NoSuchUpload"),
    (
        "s3_multipart",
        "a_part_of_an_unknown_upload_is_not_taken",
        "answers UploadPart of an unknown upload with status 500",
    ),
    ("s3_form", "a_file_of_another_length_is_refused", "takes forms without a look at their policy"),
    ("s3_form", "a_form_with_another_value_is_refused", "takes forms without a look at their policy"),
    ("s3_form", "a_form_with_a_field_of_its_own_is_refused", "takes forms without a look at their policy"),
    ("s3_form", "a_form_with_another_policy_is_refused", "takes forms without a look at their policy"),
    (
        "s3_resource",
        "versioning_is_enabled_and_suspended",
        "calls the root element of GetBucketVersioning GetBucketVersioningResponse",
    ),
    ("s3_resource", "who_pays_is_put_and_told", "answers GetBucketRequestPayment with a listing"),
    (
        "s3_resource",
        "what_every_bucket_has_is_there",
        "calls the root element of an empty notification GetBucketNotificationResponse",
    ),
    (
        "s3_resource",
        "all_versions_are_deleted",
        "ends a listing of versions when the one it goes on from is deleted",
    ),
    (
        "s3_resource",
        "parts_are_uploaded_copied_and_listed",
        "calls the root element of ListParts ListPartsResponse",
    ),
    ("s3_access", "a_policy_that_is_no_json_is_refused", "takes any text for a policy"),
    ("s3_access", "a_policy_of_another_bucket_is_refused", "takes any text for a policy"),
    ("s3_access", "a_public_policy_is_blocked_on_a_new_bucket", "blocks nothing on a new bucket"),
    ("s3_access", "a_new_bucket_blocks_public_access", "blocks nothing on a new bucket"),
    ("s3_access", "an_explicit_deny_is_for_the_owner_too", "denies without a code and a message"),
    ("s3_access", "a_new_bucket_takes_no_access_control_lists", "takes lists on a new bucket"),
    ("s3_access", "deleted_ownership_controls_are_not_found", "has no ownership controls on a new bucket"),
    ("s3_access", "the_owner_is_expected_by_account", "ignores x-amz-expected-bucket-owner"),
    (
        "s3_configuration",
        "a_new_bucket_has_nothing_configured",
        "calls the root element of no notifications GetBucketNotificationResponse",
    ),
    ("s3_configuration", "every_bucket_encrypts_by_default", "has no default encryption"),
    ("s3_configuration", "who_pays_is_told", "does not know RequestPayment"),
    ("s3_configuration", "metrics_are_listed_by_id", "does not know metrics configurations"),
    ("s3_encryption", "kms_says_why_a_key_is_not_unwrapped", "decrypts with a disabled key"),
    ("dynamic::kms", "a_key_is_disabled_deleted_and_brought_back", "decrypts with a disabled key"),
    ("dynamic::kms", "a_ciphertext_is_moved_to_another_key", "does not open what ReEncrypt made"),
    (
        "dynamic::kms",
        "what_is_not_there_or_not_allowed_is_told_by_code",
        "cancels a deletion that nobody scheduled",
    ),
    ("s3_transfer", "a_part_is_checked_by_its_crc32", "keeps no checksum of a multipart object"),
    (
        "s3_version",
        "a_delete_marker_hides_the_object_until_it_is_deleted_itself",
        "answers a read of a delete marker by its id with NoSuchVersion",
    ),
    ("s3_version", "a_missing_version_says_no_such_version", "takes any text for a version id"),
    (
        "s3_version",
        "a_suspended_bucket_writes_null_versions",
        "drops the other versions of a key that is written while versioning is suspended",
    ),
    ("s3_version", "a_customers_key_is_wanted_back", "reads an object without the customer's key"),
    ("s3_transfer", "a_customers_key_goes_with_all_transfers", "reads an object without the customer's key"),
    ("dynamodb_table", "a_table_that_is_deleted_is_told_as_deleting", "tells a deleted table as ACTIVE"),
    (
        "dynamodb_table",
        "the_tables_of_the_account_have_the_new_ones",
        "ends a listing early when the table it goes on from is deleted meanwhile",
    ),
    ("dynamodb_table", "a_table_name_of_two_characters_is_refused", "takes table names of two characters"),
    (
        "dynamodb_item",
        "a_projection_returns_only_those_paths",
        "keeps the last element only of several from one list",
    ),
    (
        "dynamodb_item",
        "concurrent_additions_are_all_counted",
        "updates items without a lock, so that one of several at once is lost now and then",
    ),
    ("dynamodb_item", "numbers_lose_their_redundant_zeros", "keeps numbers as they were written"),
    ("dynamodb_item", "a_number_of_39_digits_is_refused", "takes numbers of any length"),
    ("dynamodb_item", "a_number_out_of_range_is_refused", "takes numbers of any magnitude"),
    ("dynamodb_item", "a_set_with_duplicates_is_refused", "takes sets with duplicates"),
    ("dynamodb_item", "a_key_of_another_type_is_refused", "does not check the type of a key in GetItem"),
    ("dynamodb_item", "an_unused_placeholder_is_refused", "takes unused placeholders in PutItem"),
    (
        "dynamodb_item",
        "an_undefined_placeholder_is_refused",
        "answers an undefined placeholder with status 500",
    ),
    ("dynamodb_item", "a_malformed_expression_is_refused", "answers a malformed condition with status 500"),
    ("dynamodb_item", "an_item_of_more_than_400_kb_is_refused", "refuses items from 405,000 bytes on"),
    (
        "dynamodb_item",
        "values_of_different_types_are_never_in_order",
        "answers a comparison of different types with status 500",
    ),
    ("dynamodb_item", "a_transaction_reads_several_items", "ignores projections in TransactGetItems"),
    ("dynamodb_item", "consumed_capacity_is_told_when_asked_for", "tells one unit whatever the size"),
    (
        "dynamodb_expression",
        "a_filter_drops_what_it_does_not_hold_for",
        "refuses to compare an attribute that some item lacks",
    ),
    (
        "dynamodb_expression",
        "a_projection_returns_parts_of_items",
        "takes the placeholder of a name behind an index for unused",
    ),
    (
        "dynamodb_query",
        "a_page_that_ends_at_its_limit_has_a_key_to_go_on_with",
        "leaves the key out when nothing follows",
    ),
    ("dynamodb_query", "an_index_key_of_another_type_is_refused", "does not check the type of an index key"),
    ("dynamodb_query", "a_filter_on_a_key_attribute_is_refused", "takes filters on key attributes"),
    ("dynamodb_query", "a_query_of_an_unknown_index_is_refused", "answers ResourceNotFoundException"),
    ("dynamodb_query", "a_limit_of_zero_is_refused", "answers a limit of zero with status 500"),
    ("dynamodb_serde", "values_are_written_in_batches", "tells one unit whatever is written"),
    (
        "dynamodb_statement",
        "an_insert_is_found_by_a_select",
        "answers parameters in an INSERT with status 500",
    ),
    ("dynamodb_statement", "an_insert_of_a_key_that_is_there_is_refused", "lets an INSERT replace an item"),
    ("dynamodb_statement", "a_select_is_ordered_by_its_sort_key", "does not know names in double quotes"),
    ("dynamodb_statement", "a_select_goes_on_with_its_token", "ignores Limit"),
    ("dynamodb_statement", "an_update_returns_what_it_made", "answers two SETs with status 500"),
    ("dynamodb_statement", "a_write_without_its_whole_key_is_refused", "takes writes of any number of items"),
    ("dynamodb_statement", "a_text_that_is_no_statement_is_refused", "answers it with status 500"),
    (
        "dynamodb_statement",
        "a_batch_tells_what_became_of_each_statement",
        "answers parameters in an INSERT with status 500",
    ),
    (
        "dynamodb_statement",
        "a_transaction_of_statements_is_all_or_nothing",
        "answers parameters in an INSERT with status 500",
    ),
    (
        "batch_writer",
        "more_than_25_writes_in_one_request_are_refused",
        "takes any number of writes in one request",
    ),
    (
        "dynamic::s3_configuration",
        "tags_of_a_bucket_are_the_same",
        "leaves the value of a tag out where it is empty",
    ),
    (
        "dynamic::s3_configuration",
        "notifications_are_the_same",
        "calls the root element of no notifications GetBucketNotificationResponse",
    ),
    (
        "dynamic::s3_configuration",
        "acceleration_is_the_same",
        "calls the root element of no acceleration GetBucketAccelerateConfigurationResponse",
    ),
    (
        "dynamic::s3_configuration",
        "who_is_logged_and_who_pays_is_the_same",
        "wants an access control list for logs that AWS does without",
    ),
    ("dynamic::s3_listed_configuration", "metrics_are_the_same", "does not know metrics configurations"),
    (
        "dynamic::s3_listed_configuration",
        "inventories_are_the_same",
        "calls a missing inventory NoSuchInventoryConfig",
    ),
    ("dynamic::s3_listed_configuration", "analytics_are_the_same", "does not know analytics configurations"),
    ("dynamic::s3_listed_configuration", "tierings_are_the_same", "does not know tiering configurations"),
    ("dynamic::s3_access", "policies_are_the_same", "takes any text for a policy"),
    (
        "dynamic::s3_alike",
        "a_read_under_a_condition_is_refused_alike",
        "tells the request of an unsatisfiable range in the body alone",
    ),
    (
        "dynamic::s3_alike",
        "versions_are_the_same",
        "calls the root element of no versioning GetBucketVersioningResponse",
    ),
    ("dynamic::s3_alike", "locks_are_the_same", "answers GetObjectRetention without a body"),
    (
        "dynamic::s3_alike",
        "uploads_by_parts_are_the_same",
        "calls the root element of ListParts ListPartsResponse",
    ),
    ("dynamic::dynamodb_table_alike", "backups_are_the_same", "leaves the table's id out of a backup"),
    (
        "dynamic::dynamodb_table_alike",
        "points_in_time_are_the_same",
        "restores a table to a moment before it was made",
    ),
    ("dynamic::dynamodb_alike", "statements_are_the_same", "answers parameters in an INSERT with status 500"),
    ("dynamic::dynamodb_alike", "searches_of_vectors_are_the_same", "knows no vector indexes"),
    (
        "dynamic::dynamodb_table_alike",
        "contributor_insights_are_the_same",
        "does not know contributor insights",
    ),
    (
        "dynamic::dynamodb_table_alike",
        "global_tables_are_refused_alike",
        "answers CreateGlobalTable with status 500",
    ),
    (
        "dynamic::dynamodb_table_alike",
        "kinesis_destinations_are_the_same",
        "answers EnableKinesisStreamingDestination with a page of HTML",
    ),
    ("dynamic::dynamodb_table_alike", "what_is_elsewhere_is_the_same", "does not know imports"),
    ("dynamodb_vector", "the_closest_items_come_first", "knows no vector indexes"),
    ("dynamodb_vector", "a_search_by_name_finds_what_the_typed_client_finds", "knows no vector indexes"),
    ("dynamodb_vector", "a_write_to_a_vector_index_tells_its_bytes", "knows no vector indexes"),
    ("dynamodb_vector", "a_vector_of_other_dimensions_is_refused", "knows no vector indexes"),
];

/// The fault of moto's for which a case is left out.
pub(crate) fn fault(file: &str, name: &str) -> Option<&'static str> {
    FAULTS.iter().find(|known| (known.0, known.1) == (file, name)).map(|known| known.2)
}

/// Whether the left out cases run, too.
pub(crate) fn faults_are_wanted() -> bool {
    std::env::var_os("CONFORMANCE_MOTO_FAULTS").is_some()
}

/// Serves on a free port, says which, and ends when its standard input does, so that it never outlives the suite.
const SERVER: &str = include_str!("../../../xtask/peers/moto_server.py");

/// The Python to run moto with: `MOTO_PYTHON`, or that of `venv` in the target directory.
///
/// # Errors
/// Why there is none.
pub(crate) fn python() -> Result<PathBuf, String> {
    let python = match std::env::var_os("MOTO_PYTHON") {
        Some(python) => PathBuf::from(python),
        None => target_directory()?.join("venv").join("bin").join("python"),
    };
    let mut import = Command::new(&python);
    import
        .args(["-c", "import moto.server"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match import.status() {
        Ok(status) if status.success() => Ok(python),
        Ok(_) => Err(format!("`{}` cannot import moto.server", python.display())),
        Err(why) => Err(format!("`{}` does not run: {why}", python.display())),
    }
}

/// This program is in `<target>/<profile>/deps`.
fn target_directory() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|why| why.to_string())?;
    let target = program.ancestors().nth(3).ok_or("the target directory is unknown")?;
    Ok(target.to_owned())
}

/// A running moto server. Dropping it stops it.
pub(crate) struct MotoServer {
    pub endpoint_url: String,
    process: Child,
}

impl MotoServer {
    /// Starts a server and waits until it listens.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let python = python().map_err(anyhow::Error::msg)?;
        let mut process = Command::new(python)
            .args(["-c", SERVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("moto cannot be started")?;
        let mut ready = String::new();
        let stdout = process.stdout.take().context("moto has no standard output")?;
        let read = BufReader::new(stdout).read_line(&mut ready);
        let mut server = Self { endpoint_url: String::new(), process };
        read.context("moto did not say where it listens")?;
        let url = ready.trim().strip_prefix("moto listening on ");
        server.endpoint_url =
            url.with_context(|| format!("moto said {ready:?} and not where it listens"))?.to_owned();
        Ok(server)
    }
}

impl Drop for MotoServer {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It ends by itself now; a server that does not is no reason to hang.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
