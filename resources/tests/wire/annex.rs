//! Every action, collection, sub-resource and waiter of boto3's S3 and DynamoDB resources, under boto3's name. What
//! has no method of that name does not compile. An `ObjectSummary` comes from a listing, and has what that told.

use std::time::Duration;

use crate::scripted::{Answer, Scripted};

/// Has the handle do each of these; sends nothing.
macro_rules! does {
    ($handle:expr; $($name:ident($($argument:expr),*)),* $(,)?) => {{
        let handle = $handle;
        $(let _made = handle.$name($($argument),*);)*
    }};
}

#[tokio::test]
async fn what_boto3_names_is_here_by_its_name() {
    const LONG: Duration = Duration::from_secs(1);
    let aws = Scripted::new(|_| Answer::Reply(200, Vec::new(), Default::default()));
    let s3 = aws.s3().await;
    does!(&s3; create_bucket(), buckets(), bucket("b"), bucket_acl("b"), bucket_cors("b"), bucket_lifecycle("b"),
        bucket_lifecycle_configuration("b"), bucket_logging("b"), bucket_notification("b"), bucket_policy("b"),
        bucket_request_payment("b"), bucket_tagging("b"), bucket_versioning("b"), bucket_website("b"),
        multipart_upload("b", "k", "u"), multipart_upload_part("b", "k", "u", 1), object("b", "k"),
        object_acl("b", "k"), object_version("b", "k", "v"));

    let bucket = s3.bucket("b");
    does!(&bucket; create(), delete(), delete_objects(), put_object(), multipart_uploads(), object_versions(),
        objects(), acl(), cors(), lifecycle(), lifecycle_configuration(), logging(), notification(), object("k"),
        policy(), request_payment(), tagging(), versioning(), website(), wait_until_exists(LONG),
        wait_until_not_exists(LONG), load());
    does!(bucket.acl(); load(), put(), bucket());
    does!(bucket.cors(); load(), delete(), put(), bucket());
    does!(bucket.lifecycle(); load(), delete(), put(), bucket());
    does!(bucket.lifecycle_configuration(); load(), delete(), put(), bucket());
    does!(bucket.logging(); load(), put(), bucket());
    does!(bucket.notification(); load(), put(), bucket());
    does!(bucket.policy(); load(), delete(), put(), bucket());
    does!(bucket.request_payment(); load(), put(), bucket());
    does!(bucket.tagging(); load(), delete(), put(), bucket());
    does!(bucket.versioning(); load(), enable(), put(), suspend(), bucket());
    does!(bucket.website(); load(), delete(), put(), bucket());

    let object = bucket.object("k");
    does!(&object; load(), copy_from(&bucket.object("l")), delete(), get(), initiate_multipart_upload(), put(),
        restore_object(), acl(), bucket(), multipart_upload("u"), version("v"), wait_until_exists(LONG),
        wait_until_not_exists(LONG));
    does!(object.acl(); load(), put(), object());
    does!(object.version("v"); load(), delete(), get(), head(), object());
    let upload = object.multipart_upload("u");
    does!(&upload; abort(), complete(), parts(), object(), part(1));
    does!(upload.part(1); copy_from(&bucket.object("l")), upload(), multipart_upload());

    let dynamodb = aws.dynamodb().await;
    does!(&dynamodb; batch_get_item(), batch_write_item(), create_table(), tables(), table("t"));
    does!(dynamodb.table("t"); load(), delete(), delete_item(), get_item(), put_item(), query(), scan(), update(),
        update_item(), wait_until_exists(LONG), wait_until_not_exists(LONG));
    assert!(aws.asked().is_empty());
}
