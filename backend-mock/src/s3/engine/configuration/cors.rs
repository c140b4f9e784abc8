//! CORS: which origins a browser may use the bucket from.

use std::sync::Arc;

use crate::s3::engine::{Caller, Code, Engine, Error};

/// How many rules a bucket has at most.
const MAX_RULES: usize = 100;

/// The longest id of a rule.
const MAX_ID: usize = 255;

const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

/// The rules, in the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cors(Vec<CorsRule>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CorsRule {
    pub(crate) id: Option<String>,
    /// Each may have one `*`.
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) allowed_methods: Vec<String>,
    /// Each may have one `*`.
    pub(crate) allowed_headers: Vec<String>,
    pub(crate) expose_headers: Vec<String>,
    pub(crate) max_age_seconds: Option<i32>,
}

impl Cors {
    /// # Errors
    /// `MalformedXML` without rules or beyond 100 of them, `InvalidRequest` for a method, an origin or a header that no
    /// rule may have.
    pub(crate) fn new(rules: Vec<CorsRule>) -> Result<Self, Error> {
        if rules.is_empty() || rules.len() > MAX_RULES {
            return Err(Error::new(Code::MalformedXML));
        }
        for rule in &rules {
            rule.check()?;
        }
        Ok(Self(rules))
    }

    pub(crate) fn rules(&self) -> &[CorsRule] {
        &self.0
    }
}

impl CorsRule {
    fn check(&self) -> Result<(), Error> {
        if self.allowed_methods.is_empty() || self.allowed_origins.is_empty() {
            return Err(Error::new(Code::MalformedXML));
        }
        if self.id.as_ref().is_some_and(|id| id.chars().count() > MAX_ID) {
            return Err(Error::invalid_argument(
                "The ID length should not exceed allowed limit of 255",
                "ID",
                self.id.as_deref().unwrap_or_default(),
            ));
        }
        if let Some(method) = self.allowed_methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
            return Err(Error::invalid_request(format!(
                "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            )));
        }
        let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let mut headers = self.allowed_headers.iter().chain(&self.expose_headers);
        if let Some(header) = headers.find(|header| !header.bytes().all(is_of_a_name)) {
            // S3 says so of the headers that it exposes, too.
            return Err(Error::invalid_request(format!(
                "AllowedHeader \"{header}\" contains invalid character."
            )));
        }
        let wild = |text: &&String| text.matches('*').count() > 1;
        if let Some(origin) = self.allowed_origins.iter().find(wild) {
            return Err(Error::invalid_request(format!(
                "AllowedOrigin \"{origin}\" can not have more than one wildcard."
            )));
        }
        if let Some(header) = self.allowed_headers.iter().find(wild) {
            return Err(Error::invalid_request(format!(
                "AllowedHeader \"{header}\" can not have more than one wildcard."
            )));
        }
        if let Some(header) = self.expose_headers.iter().find(|header| header.contains('*')) {
            return Err(Error::invalid_request(format!(
                "ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
            )));
        }
        Ok(())
    }
}

impl Engine {
    /// # Errors
    /// `NoSuchCORSConfiguration`.
    pub(crate) fn bucket_cors(&self, caller: &Caller, bucket: &str) -> Result<&Arc<Cors>, Error> {
        let cors = self.configuration(caller, bucket)?.cors.as_ref();
        cors.ok_or_else(|| Error::new(Code::NoSuchCORSConfiguration).with("BucketName", bucket))
    }

    /// Puts the rules in place of those before, or takes them away.
    pub(crate) fn put_bucket_cors(
        &mut self,
        caller: &Caller,
        bucket: &str,
        cors: Option<Cors>,
    ) -> Result<(), Error> {
        self.configuration_mut(caller, bucket)?.cors = cors.map(Arc::new);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_no_browser_could_use_are_refused() {
        let rule = CorsRule {
            allowed_origins: vec!["https://*.example.com".into()],
            allowed_methods: vec!["GET".into()],
            ..CorsRule::default()
        };
        let refusal = |rule: CorsRule| Cors::new(vec![rule]).unwrap_err();
        assert!(Cors::new(vec![rule.clone(); 100]).is_ok());
        assert_eq!(Cors::new(vec![rule.clone(); 101]).unwrap_err().code(), Code::MalformedXML);
        assert_eq!(Cors::new(vec![]).unwrap_err().code(), Code::MalformedXML);
        let patch = CorsRule { allowed_methods: vec!["PATCH".into()], ..rule.clone() };
        assert_eq!(
            refusal(patch).message(),
            "Found unsupported HTTP method in CORS config. Unsupported method is PATCH"
        );
        let wild = CorsRule { allowed_origins: vec!["*.*".into()], ..rule.clone() };
        assert_eq!(refusal(wild).message(), "AllowedOrigin \"*.*\" can not have more than one wildcard.");
        let exposed = CorsRule { expose_headers: vec!["x-*".into()], ..rule.clone() };
        assert_eq!(refusal(exposed).code(), Code::InvalidRequest);
        let spaced = CorsRule { expose_headers: vec!["x y".into()], ..rule.clone() };
        assert_eq!(refusal(spaced).message(), "AllowedHeader \"x y\" contains invalid character.");
        let none = CorsRule { allowed_origins: vec![], ..rule };
        assert_eq!(refusal(none).code(), Code::MalformedXML);
    }
}
