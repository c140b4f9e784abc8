//! By way of a proxy or not: what the environment says, and what that means for one request.

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use session_core::{Error, Proxies, Secret};

use crate::environment::Environment;

/// Where AWS hands out instance metadata and credentials inside a machine or a container. A proxy would be asked for
/// its own, or for nothing that it can reach.
const NEVER_PROXIED: &str = "169.254.169.254,169.254.170.2,169.254.170.23,fd00:ec2::254,fd00:ec2::23";

/// The proxies that the environment names.
///
/// As in Python and so in boto, a variable in lower case beats the one in upper case, even where it is empty, and
/// `HTTP_PROXY` says nothing in a CGI program, whose client could have set it by a header `Proxy`. As in curl and not in
/// boto, `ALL_PROXY` counts where the scheme's own variable is missing.
///
/// # Errors
/// [`InvalidConfig`](session_core::ErrorKind::InvalidConfig) names the variable whose URL cannot be used.
pub(super) fn of_environment(environment: &Environment) -> Result<Proxies, Error> {
    let mut proxies = Proxies::new();
    let all = variable(environment, "all_proxy", "ALL_PROXY");
    let http = match environment.verbatim("REQUEST_METHOD") {
        Some(_) => environment.get("http_proxy").map(|url| ("http_proxy", url)),
        None => variable(environment, "http_proxy", "HTTP_PROXY"),
    };
    if let Some(url) = checked(http.or(all))? {
        proxies = proxies.http(url);
    }
    if let Some(url) = checked(variable(environment, "https_proxy", "HTTPS_PROXY").or(all))? {
        proxies = proxies.https(url);
    }
    let hosts = variable(environment, "no_proxy", "NO_PROXY").map_or("", |(_, hosts)| hosts);
    // Where a container gets its credentials, mostly from its own loopback: boto asks there without a proxy, too.
    let container =
        environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI").and_then(|uri| uri.parse::<Uri>().ok());
    // With its port: a name alone would be one of a whole domain.
    let container =
        container.as_ref().and_then(Uri::authority).filter(|authority| authority.port().is_some());
    let container = container.map_or("", |authority| authority.as_str());
    Ok(proxies.no_proxy(format!("{container},{hosts}")))
}

fn variable<'a>(
    environment: &'a Environment,
    lower: &'static str,
    upper: &'static str,
) -> Option<(&'static str, &'a str)> {
    match environment.verbatim(lower) {
        Some(_) => environment.get(lower).map(|value| (lower, value)),
        None => environment.get(upper).map(|value| (upper, value)),
    }
}

fn checked(variable: Option<(&str, &str)>) -> Result<Option<Secret>, Error> {
    let Some((name, url)) = variable else { return Ok(None) };
    let url = Secret::new(url);
    Proxies::check_url(name, &url)?;
    Ok(Some(url))
}

/// Which requests take which proxy.
#[derive(Debug)]
pub(super) struct Ways {
    matcher: Matcher,
    /// Hosts with a port, which the matcher does not know.
    direct: Vec<String>,
}

impl Ways {
    pub(super) fn new(proxies: &Proxies) -> Self {
        let hosts = proxies.no_proxy_hosts().unwrap_or_default();
        let entries = || hosts.split(',').map(str::trim);
        let mut matcher = Matcher::builder();
        // To the matcher `*` means all names, and no address.
        if entries().all(|host| host != "*") {
            if let Some(url) = proxies.http_url() {
                matcher = matcher.http(url.expose());
            }
            if let Some(url) = proxies.https_url() {
                matcher = matcher.https(url.expose());
            }
        }
        Self {
            matcher: matcher.no(format!("{NEVER_PROXIED},{hosts}")).build(),
            direct: entries().filter(|host| host.contains(':')).map(str::to_owned).collect(),
        }
    }

    /// The proxy on the way to `uri`.
    pub(super) fn proxy(&self, uri: &Uri) -> Option<Intercept> {
        let authority = uri.authority()?.as_str();
        match self.direct.iter().any(|host| host.eq_ignore_ascii_case(authority)) {
            true => None,
            false => self.matcher.intercept(uri),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which proxy is taken to an `http` and to an `https` endpoint.
    fn ways<const N: usize>(variables: [(&str, &str); N]) -> [Option<String>; 2] {
        let ways = Ways::new(&of_environment(&Environment::from(variables)).unwrap());
        ["http://aws.example/", "https://aws.example/"].map(|uri| {
            ways.proxy(&Uri::from_static(uri)).map(|found| found.uri().authority().unwrap().to_string())
        })
    }

    fn both(http: Option<&str>, https: Option<&str>) -> [Option<String>; 2] {
        [http.map(str::to_owned), https.map(str::to_owned)]
    }

    #[test]
    fn lower_case_beats_upper_case_even_when_it_is_empty() {
        assert_eq!(ways([]), both(None, None));
        assert_eq!(ways([("HTTP_PROXY", "http://u:1")]), both(Some("u:1"), None));
        assert_eq!(ways([("HTTPS_PROXY", "u:1")]), both(None, Some("u:1")));
        assert_eq!(ways([("HTTPS_PROXY", "u:1"), ("https_proxy", "l:2")]), both(None, Some("l:2")));
        assert_eq!(ways([("HTTPS_PROXY", "u:1"), ("https_proxy", "")]), both(None, None));
    }

    #[test]
    fn all_proxy_stands_in_for_a_scheme_without_a_variable_of_its_own() {
        assert_eq!(ways([("ALL_PROXY", "a:1")]), both(Some("a:1"), Some("a:1")));
        assert_eq!(ways([("all_proxy", "a:1"), ("HTTP_PROXY", "h:2")]), both(Some("h:2"), Some("a:1")));
    }

    #[test]
    fn http_proxy_in_upper_case_says_nothing_in_a_cgi_program() {
        let cgi = ("REQUEST_METHOD", "GET");
        assert_eq!(ways([cgi, ("HTTP_PROXY", "evil:1"), ("HTTPS_PROXY", "u:2")]), both(None, Some("u:2")));
        assert_eq!(ways([cgi, ("http_proxy", "l:1")]), both(Some("l:1"), None));
    }

    #[test]
    fn a_variable_that_cannot_be_used_is_named_without_its_password() {
        for (name, wrong) in [
            ("HTTPS_PROXY", "socks5://ann:hunter2@proxy"),
            ("https_proxy", "http://ann:hunter2@proxy:port"),
            ("HTTP_PROXY", "gopher://ann:hunter2@proxy"),
            ("ALL_PROXY", "socks5h://ann:hunter2@proxy"),
        ] {
            let error = of_environment(&Environment::from([(name, wrong)])).unwrap_err();
            assert!(error.message().contains(name) && error.message().contains("proxy"), "{error}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        // What nobody would use harms nobody.
        let unused = [("ALL_PROXY", "socks5://x"), ("HTTP_PROXY", "h:1"), ("HTTPS_PROXY", "s:2")];
        assert_eq!(ways(unused), both(Some("h:1"), Some("s:2")));
    }

    #[test]
    fn a_container_asks_for_its_credentials_without_a_proxy() {
        let variables = [
            ("ALL_PROXY", "proxy:1"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:1338/latest/credentials"),
        ];
        let ways = Ways::new(&of_environment(&Environment::from(variables)).unwrap());
        assert!(ways.proxy(&Uri::from_static("http://localhost:1338/latest/credentials")).is_none());
        assert!(ways.proxy(&Uri::from_static("http://localhost:8000/")).is_some());
    }

    #[test]
    fn some_hosts_are_reached_directly_and_those_that_hand_out_credentials_always() {
        let proxies = Proxies::all("proxy:1").no_proxy("localhost,10.0.0.0/8, .internal,aws.example:8000");
        let ways = Ways::new(&proxies);
        for direct in [
            "http://localhost:9000/",
            "http://10.1.2.3/",
            "https://a.internal/",
            "https://a.b.internal/",
            "https://internal/",
            "http://AWS.example:8000/",
            "http://169.254.169.254/latest",
            "http://169.254.170.2/v2",
            "http://169.254.170.23/v1",
            "http://[fd00:ec2::254]/latest",
            "http://[fd00:ec2::23]/v1",
        ] {
            assert!(ways.proxy(&Uri::from_static(direct)).is_none(), "{direct}");
        }
        for proxied in
            ["http://aws.example/", "https://11.0.0.1/", "https://notinternal/", "http://localhost.example/"]
        {
            assert!(ways.proxy(&Uri::from_static(proxied)).is_some(), "{proxied}");
        }
    }
}
