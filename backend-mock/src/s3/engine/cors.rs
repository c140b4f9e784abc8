//! The effect of CORS: which pages of other origins a browser lets at a bucket.

use super::Engine;
use super::configuration::{Cors, CorsRule};

/// What a page asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CorsRequest<'r> {
    pub(crate) origin: &'r str,
    pub(crate) method: &'r str,
    /// The headers that it wants to send, of which a simple request has none.
    pub(crate) headers: &'r [String],
}

impl Cors {
    /// The first rule that allows what is asked.
    pub(crate) fn rule_for(&self, request: CorsRequest<'_>) -> Option<&CorsRule> {
        self.rules().iter().find(|rule| rule.allows(request))
    }
}

impl CorsRule {
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
    /// The rules that browsers are answered by, whoever asks; nothing if there is no such bucket.
    pub(crate) fn cors_of(&self, bucket: &str) -> Option<Option<&Cors>> {
        self.buckets.get(bucket).map(|bucket| bucket.configuration().cors.as_deref())
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

    #[test]
    fn a_rule_allows_what_its_patterns_say() {
        let configuration = Cors::new(vec![rule()]).unwrap();
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
}
