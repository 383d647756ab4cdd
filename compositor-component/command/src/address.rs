//! Addresses that servers listen at.

/// Where nobody says otherwise: nobody but this machine reaches it.
const HOST: &str = "127.0.0.1";

/// Whether it is an address: `HOST:PORT`, `unix:PATH` or `inherited`.
pub fn is_address(text: &str) -> bool {
    let is_tcp = || {
        let (host, port) = text.rsplit_once(':')?;
        let is_host = (!host.contains(':') || host.ends_with(']'))
            && !host.chars().all(|c| c.is_ascii_digit());
        (is_host && port.parse::<u16>().is_ok()).then_some(())
    };
    match text.strip_prefix("unix:") {
        Some(path) => !path.is_empty(),
        None => text == "inherited" || is_tcp().is_some(),
    }
}

/// The address that was meant by what is none, where that can be told: a port, a host or a
/// URL.
pub fn mended(text: &str) -> Option<String> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or_default();
    let is_port = |text: &str| text.parse::<u16>().is_ok();
    let is_host = |text: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        !text.is_empty() && text.chars().all(is_part)
    };
    let mended = match rest {
        port if is_port(port) => format!("{HOST}:{port}"),
        rest if is_address(rest) => rest.to_string(),
        host if is_host(host) => format!("{host}:8080"),
        rest => {
            // A port and no host, or a port that is mapped to another as docker has it.
            let first = rest.trim_start_matches(':').split(':').next()?;
            is_port(first).then(|| format!("{HOST}:{first}"))?
        }
    };
    Some(mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "127.0.0.1:8080",
            "localhost:0",
            "[::1]:80",
            "unix:/run/x",
            "inherited",
        ] {
            assert!(is_address(good), "{good}");
        }
        for (text, meant) in [
            ("8080", "127.0.0.1:8080"),
            (":8080", "127.0.0.1:8080"),
            ("localhost", "localhost:8080"),
            ("http://localhost:3000/x", "localhost:3000"),
            ("8080:80", "127.0.0.1:8080"),
        ] {
            assert_eq!(mended(text).as_deref(), Some(meant), "{text}");
            assert!(is_address(meant), "{meant}");
        }
        for bad in ["", ":80", "8080:80", "::1:80", "a:99999", "unix:", "a b"] {
            assert!(!is_address(bad), "{bad}");
        }
        assert_eq!(mended("a b"), None);
    }
}
