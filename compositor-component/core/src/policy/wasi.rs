//! The packages of WASI and their interfaces: which names of rules can mean
//! something.
//!
//! Of WASI 0.2 and 0.3, config, keyvalue, nn and tls, from the WIT files that
//! wasmtime 50 has (`wasmtime-wasi`, `-http`, `-io`, `-config`, `-keyvalue`, `-nn`
//! and `-tls`); of other proposals from the list of them in the repository
//! `WebAssembly/WASI`, whose interfaces and versions still change.

use compositor_diagnostic::suggest::nearest;
use compositor_plan::names::track;

/// A package of WASI.
struct Package {
    name: &'static str,
    /// The tracks of its versions; none means that any may be.
    tracks: &'static [&'static str],
    /// Its interfaces; none means that any may be.
    interfaces: &'static [&'static str],
}

const fn package(
    name: &'static str,
    tracks: &'static [&'static str],
    interfaces: &'static [&'static str],
) -> Package {
    Package {
        name,
        tracks,
        interfaces,
    }
}

const PACKAGES: &[Package] = &[
    package(
        "wasi:cli",
        &["0.2", "0.3"],
        &[
            "environment",
            "exit",
            "run",
            "stderr",
            "stdin",
            "stdout",
            "terminal-input",
            "terminal-output",
            "terminal-stderr",
            "terminal-stdin",
            "terminal-stdout",
            "types",
        ],
    ),
    package(
        "wasi:clocks",
        &["0.2", "0.3"],
        &[
            "monotonic-clock",
            "system-clock",
            "timezone",
            "types",
            "wall-clock",
        ],
    ),
    package("wasi:filesystem", &["0.2", "0.3"], &["preopens", "types"]),
    package(
        "wasi:http",
        &["0.2", "0.3"],
        &[
            "client",
            "handler",
            "incoming-handler",
            "outgoing-handler",
            "types",
        ],
    ),
    package("wasi:io", &["0.2"], &["error", "poll", "streams"]),
    package(
        "wasi:random",
        &["0.2", "0.3"],
        &["insecure", "insecure-seed", "random"],
    ),
    package(
        "wasi:sockets",
        &["0.2", "0.3"],
        &[
            "instance-network",
            "ip-name-lookup",
            "network",
            "tcp",
            "tcp-create-socket",
            "types",
            "udp",
            "udp-create-socket",
        ],
    ),
    package("wasi:config", &[], &["runtime", "store"]),
    package(
        "wasi:keyvalue",
        &[],
        &["atomics", "batch", "store", "watcher"],
    ),
    package("wasi:nn", &[], &["errors", "graph", "inference", "tensor"]),
    package("wasi:tls", &[], &["client", "server", "types"]),
    package("wasi:blobstore", &[], &["blobstore", "container", "types"]),
    package("wasi:logging", &[], &["logging"]),
    package("wasi:messaging", &[], &[]),
    package("wasi:crypto", &[], &[]),
    package("wasi:frame-buffer", &[], &[]),
    package("wasi:gpio", &[], &[]),
    package("wasi:graphics-context", &[], &[]),
    package("wasi:i2c", &[], &[]),
    package("wasi:otel", &[], &[]),
    package("wasi:pwm", &[], &[]),
    package("wasi:spi", &[], &[]),
    package("wasi:sql", &[], &[]),
    package("wasi:surface", &[], &[]),
    package("wasi:usb", &[], &[]),
    package("wasi:webgpu", &[], &[]),
];

/// What reaches others over a network: without a policy this takes the word of who runs
/// the artifact.
pub const REACH: &[&str] = &[
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
    "wasi:sockets/ip-name-lookup",
    "wasi:http/outgoing-handler",
    "wasi:http/client",
    // WASI 0.3 has both kinds of sockets in one interface.
    "wasi:sockets/types",
];

/// Why a name means nothing, and the nearest one that does.
pub struct Unknown {
    /// A clause, such as `WASI has no package "wasi:htp"`.
    pub why: String,
    /// The nearest name, when it is near enough to be meant.
    pub near: Option<String>,
}

/// Why no interface of WASI has a name; none when one has it, or it is no name
/// of WASI's.
pub fn unknown(name: &str) -> Option<Unknown> {
    let (interface, version) = match name.split_once('@') {
        Some((interface, version)) => (interface, Some(version)),
        None => (name, None),
    };
    let (package, item) = match interface.split_once('/') {
        Some((package, item)) => (package, Some(item)),
        None => (interface, None),
    };
    if !package.starts_with("wasi:") {
        return None;
    }
    let Some(known) = PACKAGES.iter().find(|known| known.name == package) else {
        let rest = name.get(package.len()..).unwrap_or_default();
        let near = nearest(package, PACKAGES.iter().map(|known| known.name));
        return Some(Unknown {
            why: format!("WASI has no package {package:?}"),
            near: near.map(|near| format!("{near}{rest}")),
        });
    };
    if let Some(item) = item.filter(|item| !known.has(item)) {
        let lower = item.to_ascii_lowercase();
        let near = nearest(&lower, known.interfaces.iter().copied());
        let rest = name.get(interface.len()..).unwrap_or_default();
        return Some(Unknown {
            why: format!("{package:?} has no interface {item:?}"),
            near: near.map(|near| format!("{package}/{near}{rest}")),
        });
    }
    let version = version.filter(|version| !known.is_published(version))?;
    let tracks = known.tracks;
    let newest = tracks.last().copied().unwrap_or_default();
    let near = nearest(version, tracks.iter().copied()).unwrap_or(newest);
    Some(Unknown {
        why: format!(
            "{package:?} has no version {version:?}, but {}",
            tracks.join(" and ")
        ),
        near: Some(format!("{interface}@{near}")),
    })
}

impl Package {
    fn has(&self, interface: &str) -> bool {
        self.interfaces.is_empty() || self.interfaces.contains(&interface)
    }

    /// Whether a version is on one of the tracks, prereleases of it among them.
    fn is_published(&self, version: &str) -> bool {
        let release = version.split(['-', '+']).next().and_then(track);
        self.tracks.is_empty() || release.is_some_and(|of| self.tracks.contains(&of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown_names() {
        for known in [
            "wasi:cli",
            "wasi:cli@0.2",
            "wasi:cli/environment@0.2.6",
            "wasi:clocks/system-clock@0.3.0-rc-2025-09-16",
            "wasi:keyvalue/store@0.2.0-draft",
            "wasi:messaging/whatever",
            "acme:htp",
        ] {
            assert!(unknown(known).is_none(), "{known}");
        }
        for (name, near) in [
            ("wasi:htp", Some("wasi:http")),
            ("wasi:sokets/tcp@0.2.0", Some("wasi:sockets/tcp@0.2.0")),
            ("wasi:http/typs", Some("wasi:http/types")),
            ("wasi:http/TYPES", Some("wasi:http/types")),
            ("wasi:cli@9.9", Some("wasi:cli@0.2")),
            ("wasi:cli/run@0.1.0", Some("wasi:cli/run@0.3")),
            ("wasi:something-else-entirely", None),
        ] {
            let found = unknown(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(found.near.as_deref(), near, "{name}");
        }
    }
}
