//! Names of operations in snake case, as boto3 calls its methods.

/// Names of things that are one word, though their capitals say two.
const WORDS: [(&str, &str); 4] =
    [("WhatsApp", "Whatsapp"), ("OAuth2", "Oauth2"), ("OTel", "Otel"), ("PartiQL", "Partiql")];

/// What boto3 calls the method: `list_objects_v2` for `ListObjectsV2`, `describe_db_instances` for
/// `DescribeDBInstances`.
///
/// # Source
/// `xform_name` of botocore, with its exceptions.
pub(crate) fn snake_case(name: &str) -> String {
    match name {
        "CreateCachediSCSIVolume" => "create_cached_iscsi_volume".to_owned(),
        "DescribeCachediSCSIVolumes" => "describe_cached_iscsi_volumes".to_owned(),
        "DescribeStorediSCSIVolumes" => "describe_stored_iscsi_volumes".to_owned(),
        "CreateStorediSCSIVolume" => "create_stored_iscsi_volume".to_owned(),
        "ListHITsForQualificationType" => "list_hits_for_qualification_type".to_owned(),
        // botocore's table of names with `OAuth2` lacks it.
        "CreateOAuth2TokenWithTokenExchange" => "create_o_auth2_token_with_token_exchange".to_owned(),
        _ => match WORDS.iter().find(|(word, _)| name.contains(word)) {
            Some((word, plain)) => separated(&name.replace(word, plain)),
            None => separated(name),
        },
    }
}

fn separated(name: &str) -> String {
    if name.contains('_') {
        return name.to_owned();
    }
    // A plural of an abbreviation at the end, such as `ACLs`, is a word of its own.
    let plural = name
        .strip_suffix('s')
        .map_or(0, |stem| stem.bytes().rev().take_while(u8::is_ascii_uppercase).count());
    let (name, tail) = match plural {
        2.. => name.split_at(name.len() - plural - 1),
        _ => (name, ""),
    };
    let letters = name.as_bytes();
    let mut snake = String::with_capacity(name.len() + 8);
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let after = letters.get(at + 1);
        if let Some(before) = before.filter(|_| letter.is_ascii_uppercase()) {
            let begins_word = after.is_some_and(u8::is_ascii_lowercase);
            let ends_word = before.is_ascii_lowercase() || before.is_ascii_digit();
            if begins_word || ends_word {
                snake.push('_');
            }
        }
        snake.push(char::from(letter.to_ascii_lowercase()));
    }
    if !tail.is_empty() {
        snake.push('_');
        snake.push_str(&tail.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_boto3s() {
        for (name, method) in [
            ("ListObjectsV2", "list_objects_v2"),
            ("DescribeDBInstances", "describe_db_instances"),
            ("DescribeRegions", "describe_regions"),
            ("PutItem", "put_item"),
            ("ListWebACLs", "list_web_acls"),
            ("AssumeRoleWithSAML", "assume_role_with_saml"),
            ("CreateCachediSCSIVolume", "create_cached_iscsi_volume"),
            ("GetHITs", "get_hits"),
            ("ExecutePartiQLBatch", "execute_partiql_batch"),
            ("DeleteWhatsAppMessageMedia", "delete_whatsapp_message_media"),
            ("StartOTelEnrichment", "start_otel_enrichment"),
            ("CreateOAuth2TokenWithIAM", "create_oauth2_token_with_iam"),
            ("CreateOAuth2TokenWithTokenExchange", "create_o_auth2_token_with_token_exchange"),
            ("DescribeLoadBasedAutoScaling", "describe_load_based_auto_scaling"),
            ("UploadPartCopy", "upload_part_copy"),
        ] {
            assert_eq!(snake_case(name), method);
        }
    }
}
