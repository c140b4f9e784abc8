//! URLs, as `parseURL` reads them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::operand::Operand;

/// The parts of a URL.
#[derive(Debug, PartialEq)]
pub(super) struct Url {
    scheme: &'static str,
    authority: Operand,
    path: Operand,
    normalized_path: Operand,
    is_ip: bool,
}

impl Url {
    /// `None` for what is no URL, has another scheme than `http` and `https`, or a query or a fragment.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = ["http", "https"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
        let odd = |letter: char| {
            letter.is_whitespace() || letter.is_control() || matches!(letter, '?' | '#' | '\\')
        };
        if rest.contains(odd) {
            return None;
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let slash = if path.ends_with('/') { "" } else { "/" };
        Some(Self {
            scheme,
            is_ip: is_ip(host(authority)?),
            authority: Operand::text(authority),
            path: Operand::text(path),
            normalized_path: Operand::text(&format!("{path}{slash}")),
        })
    }

    pub(super) fn attribute(&self, name: &str) -> Operand {
        match name {
            "scheme" => Operand::text(self.scheme),
            "authority" => self.authority.clone(),
            "path" => self.path.clone(),
            "normalizedPath" => self.normalized_path.clone(),
            "isIp" => Operand::Bool(self.is_ip),
            _ => Operand::Absent,
        }
    }
}

/// The host of an authority, whose port must be one.
fn host(authority: &str) -> Option<&str> {
    let after_name = authority.rsplit_once('@').map_or(authority, |(_, after)| after);
    let end = match after_name.starts_with('[') {
        true => after_name.find(']')? + 1,
        false => after_name.find(':').unwrap_or(after_name.len()),
    };
    let (host, port) = after_name.split_at(end);
    let is_port = |port: &str| port.is_empty() || port.parse::<u16>().is_ok();
    let port_is_one = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    (!host.is_empty() && port_is_one).then_some(host)
}

fn is_ip(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<Ipv4Addr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> Option<[Operand; 5]> {
        let url = Url::parse(text)?;
        Some(["scheme", "authority", "path", "normalizedPath", "isIp"].map(|name| url.attribute(name)))
    }

    #[test]
    fn a_url_has_a_scheme_an_authority_and_a_path() {
        for (text, [scheme, authority, path, normalized], ip) in [
            ("https://example.com", ["https", "example.com", "", "/"], false),
            ("https://example.com/", ["https", "example.com", "/", "/"], false),
            ("HTTP://example.com:8000/a/b", ["http", "example.com:8000", "/a/b", "/a/b/"], false),
            ("https://127.0.0.1", ["https", "127.0.0.1", "", "/"], true),
            ("https://[::1]:8443/a/", ["https", "[::1]:8443", "/a/", "/a/"], true),
            ("https://127.0.0.1.example.com", ["https", "127.0.0.1.example.com", "", "/"], false),
        ] {
            let texts = [scheme, authority, path, normalized].map(Operand::text);
            let [scheme, authority, path, normalized] = texts;
            assert_eq!(parts(text), Some([scheme, authority, path, normalized, Operand::Bool(ip)]), "{text}");
        }
    }

    #[test]
    fn other_schemes_queries_and_wrong_ports_are_refused() {
        for text in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https:///path",
            "https://example.com?a=b",
            "https://example.com/#top",
            "https://example.com:port",
            "https://example.com:70000",
            "https://[::1",
            "https://[::1]8443",
            "https://exa mple.com",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "https?://[\\[\\]:@./a0é-]{0,20}|\\PC{0,40}") {
            Url::parse(&text);
        }
    }
}
