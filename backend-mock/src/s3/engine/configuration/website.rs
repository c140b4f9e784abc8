//! Website hosting: which documents stand for a folder and for an error, and which requests are sent elsewhere.

use std::sync::Arc;

use crate::s3::engine::{Caller, Code, Engine, Error};

/// How many routing rules a website has at most.
const MAX_RULES: usize = 50;

/// A bucket as a website.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Website {
    /// Every request is sent to another host.
    RedirectAll { host_name: String, protocol: Option<Protocol> },
    Documents {
        /// What is put behind a path that ends with a slash.
        index_suffix: String,
        error_key: Option<String>,
        routing_rules: Vec<RoutingRule>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http,
    Https,
}

impl Protocol {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// A redirect, and the condition under which it is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RoutingRule {
    pub(crate) key_prefix_equals: Option<String>,
    pub(crate) http_error_code_returned_equals: Option<u16>,
    pub(crate) redirect: Redirect,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Redirect {
    pub(crate) host_name: Option<String>,
    pub(crate) http_redirect_code: Option<u16>,
    pub(crate) protocol: Option<Protocol>,
    pub(crate) replace_key_prefix_with: Option<String>,
    pub(crate) replace_key_with: Option<String>,
}

impl Website {
    /// # Errors
    /// `InvalidArgument` or `InvalidRequest` for what cannot be served.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self {
            Self::RedirectAll { host_name, .. } if host_name.is_empty() => {
                Err(Error::new(Code::MalformedXML))
            }
            Self::RedirectAll { .. } => Ok(()),
            Self::Documents { index_suffix, error_key, routing_rules } => {
                if index_suffix.is_empty() || index_suffix.contains('/') {
                    return Err(Error::invalid_argument(
                        "The IndexDocument Suffix is not well formed",
                        "IndexDocument",
                        index_suffix,
                    ));
                }
                if error_key.as_ref().is_some_and(String::is_empty) {
                    return Err(Error::invalid_argument(
                        "The ErrorDocument Key is not well formed",
                        "ErrorDocument",
                        "",
                    ));
                }
                if routing_rules.len() > MAX_RULES {
                    return Err(Error::invalid_request(format!(
                        "{} routing rules provided, the number of routing rules in a website configuration is \
                         limited to {MAX_RULES}.",
                        routing_rules.len()
                    )));
                }
                routing_rules.iter().try_for_each(RoutingRule::check)
            }
        }
    }
}

impl RoutingRule {
    fn check(&self) -> Result<(), Error> {
        let redirect = &self.redirect;
        if redirect.replace_key_prefix_with.is_some() && redirect.replace_key_with.is_some() {
            return Err(Error::invalid_request(
                "You can only define ReplaceKeyPrefix or ReplaceKey but not both.",
            ));
        }
        if *redirect == Redirect::default() {
            return Err(Error::new(Code::MalformedXML));
        }
        if let Some(code) = redirect.http_redirect_code
            && !((301..=305).contains(&code) || [307, 308].contains(&code))
        {
            return Err(Error::invalid_request(format!(
                "The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300."
            )));
        }
        if let Some(code) = self.http_error_code_returned_equals
            && !((400..=417).contains(&code) || (500..=505).contains(&code))
        {
            return Err(Error::invalid_request(format!(
                "The provided HTTP error code ({code}) is not valid. Valid codes are 4XX or 5XX."
            )));
        }
        Ok(())
    }
}

impl Engine {
    /// The website that browsers see, whoever asks.
    pub(crate) fn website_of(&self, bucket: &str) -> Option<&Website> {
        self.buckets.get(bucket)?.configuration().website.as_deref()
    }

    /// # Errors
    /// `NoSuchWebsiteConfiguration`.
    pub(crate) fn bucket_website(&self, caller: &Caller, bucket: &str) -> Result<&Arc<Website>, Error> {
        let website = self.configuration(caller, bucket)?.website.as_ref();
        website.ok_or_else(|| Error::new(Code::NoSuchWebsiteConfiguration).with("BucketName", bucket))
    }

    /// Makes the bucket a website, or no longer one.
    ///
    /// # Errors
    /// As [`Website::check`].
    pub(crate) fn put_bucket_website(
        &mut self,
        caller: &Caller,
        bucket: &str,
        website: Option<Website>,
    ) -> Result<(), Error> {
        let configuration = self.configuration_mut(caller, bucket)?;
        if let Some(website) = &website {
            website.check()?;
        }
        configuration.website = website.map(Arc::new);
        Ok(())
    }
}
