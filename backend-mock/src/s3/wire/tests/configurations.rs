//! Configurations of a bucket: put, told back, refused, and missing.

use super::*;

/// Puts a configuration, and gives what is told of it.
async fn told(world: &World, subresource: &str, xml: &str) -> Answer {
    let put = world.ask(&format!("PUT /films?{subresource}"), xml.to_owned()).await;
    assert!(matches!(put.status, 200 | 204), "{subresource}: {}", put.body);
    let told = world.ask(&format!("GET /films?{subresource}"), "").await;
    assert_eq!(told.status, 200, "{subresource}: {}", told.body);
    told
}

async fn refused(world: &World, subresource: &str, xml: &str) -> (u16, String) {
    let answer = world.ask(&format!("PUT /films?{subresource}"), xml.to_owned()).await;
    (answer.status, answer.element("Code").to_owned())
}

#[tokio::test]
async fn what_is_not_configured_is_told_by_a_code_of_its_own() {
    let world = World::with_bucket().await;
    for (subresource, code) in [
        ("cors", "NoSuchCORSConfiguration"),
        ("tagging", "NoSuchTagSet"),
        ("replication", "ReplicationConfigurationNotFoundError"),
        ("website", "NoSuchWebsiteConfiguration"),
        ("policy", "NoSuchBucketPolicy"),
        ("inventory&id=a", "NoSuchConfiguration"),
        ("metrics&id=a", "NoSuchConfiguration"),
        ("analytics&id=a", "NoSuchConfiguration"),
        ("intelligent-tiering&id=a", "NoSuchConfiguration"),
    ] {
        let answer = world.ask(&format!("GET /films?{subresource}"), "").await;
        assert_eq!(answer.refusal(), (404, code), "{subresource}");
        let elsewhere = world.ask(&format!("GET /none?{subresource}"), "").await;
        assert_eq!(elsewhere.refusal(), (404, "NoSuchBucket"), "{subresource}");
    }
    for subresource in ["logging", "notification", "accelerate"] {
        let answer = world.ask(&format!("GET /films?{subresource}"), "").await;
        assert_eq!((answer.status, answer.element("Status")), (200, ""), "{subresource}");
    }
    for subresource in ["cors", "tagging", "replication", "website", "encryption", "policy"] {
        assert_eq!(world.ask(&format!("DELETE /films?{subresource}"), "").await.status, 204, "{subresource}");
    }
}

#[tokio::test]
async fn tags_are_told_and_taken_away() {
    let world = World::with_bucket().await;
    let tags = "<Tagging><TagSet><Tag><Key>colour</Key><Value>red</Value></Tag></TagSet></Tagging>";
    assert_eq!(world.ask("PUT /films?tagging", tags).await.status, 204);
    let told = world.ask("GET /films?tagging", "").await;
    assert_eq!((told.element("Key"), told.element("Value")), ("colour", "red"));
    assert_eq!(world.ask("DELETE /films?tagging", "").await.status, 204);
    assert_eq!(world.ask("GET /films?tagging", "").await.refusal(), (404, "NoSuchTagSet"));
    let system = "<Tagging><TagSet><Tag><Key>aws:a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    assert_eq!(refused(&world, "tagging", system).await, (400, "InvalidTag".to_owned()));
}

#[tokio::test]
async fn rules_of_cors_are_told_and_checked() {
    let world = World::with_bucket().await;
    let cors = |method: &str| {
        format!(
            "<CORSConfiguration><CORSRule><AllowedOrigin>https://example.com</AllowedOrigin>\
             <AllowedMethod>{method}</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>\
             <MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>"
        )
    };
    let rules = told(&world, "cors", &cors("GET")).await;
    assert_eq!(rules.element("AllowedOrigin"), "https://example.com");
    assert_eq!((rules.element("AllowedHeader"), rules.element("MaxAgeSeconds")), ("*", "60"));
    assert_eq!(refused(&world, "cors", &cors("PATCH")).await, (400, "InvalidRequest".to_owned()));
    assert_eq!(refused(&world, "cors", "<CORSConfiguration/>").await, (400, "MalformedXML".to_owned()));
}

#[tokio::test]
async fn every_bucket_encrypts() {
    let world = World::with_bucket().await;
    let default = world.ask("GET /films?encryption", "").await;
    assert_eq!((default.element("SSEAlgorithm"), default.element("BucketKeyEnabled")), ("AES256", "false"));
    let by = |algorithm: &str, key: &str| {
        format!(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
             <SSEAlgorithm>{algorithm}</SSEAlgorithm>{key}</ApplyServerSideEncryptionByDefault>\
             <BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
        )
    };
    let key = "<KMSMasterKeyID>arn:aws:kms:us-east-1:123456789012:key/a</KMSMasterKeyID>";
    let kms = told(&world, "encryption", &by("aws:kms", key)).await;
    assert_eq!((kms.element("SSEAlgorithm"), kms.element("BucketKeyEnabled")), ("aws:kms", "true"));
    assert!(kms.element("KMSMasterKeyID").ends_with("key/a"));
    assert_eq!(refused(&world, "encryption", &by("AES256", key)).await, (400, "InvalidArgument".to_owned()));
    assert_eq!(refused(&world, "encryption", &by("rot13", "")).await, (400, "MalformedXML".to_owned()));
    assert_eq!(world.ask("DELETE /films?encryption", "").await.status, 204);
    assert_eq!(world.ask("GET /films?encryption", "").await.element("SSEAlgorithm"), "AES256");
}

#[tokio::test]
async fn a_website_is_told_and_checked() {
    let world = World::with_bucket().await;
    let documents = "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>\
                     <ErrorDocument><Key>error.html</Key></ErrorDocument><RoutingRules><RoutingRule>\
                     <Condition><KeyPrefixEquals>old/</KeyPrefixEquals></Condition>\
                     <Redirect><ReplaceKeyPrefixWith>new/</ReplaceKeyPrefixWith></Redirect></RoutingRule></RoutingRules>\
                     </WebsiteConfiguration>";
    let website = told(&world, "website", documents).await;
    assert_eq!((website.element("Suffix"), website.element("Key")), ("index.html", "error.html"));
    assert_eq!(website.element("ReplaceKeyPrefixWith"), "new/");
    let redirect = "<WebsiteConfiguration><RedirectAllRequestsTo><HostName>example.com</HostName>\
                    <Protocol>https</Protocol></RedirectAllRequestsTo></WebsiteConfiguration>";
    let website = told(&world, "website", redirect).await;
    assert_eq!((website.element("HostName"), website.element("Protocol")), ("example.com", "https"));
    for wrong in [
        "<WebsiteConfiguration></WebsiteConfiguration>",
        "<WebsiteConfiguration><IndexDocument><Suffix>a/b</Suffix></IndexDocument></WebsiteConfiguration>",
    ] {
        assert_eq!(refused(&world, "website", wrong).await, (400, "InvalidArgument".to_owned()), "{wrong}");
    }
}

#[tokio::test]
async fn logging_wants_a_target_of_the_same_owner() {
    let world = World::with_bucket().await;
    world.ask("PUT /logs", "").await;
    let other = World { account: OTHER_ACCOUNT, wire: world.wire.clone(), ..World::new() };
    other.ask("PUT /foreign", "").await;
    let to = |bucket: &str| {
        format!(
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>{bucket}</TargetBucket>\
             <TargetPrefix>log/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>"
        )
    };
    let logging = told(&world, "logging", &to("logs")).await;
    assert_eq!((logging.element("TargetBucket"), logging.element("TargetPrefix")), ("logs", "log/"));
    for bucket in ["none", "foreign"] {
        let refusal = refused(&world, "logging", &to(bucket)).await;
        assert_eq!(refusal, (400, "InvalidTargetBucketForLogging".to_owned()), "{bucket}");
    }
    let off = told(&world, "logging", "<BucketLoggingStatus></BucketLoggingStatus>").await;
    assert_eq!(off.element("TargetBucket"), "");
}

#[tokio::test]
async fn notifications_name_destinations_that_could_be() {
    let world = World::with_bucket().await;
    let to = |arn: &str, event: &str| {
        format!(
            "<NotificationConfiguration><QueueConfiguration><Queue>{arn}</Queue><Event>{event}</Event>\
             <Filter><S3Key><FilterRule><Name>prefix</Name><Value>a/</Value></FilterRule></S3Key></Filter>\
             </QueueConfiguration></NotificationConfiguration>"
        )
    };
    let queue = "arn:aws:sqs:us-east-1:123456789012:films";
    let notification = told(&world, "notification", &to(queue, "s3:ObjectCreated:*")).await;
    assert_eq!((notification.element("Queue"), notification.element("Event")), (queue, "s3:ObjectCreated:*"));
    assert_eq!(notification.element("Name"), "Prefix");
    assert_eq!((notification.element("Value"), notification.element("Id").len()), ("a/", 36));
    for (arn, event) in [
        ("films", "s3:ObjectCreated:*"),
        ("arn:aws:sns:us-east-1:123456789012:films", "s3:ObjectCreated:*"),
        ("arn:aws:sqs:eu-west-1:123456789012:films", "s3:ObjectCreated:*"),
        ("arn:aws-cn:sqs:us-east-1:123456789012:films", "s3:ObjectCreated:*"),
        ("arn:aws:sqs:us-east-1:123456789012:films.fifo", "s3:ObjectCreated:*"),
        (queue, "s3:ObjectCreated:*</Event><Event>s3:ObjectCreated:Put"),
        (queue, "s3:ObjectAdmired"),
    ] {
        let refusal = refused(&world, "notification", &to(arn, event)).await;
        assert_eq!(refusal, (400, "InvalidArgument".to_owned()), "{arn} {event}");
    }
    let twice = |filter: &str| {
        let queue = format!(
            "<QueueConfiguration><Queue>{queue}</Queue><Event>s3:ObjectCreated:*</Event>{filter}</QueueConfiguration>"
        );
        let topic = "<TopicConfiguration><Topic>arn:aws:sns:us-east-1:123456789012:films</Topic>\
                     <Event>s3:ObjectCreated:Put</Event></TopicConfiguration>";
        format!("<NotificationConfiguration>{topic}{queue}</NotificationConfiguration>")
    };
    let filter =
        "<Filter><S3Key><FilterRule><Name>suffix</Name><Value>.mp4</Value></FilterRule></S3Key></Filter>";
    for (filter, words) in
        [("", "Configurations overlap."), (filter, "Configuration is ambiguously defined.")]
    {
        let overlapping = world.ask("PUT /films?notification", twice(filter)).await;
        assert_eq!(overlapping.refusal(), (400, "InvalidArgument"));
        assert!(overlapping.element("Message").starts_with(words), "{}", overlapping.body);
    }
    let none = told(&world, "notification", "<NotificationConfiguration></NotificationConfiguration>").await;
    assert_eq!(none.element("Queue"), "");
}

#[tokio::test]
async fn replication_wants_versions_and_a_role() {
    let world = World::with_bucket().await;
    let by = |role: &str| {
        format!(
            "<ReplicationConfiguration><Role>{role}</Role><Rule><Status>Enabled</Status><Prefix></Prefix>\
             <Destination><Bucket>arn:aws:s3:::copies</Bucket></Destination></Rule></ReplicationConfiguration>"
        )
    };
    let role = by("arn:aws:iam::123456789012:role/replication");
    assert_eq!(refused(&world, "replication", &role).await, (400, "InvalidRequest".to_owned()));
    assert_eq!(refused(&world, "replication", &by("somebody")).await, (400, "InvalidArgument".to_owned()));
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    world.ask("PUT /films?versioning", enabled).await;
    assert_eq!(refused(&world, "replication", &role).await, (400, "InvalidRequest".to_owned()));
    world.ask("PUT /copies", "").await;
    assert_eq!(refused(&world, "replication", &role).await, (400, "InvalidRequest".to_owned()));
    world.ask("PUT /copies?versioning", enabled).await;
    assert_eq!(told(&world, "replication", &role).await.status, 200);
}

#[tokio::test]
async fn acceleration_and_payment_are_told() {
    let world = World::with_bucket().await;
    let accelerate = |status: &str| {
        format!("<AccelerateConfiguration><Status>{status}</Status></AccelerateConfiguration>")
    };
    assert_eq!(told(&world, "accelerate", &accelerate("Enabled")).await.element("Status"), "Enabled");
    assert_eq!(refused(&world, "accelerate", &accelerate("Fast")).await, (400, "MalformedXML".to_owned()));
    let payment = |payer: &str| {
        format!("<RequestPaymentConfiguration><Payer>{payer}</Payer></RequestPaymentConfiguration>")
    };
    assert_eq!(world.ask("GET /films?requestPayment", "").await.element("Payer"), "BucketOwner");
    assert_eq!(told(&world, "requestPayment", &payment("Requester")).await.element("Payer"), "Requester");
    assert_eq!(refused(&world, "requestPayment", &payment("Nobody")).await, (400, "MalformedXML".to_owned()));
}

#[tokio::test]
async fn configurations_by_id_are_listed_in_pages() {
    let world = World::with_bucket().await;
    let metrics = |id: &str| format!("<MetricsConfiguration><Id>{id}</Id></MetricsConfiguration>");
    for number in 0..101 {
        let id = format!("m{number:03}");
        let put = world.ask(&format!("PUT /films?metrics&id={id}"), metrics(&id)).await;
        assert_eq!(put.status, 204, "{}", put.body);
    }
    assert_eq!(world.ask("GET /films?metrics&id=m007", "").await.element("Id"), "m007");
    let page = world.ask("GET /films?metrics", "").await;
    assert_eq!((page.elements("Id").len(), page.element("IsTruncated")), (100, "true"));
    let next = page.element("NextContinuationToken");
    let rest = world.ask(&format!("GET /films?metrics&continuation-token={next}"), "").await;
    assert_eq!((rest.elements("Id"), rest.element("IsTruncated")), (vec!["m100"], "false"));
    let mismatch = world.ask("PUT /films?metrics&id=b", metrics("a")).await;
    assert_eq!(mismatch.refusal(), (400, "IdMismatch"));
    assert_eq!(world.ask("DELETE /films?metrics&id=m007", "").await.status, 204);
    assert_eq!(world.ask("DELETE /films?metrics&id=m007", "").await.refusal(), (404, "NoSuchConfiguration"));
}

#[tokio::test]
async fn inventory_analytics_and_tiering_are_told_as_they_were_put() {
    let world = World::with_bucket().await;
    let inventory = "<InventoryConfiguration><Id>a</Id><IsEnabled>true</IsEnabled>\
        <Destination><S3BucketDestination><Bucket>arn:aws:s3:::lists</Bucket><Format>CSV</Format></S3BucketDestination>\
        </Destination><IncludedObjectVersions>All</IncludedObjectVersions><Schedule><Frequency>Daily</Frequency></Schedule>\
        <OptionalFields><Field>Size</Field></OptionalFields></InventoryConfiguration>";
    let answer = told(&world, "inventory&id=a", inventory).await;
    assert_eq!((answer.element("Frequency"), answer.element("Field")), ("Daily", "Size"));
    assert_eq!(world.ask("GET /films?inventory", "").await.elements("Id"), ["a"]);
    let hourly = inventory.replace("Daily", "Hourly");
    assert_eq!(refused(&world, "inventory&id=a", &hourly).await, (400, "MalformedXML".to_owned()));
    let analytics = "<AnalyticsConfiguration><Id>a</Id><Filter><Prefix>x/</Prefix></Filter>\
                     <StorageClassAnalysis></StorageClassAnalysis></AnalyticsConfiguration>";
    assert_eq!(told(&world, "analytics&id=a", analytics).await.element("Prefix"), "x/");
    let tiering = |days: u32| {
        format!(
            "<IntelligentTieringConfiguration><Id>a</Id><Status>Enabled</Status><Tiering><Days>{days}</Days>\
             <AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering></IntelligentTieringConfiguration>"
        )
    };
    assert_eq!(told(&world, "intelligent-tiering&id=a", &tiering(90)).await.element("Days"), "90");
    let soon = refused(&world, "intelligent-tiering&id=a", &tiering(1)).await;
    assert_eq!(soon, (400, "InvalidArgument".to_owned()));
}

#[tokio::test]
async fn what_directory_buckets_have_is_refused_by_name() {
    let world = World::with_bucket().await;
    for (head, name) in [
        ("GET /films?session", "CreateSession"),
        ("GET /?x-id=ListDirectoryBuckets", "ListDirectoryBuckets"),
        ("GET /films?metadataTable", "GetBucketMetadataTableConfiguration"),
    ] {
        let answer = world.ask(head, "").await;
        assert_eq!(answer.refusal(), (501, "NotImplemented"), "{head}");
        assert_eq!(answer.element("Message"), format!("{name} is not implemented yet"));
    }
}

#[tokio::test]
async fn a_filter_of_notifications_by_what_is_none_is_refused_by_name() {
    let world = World::with_bucket().await;
    let refused = world
        .ask(
            "PUT /films?notification",
            "<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1:123456789012:films</Queue>\
             <Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>middle</Name><Value>a</Value>\
             </FilterRule></S3Key></Filter></QueueConfiguration></NotificationConfiguration>",
        )
        .await;
    assert_eq!(
        (refused.element("ArgumentName"), refused.element("ArgumentValue")),
        ("FilterRule.Name", "middle")
    );
}

#[tokio::test]
async fn a_website_that_contradicts_itself_is_told_where() {
    let world = World::with_bucket().await;
    let put = async |inner: &str| {
        let document = format!("<WebsiteConfiguration>{inner}</WebsiteConfiguration>");
        world.ask("PUT /films?website", document).await
    };
    let index = "<IndexDocument><Suffix>i.html</Suffix></IndexDocument>";
    let all = "<RedirectAllRequestsTo><HostName>example.com</HostName></RedirectAllRequestsTo>";
    let both = put(&format!("{index}{all}")).await;
    assert_eq!(
        (both.refusal(), both.element("ArgumentName")),
        ((400, "InvalidArgument"), "RedirectAllRequestsTo")
    );
    assert_eq!(put(&format!("{index}<RoutingRules></RoutingRules>")).await.refusal(), (400, "MalformedXML"));
    let unconditional = put(&format!(
        "{index}<RoutingRules><RoutingRule><Condition></Condition><Redirect><HostName>example.com</HostName>\
         </Redirect></RoutingRule></RoutingRules>"
    ))
    .await;
    assert_eq!(unconditional.refusal(), (400, "InvalidRequest"));
    assert!(
        unconditional.element("Message").starts_with("Condition cannot be empty."),
        "{}",
        unconditional.body
    );
}

#[tokio::test]
async fn an_inventory_names_itself_and_fields_that_there_are() {
    let world = World::with_bucket().await;
    let inventory = |field: &str| {
        format!(
            "<InventoryConfiguration><Id>all</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination>\
             <Bucket>arn:aws:s3:::films</Bucket><Format>CSV</Format></S3BucketDestination></Destination><Schedule>\
             <Frequency>Daily</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions>\
             <OptionalFields><Field>{field}</Field></OptionalFields></InventoryConfiguration>"
        )
    };
    assert_eq!(world.ask("PUT /films?inventory&id=all", inventory("Size")).await.status, 204);
    let other = world.ask("PUT /films?inventory&id=other", inventory("Size")).await;
    assert_eq!(other.refusal(), (400, "IdMismatch"));
    let odd = world.ask("PUT /films?inventory&id=all", inventory("Colour")).await;
    assert_eq!(odd.refusal(), (400, "MalformedXML"));
}

#[tokio::test]
async fn some_documents_are_taken_only_with_a_digest_of_them() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "x").await;
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    for (head, document, status) in [
        ("PUT /films?tagging", tags, 400),
        ("PUT /films?cors", "<CORSConfiguration/>", 400),
        ("PUT /films?lifecycle", "<LifecycleConfiguration/>", 400),
        ("PUT /films?object-lock", "<ObjectLockConfiguration/>", 400),
        ("PUT /films/a?legal-hold", "<LegalHold><Status>ON</Status></LegalHold>", 400),
        ("PUT /films/a?tagging", tags, 200),
        ("PUT /films?versioning", versioning, 200),
    ] {
        let answer = world.ask_plainly(request_of(head), Bytes::from(document)).await;
        let message = if status == 200 {
            ""
        } else {
            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
        };
        assert_eq!((answer.status, answer.element("Message")), (status, message), "{head}: {}", answer.body);
    }
}

#[tokio::test]
async fn logs_stay_in_their_region() {
    let world = World::with_bucket().await;
    let ireland = World { region: "eu-west-1", wire: world.wire.clone(), ..World::new() };
    let place = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>\
                 </CreateBucketConfiguration>";
    assert_eq!(ireland.ask("PUT /filme", place).await.status, 200);
    let to = |target: &str| {
        format!(
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>{target}</TargetBucket><TargetPrefix/>\
             </LoggingEnabled></BucketLoggingStatus>"
        )
    };
    let away = ireland.ask("PUT /filme?logging", to("films")).await;
    assert_eq!(
        (away.refusal(), away.element("SourceBucketLocation"), away.element("TargetBucketLocation")),
        ((403, "CrossLocationLoggingProhibitted"), "eu-west-1", "us-east-1")
    );
    assert_eq!(away.element("Message"), "Cross S3 location logging not allowed. ");
    // S3 does not name the first of its regions.
    let back = world.ask("PUT /films?logging", to("filme")).await;
    assert_eq!(back.refusal(), (403, "CrossLocationLoggingProhibitted"));
    assert!(!back.body.contains("SourceBucketLocation"), "{}", back.body);
    assert_eq!(back.element("TargetBucketLocation"), "eu-west-1");
}

#[tokio::test]
async fn rules_of_replication_are_told_apart() {
    let world = World::with_bucket().await;
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    world.ask("PUT /copies", "").await;
    for bucket in ["films", "copies"] {
        assert_eq!(world.ask(&format!("PUT /{bucket}?versioning"), enabled).await.status, 200);
    }
    let rule = |more: &str, bucket: &str| {
        format!("<Rule>{more}<Destination><Bucket>{bucket}</Bucket></Destination></Rule>")
    };
    let rules = |rules: &[String]| {
        format!(
            "<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/copier</Role>{}\
             </ReplicationConfiguration>",
            rules.concat()
        )
    };
    let copies = "arn:aws:s3:::copies";
    let plain = "<Status>Enabled</Status><Prefix/>";
    let (long, twin) = ("x".repeat(256), format!("<ID>a</ID>{plain}"));
    let urgent = "<Status>Enabled</Status><Priority>1</Priority><Filter><Prefix/></Filter>\
                  <DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>";
    let filtered = "<Status>Enabled</Status><Filter><Prefix/></Filter>";
    for (document, code, message) in [
        (rules(&[rule("<Status>Maybe</Status><Prefix/>", copies)]), "MalformedXML", None),
        (rules(&[rule(filtered, copies)]), "MalformedXML", None),
        (
            rules(&[rule(&format!("<ID>{long}</ID>{plain}"), copies)]),
            "InvalidArgument",
            Some("ID length should not exceed allowed limit of 255"),
        ),
        (
            rules(&[rule(&twin, copies), rule(&twin, copies)]),
            "InvalidArgument",
            Some("Rule ID must be unique. Found same ID for more than one rule."),
        ),
        (
            rules(&[rule(urgent, copies), rule(urgent, copies)]),
            "InvalidRequest",
            Some("Found conflicting priorities in the rules."),
        ),
        (rules(&[rule(plain, "copies")]), "InvalidArgument", Some("Invalid bucket ARN.")),
        (
            rules(&[rule(plain, "arn:aws:s3:::none")]),
            "InvalidRequest",
            Some("Destination bucket must have versioning enabled."),
        ),
    ] {
        let refused = world.ask("PUT /films?replication", document.clone()).await;
        assert_eq!(refused.refusal(), (400, code), "{document}");
        if let Some(message) = message {
            assert_eq!(refused.element("Message"), message);
        }
    }
    let put = world.ask("PUT /films?replication", rules(&[rule(urgent, copies)])).await;
    assert_eq!(put.status, 200, "{}", put.body);
    let told = world.ask("GET /films?replication", "").await;
    assert_eq!((told.element("Priority"), told.element("Bucket")), ("1", copies));
    assert_eq!(told.element("ID").len(), 36);
}
