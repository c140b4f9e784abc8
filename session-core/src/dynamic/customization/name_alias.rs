//! Names of services and operations that boto3 takes besides the models' own.

/// The name of the service's model.
pub(in crate::dynamic) fn of_service(name: &str) -> &str {
    match name {
        "runtime.sagemaker" => "sagemaker-runtime",
        name => name,
    }
}

/// The name in snake case for an older one.
pub(in crate::dynamic) fn of_operation<'n>(service: &str, name: &'n str) -> &'n str {
    match (service, name) {
        ("mturk", "list_hi_ts_for_qualification_type") => "list_hits_for_qualification_type",
        ("socialmessaging", "delete_whatsapp_media_message") => "delete_whatsapp_message_media",
        ("cloudwatch", "get_o_tel_enrichment") => "get_otel_enrichment",
        ("cloudwatch", "start_o_tel_enrichment") => "start_otel_enrichment",
        ("cloudwatch", "stop_o_tel_enrichment") => "stop_otel_enrichment",
        ("cloudwatch", "update_o_tel_enrichment") => "update_otel_enrichment",
        ("signin", "create_o_auth2_token") => "create_oauth2_token",
        (_, name) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::service::ModeledService;
    use crate::service::ServiceName;

    #[test]
    fn operations_are_found_by_their_older_names_too() {
        for (service, old, model) in [
            ("mturk", "list_hi_ts_for_qualification_type", "ListHITsForQualificationType"),
            ("mturk", "list_hits_for_qualification_type", "ListHITsForQualificationType"),
            ("socialmessaging", "delete_whatsapp_media_message", "DeleteWhatsAppMessageMedia"),
            ("cloudwatch", "get_o_tel_enrichment", "GetOTelEnrichment"),
            ("cloudwatch", "get_otel_enrichment", "GetOTelEnrichment"),
            ("cloudwatch", "update_o_tel_enrichment", "UpdateOTelEnrichment"),
            ("signin", "create_o_auth2_token", "CreateOAuth2Token"),
            ("signin", "create_oauth2_token", "CreateOAuth2Token"),
        ] {
            let service = ModeledService::find(&ServiceName::from_static(service)).unwrap();
            let found = service.find_operation(old);
            assert_eq!(found.map(|found| found.plan.operation.name).ok(), Some(model), "{old}");
        }
    }
}
