//! Which of several things a request is for: by the host that it names, and by its path.

use std::cmp::Reverse;

/// Which requests something is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The host that a request names; any, where there is none.
    pub host: Option<String>,
    /// What a request's path begins with, in whole segments: `/api` is `/api` and `/api/x`,
    /// and `/` is all.
    pub path: String,
}

/// Things, each with the requests that it is for.
pub struct Routes<T>(Vec<(Route, T)>);

impl Route {
    /// Whether a request is one of them, which names a host, without a port, and a path,
    /// without a query. Paths are compared as they are sent.
    fn takes(&self, host: &str, path: &str) -> bool {
        // A name may end with the root's dot.
        let host = host.strip_suffix('.').unwrap_or(host);
        let is_host = |own: &String| own.eq_ignore_ascii_case(host);
        if !self.host.as_ref().is_none_or(is_host) {
            return false;
        }
        let rest = path.strip_prefix(&self.path);
        // What is asked of the server itself, `*`, has no path that begins with anything.
        self.path == "/" || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl<T> Routes<T> {
    /// Of two that are for a request, the one for its host goes first, then the one with
    /// the longer path, then the earlier one.
    pub fn new(mut routes: Vec<(Route, T)>) -> Self {
        routes.sort_by_key(|(route, _)| (route.host.is_none(), Reverse(route.path.len())));
        Self(routes)
    }

    /// What a request is for.
    pub fn find(&self, host: &str, path: &str) -> Option<&T> {
        let found = self.0.iter().find(|(route, _)| route.takes(host, path));
        found.map(|(_, what)| what)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, what)| what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(routes: &[&'static str]) -> Routes<&'static str> {
        let route = |text: &&'static str| {
            let (host, path) = text.split_at(text.find('/').expect("a path"));
            let host = Some(host).filter(|host| !host.is_empty());
            let route = Route {
                host: host.map(str::to_string),
                path: path.to_string(),
            };
            (route, *text)
        };
        Routes::new(routes.iter().map(route).collect())
    }

    #[test]
    fn whole_segments_of_paths() {
        let routes = routes(&["/api", "/api/v1", "/a%20b"]);
        for (path, expected) in [
            ("/api", Some("/api")),
            ("/api/", Some("/api")),
            ("/api/x/y", Some("/api")),
            ("/api//v1", Some("/api")),
            ("/api/v1", Some("/api/v1")),
            ("/api/v1/x", Some("/api/v1")),
            ("/api/v10", Some("/api")),
            ("/apix", None),
            ("/ap", None),
            ("/API", None),
            ("/api;a=b", None),
            ("//api", None),
            ("/x/api", None),
            ("/", None),
            ("", None),
            ("*", None),
            ("/a%20b/c", Some("/a%20b")),
            ("/a b", None),
        ] {
            assert_eq!(routes.find("h", path).copied(), expected, "{path}");
        }
    }

    #[test]
    fn hosts_before_none_and_then_longest_paths() {
        let mut given = [
            "/",
            "/api",
            "/api/v1",
            "a.example/",
            "a.example/api",
            "[::1]/x",
        ];
        // In whatever order they are given.
        for _ in 0..given.len() {
            given.rotate_left(1);
            let routes = routes(&given);
            for (host, path, expected) in [
                ("b.example", "/", "/"),
                ("b.example", "/apix", "/"),
                ("b.example", "/api/v1/x", "/api/v1"),
                ("a.example", "/", "a.example/"),
                ("a.example", "/api/v1/x", "a.example/api"),
                ("A.Example", "/api", "a.example/api"),
                ("a.example.", "/api", "a.example/api"),
                ("a.example..", "/api", "/api"),
                ("x.a.example", "/x", "/"),
                ("[::1]", "/x/y", "[::1]/x"),
                // What is for the host takes other paths.
                ("[::1]", "/api", "/api"),
                ("a.example", "*", "a.example/"),
                ("", "", "/"),
            ] {
                assert_eq!(routes.find(host, path), Some(&expected), "{host}{path}");
            }
        }
    }

    #[test]
    fn nothing_is_for_nobody() {
        assert_eq!(Routes::<()>::new(Vec::new()).find("a", "/"), None);
        let routes = routes(&["a.example/"]);
        assert_eq!(routes.find("b.example", "/"), None);
        assert_eq!(routes.find("", "/"), None);
    }
}
