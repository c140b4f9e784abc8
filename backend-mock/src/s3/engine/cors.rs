//! Cross-origin resource sharing: which pages of other origins a browser lets at a bucket.

use super::{Caller, Code, Engine, Error};

/// How many rules a configuration may have.
const MAX_RULES: usize = 100;

/// How long the id of a rule may be.
const MAX_ID_CHARACTERS: usize = 255;

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

/// The rules of a bucket, in the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CorsConfiguration {
    rules: Vec<CorsRule>,
}

/// Origins that may use methods and headers, and what their pages may see of the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CorsRule {
    pub(crate) id: Option<String>,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) allowed_methods: Vec<String>,
    pub(crate) allowed_headers: Vec<String>,
    pub(crate) expose_headers: Vec<String>,
    pub(crate) max_age_seconds: Option<i32>,
}

/// What a page asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CorsRequest<'r> {
    pub(crate) origin: &'r str,
    pub(crate) method: &'r str,
    /// The headers that it wants to send, of which a simple request has none.
    pub(crate) headers: &'r [String],
}

impl CorsConfiguration {
    /// # Errors
    /// `MalformedXML` without a rule, or for a rule without origins or methods; `InvalidRequest` for too many rules, a
    /// method that S3 does not have, and wildcards where there can be none.
    pub(crate) fn new(rules: Vec<CorsRule>) -> Result<Self, Error> {
        if rules.is_empty() {
            return Err(Error::new(Code::MalformedXML));
        }
        if rules.len() > MAX_RULES {
            let message = "The number of CORS rules should not exceed allowed limit of 100 rules.";
            return Err(Error::invalid_request(message));
        }
        rules.iter().try_for_each(CorsRule::check)?;
        Ok(Self { rules })
    }

    pub(crate) fn rules(&self) -> &[CorsRule] {
        &self.rules
    }

    /// The first rule that allows what is asked.
    pub(crate) fn rule_for(&self, request: CorsRequest<'_>) -> Option<&CorsRule> {
        self.rules.iter().find(|rule| rule.allows(request))
    }
}

impl CorsRule {
    fn check(&self) -> Result<(), Error> {
        let too_long = self.id.as_ref().is_some_and(|id| id.chars().count() > MAX_ID_CHARACTERS);
        if self.allowed_origins.is_empty() || self.allowed_methods.is_empty() || too_long {
            return Err(Error::new(Code::MalformedXML));
        }
        if let Some(method) = self.allowed_methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
            return Err(Error::invalid_request(format!(
                "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            )));
        }
        let several = |value: &&String| value.matches('*').count() > 1;
        for (element, values) in
            [("AllowedOrigin", &self.allowed_origins), ("AllowedHeader", &self.allowed_headers)]
        {
            if let Some(value) = values.iter().find(several) {
                let message = format!("{element} \"{value}\" can not have more than one wildcard.");
                return Err(Error::invalid_request(message));
            }
        }
        match self.expose_headers.iter().find(|header| header.contains('*')) {
            Some(header) => Err(Error::invalid_request(format!(
                "ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
            ))),
            None => Ok(()),
        }
    }

    fn allows(&self, request: CorsRequest<'_>) -> bool {
        let allowed_header = |header: &String| {
            let header = header.to_ascii_lowercase();
            self.allowed_headers.iter().any(|allowed| matches(&allowed.to_ascii_lowercase(), &header))
        };
        self.allowed_origins.iter().any(|allowed| matches(allowed, request.origin))
            && self.allowed_methods.iter().any(|allowed| allowed == request.method)
            && request.headers.iter().all(allowed_header)
    }

    /// Whether the rule is for every origin, so that an answer need not name one.
    pub(crate) fn allows_any_origin(&self, origin: &str) -> bool {
        let first = self.allowed_origins.iter().find(|allowed| matches(allowed, origin));
        first.is_some_and(|allowed| allowed == "*")
    }
}

/// Whether a text is what a pattern with at most one `*` says.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
    }
}

impl Engine {
    pub(crate) fn put_bucket_cors(
        &mut self,
        caller: &Caller,
        bucket: &str,
        configuration: CorsConfiguration,
    ) -> Result<(), Error> {
        self.bucket_mut(caller, bucket)?.cors = Some(configuration);
        Ok(())
    }

    pub(crate) fn bucket_cors(&self, caller: &Caller, bucket: &str) -> Result<&CorsConfiguration, Error> {
        let configuration = self.bucket(caller, bucket)?.cors.as_ref();
        configuration.ok_or_else(|| Error::new(Code::NoSuchCORSConfiguration).with("BucketName", bucket))
    }

    /// Deleting what is not there succeeds.
    pub(crate) fn delete_bucket_cors(&mut self, caller: &Caller, bucket: &str) -> Result<(), Error> {
        self.bucket_mut(caller, bucket)?.cors = None;
        Ok(())
    }

    /// The rules that browsers are answered by, whoever asks; nothing if there is no such bucket.
    pub(crate) fn cors_of(&self, bucket: &str) -> Option<Option<&CorsConfiguration>> {
        self.buckets.get(bucket).map(|bucket| bucket.cors.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> CorsRule {
        CorsRule {
            allowed_origins: vec!["https://*.example.com".into(), "null".into()],
            allowed_methods: vec!["GET".into(), "PUT".into()],
            allowed_headers: vec!["x-amz-*".into(), "Content-Type".into()],
            ..CorsRule::default()
        }
    }

    fn refusal(change: impl FnOnce(&mut CorsRule)) -> String {
        let mut rule = rule();
        change(&mut rule);
        CorsConfiguration::new(vec![rule]).unwrap_err().to_string()
    }

    #[test]
    fn a_rule_allows_what_its_patterns_say() {
        let configuration = CorsConfiguration::new(vec![rule()]).unwrap();
        let allows = |origin: &str, method: &str, headers: &[&str]| {
            let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
            configuration.rule_for(CorsRequest { origin, method, headers: &headers }).is_some()
        };
        assert!(allows("https://www.example.com", "GET", &[]));
        assert!(allows("https://a.b.example.com", "PUT", &["X-Amz-Date", "content-type"]));
        assert!(allows("null", "GET", &[]));
        assert!(!allows("https://example.com", "GET", &[]));
        assert!(!allows("http://www.example.com", "GET", &[]));
        assert!(!allows("https://www.example.com", "DELETE", &[]));
        assert!(!allows("https://www.example.com", "GET", &["x-other"]));
    }

    #[test]
    fn a_wildcard_does_not_overlap_itself() {
        assert!(matches("a*a", "aa") && matches("*", "") && matches("a*", "a"));
        assert!(!matches("a*a", "a") && !matches("ab*ba", "aba"));
    }

    #[test]
    fn a_rule_that_cannot_be_is_refused() {
        assert!(
            refusal(|rule| rule.allowed_methods.push("OPTIONS".into()))
                .ends_with("Unsupported method is OPTIONS")
        );
        assert!(
            refusal(|rule| rule.allowed_origins.push("*.*".into())).contains("AllowedOrigin \"*.*\" can not")
        );
        assert!(
            refusal(|rule| rule.allowed_headers.push("**".into())).contains("AllowedHeader \"**\" can not")
        );
        assert!(refusal(|rule| rule.expose_headers.push("*".into())).contains("ExposeHeader \"*\" contains"));
        assert!(refusal(|rule| rule.allowed_origins.clear()).starts_with("MalformedXML"));
        assert!(CorsConfiguration::new(Vec::new()).is_err());
        assert!(CorsConfiguration::new(vec![rule(); 101]).unwrap_err().message().contains("100 rules"));
    }
}
