//! `--route`: which plan answers which requests of a server.

use std::net::Ipv6Addr;

use crate::answer::Failure;
use crate::input::is_stdin;
use crate::invocation::Invocation;
use crate::shell;

/// What answers requests, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The host that they name, in lower case; any, where there is none.
    pub host: Option<String>,
    /// What their paths begin with; `/` is all.
    pub path: String,
    /// The path of a plan, or of what may be in its place.
    pub what: String,
}

/// How an option is written.
const FORM: &str = "--route [HOST][/PATH]=PLAN";

/// Characters of a host's name, and of what is between its dots.
const HOST_CHARS: usize = 253;
const LABEL_CHARS: usize = 63;

/// What a command serves: its operand, which is for all requests, and the routes.
pub fn given(invocation: &Invocation) -> Result<Vec<Route>, Failure> {
    let operand = invocation.arguments.first().map(|what| Route {
        host: None,
        path: "/".to_string(),
        what: what.clone(),
    });
    let routes = invocation.values("route");
    let routes = routes.map(|text| route(text).map_err(|wrong| wrong.failure(invocation, text)));
    let routes: Vec<Route> = routes.collect::<Result<_, _>>()?;
    if operand.is_none() && routes.is_empty() {
        let message = format!("`{}` needs FILE.wasm|PLAN, or `{FORM}`", invocation.name);
        return Err(invocation.misuse(message));
    }
    let all: Vec<Route> = operand.into_iter().chain(routes).collect();
    if all.iter().filter(|route| is_stdin(&route.what)).count() > 1 {
        return Err(invocation.misuse("stdin is one plan, and not several"));
    }
    let mut seen: Vec<&Route> = all.iter().collect();
    seen.sort_by_key(|route| (&route.host, &route.path));
    let is_same = |pair: &&[&Route]| pair[0].name() == pair[1].name();
    let Some([first, again]) = seen.windows(2).find(is_same) else {
        return Ok(all);
    };
    let (name, first, again) = (first.name(), &first.what, &again.what);
    let message = match invocation.arguments.first() {
        Some(operand) if name == "/" => {
            format!("`--route /={again}` is for all requests, and so is the operand `{operand}`")
        }
        _ => format!("the route `{name}` is given twice, with `{first}` and `{again}`"),
    };
    Err(invocation.misuse_with(
        message,
        "leave one of them out, or name another host or path",
    ))
}

/// The paths of all plans that a command line names: the operands, and those of routes.
pub fn plans(invocation: &Invocation) -> impl Iterator<Item = &str> {
    let operands = invocation.arguments.iter().map(String::as_str);
    let routes = invocation.values("route");
    operands.chain(routes.filter_map(|text| text.split_once('=').map(|(_, what)| what)))
}

impl Route {
    /// The requests, as they are written.
    fn name(&self) -> String {
        let host = self.host.as_deref().unwrap_or_default();
        match self.path.as_str() {
            "/" if !host.is_empty() => host.to_string(),
            path => format!("{host}{path}"),
        }
    }
}

/// What is wrong with a route, and what to do.
struct Wrong {
    message: String,
    help: String,
}

impl Wrong {
    fn failure(self, invocation: &Invocation, text: &str) -> Failure {
        let message = format!("`--route {text}` {}", self.message);
        invocation.misuse_with(message, self.help)
    }
}

/// Reads `[HOST][/PATH]=WHAT`.
fn route(text: &str) -> Result<Route, Wrong> {
    let wrong = |message: &str, help: String| Wrong {
        message: message.to_string(),
        help,
    };
    let Some((requests, what)) = text.split_once('=') else {
        let message = format!("is not `{FORM}`");
        let meant = match text.contains(['/', '.']) && !text.starts_with('/') {
            true => format!("/api={text}"),
            false => format!("{text}=PLAN"),
        };
        let help = format!(
            "say what is for whom, as in `--route {}`",
            shell::word(&meant)
        );
        return Err(wrong(&message, help));
    };
    if what.is_empty() {
        let requests = match requests {
            "" => "/api",
            requests => requests,
        };
        let meant = shell::word(&format!("{requests}=PLAN"));
        let help = format!("name a plan or a component, as in `--route {meant}`");
        return Err(wrong("names no plan", help));
    }
    if requests.is_empty() {
        let meant = shell::word(what);
        let help = format!("what is for all other requests is the operand: `{meant}` alone");
        return Err(wrong("names neither a host nor a path", help));
    }
    let (host, path) = split(requests);
    let meant = |otherwise: &str| match mended(requests) {
        Some(meant) => {
            let meant = shell::word(&format!("{meant}={what}"));
            format!("did you mean `--route {meant}`?")
        }
        None => otherwise.to_string(),
    };
    if !host.is_empty() && !is_host(host) {
        let help = "a host is a name such as api.example.com, without a port: it is compared as a \
                    whole";
        return Err(wrong(&format!("has no host `{host}`"), meant(help)));
    }
    if !is_path(path) {
        let help = "a path is such as /api, which is for /api/x too; what a URL does not take as \
                    it is, is %20 in it";
        return Err(wrong(&format!("has no path `{path}`"), meant(help)));
    }
    Ok(Route {
        host: Some(host.to_ascii_lowercase()).filter(|host| !host.is_empty()),
        path: path.to_string(),
        what: what.to_string(),
    })
}

/// A host, which may be empty, and a path.
fn split(requests: &str) -> (&str, &str) {
    match requests.find('/') {
        Some(at) => requests.split_at(at),
        None => (requests, "/"),
    }
}

/// Whether requests may name a host so.
fn is_host(host: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_label =
        |label: &str| (1..=LABEL_CHARS).contains(&label.len()) && label.bytes().all(is_part);
    match host.strip_prefix('[').and_then(|of| of.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.len() <= HOST_CHARS && host.split('.').all(is_label),
    }
}

/// Whether it is whole segments of a path, as URLs have them.
fn is_path(path: &str) -> bool {
    let is_segment =
        |segment: &str| !["", ".", ".."].contains(&segment) && is_escaped(segment.as_bytes());
    path == "/"
        || path
            .strip_prefix('/')
            .is_some_and(|path| path.split('/').all(is_segment))
}

/// Whether all is as URLs have it in a segment of a path (RFC 3986, section 3.3), but for a
/// `*`, by which somebody means a pattern.
fn is_escaped(segment: &[u8]) -> bool {
    let is_hex = |at: usize| segment.get(at).is_some_and(u8::is_ascii_hexdigit);
    segment.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => is_hex(at + 1) && is_hex(at + 2),
        byte => byte.is_ascii_alphanumeric() || b"-._~!$&'()+,;=:@".contains(byte),
    })
}

/// What was meant by a URL, a port, a pattern, or a path that ends with a slash.
fn mended(requests: &str) -> Option<String> {
    let rest = requests
        .split_once("://")
        .map_or(requests, |(_, rest)| rest);
    let (host, path) = split(rest);
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches(['/', '*']);
    let is_meant = (host.is_empty() || is_host(host)) && (path.is_empty() || is_path(path));
    let meant = match (host, path) {
        ("", "") => "/".to_string(),
        (host, path) => format!("{host}{path}"),
    };
    (is_meant && meant != requests).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_paths() {
        for (text, host, path, what) in [
            ("/api=a.json", None, "/api", "a.json"),
            ("/=a", None, "/", "a"),
            ("/a/b%20c~@=x=y", None, "/a/b%20c~@", "x=y"),
            ("api.example.com=a", Some("api.example.com"), "/", "a"),
            ("API.example.com/=a", Some("api.example.com"), "/", "a"),
            ("localhost/v1=-", Some("localhost"), "/v1", "-"),
            ("[::1]/v1=a", Some("[::1]"), "/v1", "a"),
            ("127.0.0.1=a", Some("127.0.0.1"), "/", "a"),
        ] {
            let read = route(text).map_err(|wrong| wrong.message);
            let expected = Route {
                host: host.map(str::to_string),
                path: path.to_string(),
                what: what.to_string(),
            };
            assert_eq!(read, Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_none_says_what_to_do() {
        for (text, says, help) in [
            ("/api", "is not", "`--route /api=PLAN`"),
            ("", "is not", "`--route =PLAN`"),
            ("app.wasm", "is not", "`--route /api=app.wasm`"),
            ("/api=", "names no plan", "`--route /api=PLAN`"),
            ("=", "names no plan", "`--route /api=PLAN`"),
            ("=a.json", "neither", "`a.json` alone"),
            (
                "/api/=a",
                "no path `/api/`",
                "did you mean `--route /api=a`?",
            ),
            ("/api/*=a", "", "did you mean `--route /api=a`?"),
            (
                "h:80/x=a",
                "no host `h:80`",
                "did you mean `--route h/x=a`?",
            ),
            (
                "http://h:80/=a",
                "no host `http:`",
                "did you mean `--route h=a`?",
            ),
            ("h.=a", "no host `h.`", "did you mean `--route h=a`?"),
            ("/x?q=a", "no path `/x?q`", "did you mean `--route /x=a`?"),
            ("*.h=a", "no host `*.h`", "compared as a whole"),
            ("a..h=a", "no host", "such as api.example.com"),
            ("h\u{e4}=a", "no host", "such as api.example.com"),
            ("[::g]=a", "no host", "such as api.example.com"),
            ("/a//b=a", "no path", "such as /api"),
            ("/a/../b=a", "no path", "such as /api"),
            ("/a b=a", "no path", "%20"),
            ("/a%2=a", "no path", "%20"),
            ("/\u{e4}=a", "no path", "%20"),
        ] {
            let wrong = route(text).map(|route| route.name());
            let wrong = wrong.expect_err(text);
            assert!(wrong.message.contains(says), "{text}: {}", wrong.message);
            assert!(wrong.help.contains(help), "{text}: {}", wrong.help);
        }
    }
}
