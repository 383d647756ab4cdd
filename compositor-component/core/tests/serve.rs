//! Serving several plans: the host's runner gets a program for each, or nothing is served and
//! what is wrong is said of each.

use std::cell::RefCell;

use compositor_core::host::{self, Configuration, Host, Output, Program, Runner, Server, Unserved};
use compositor_core::memory::MemoryStore;
use compositor_core::serve::{Route, RouteFinding, serve};
use compositor_core::{Code, Error, HostPolicy, Limits, Options, Severity, Target, host_policy};
use serde_json::json;

/// Keeps what it is asked to serve, and says of the last route that it is wrong, where it
/// is asked for that.
#[derive(Default)]
struct Kept {
    routes: RefCell<Vec<host::Route>>,
    refuses: bool,
}

impl Runner for Kept {
    fn fingerprint(&self) -> String {
        "kept".into()
    }

    fn run(&self, _: &Program, _: &Configuration) -> Result<(u32, Output), Error> {
        unreachable!("nothing is run")
    }

    fn invoke(&self, _: &Program, _: &str, _: &Configuration) -> Result<(String, Output), Error> {
        unreachable!("nothing is called")
    }

    fn serve(&self, routes: &[host::Route], _: &Server) -> Result<(), Unserved> {
        *self.routes.borrow_mut() = routes.to_vec();
        match self.refuses {
            false => Ok(()),
            true => Err(Unserved {
                route: routes.len().checked_sub(1),
                error: Error {
                    code: Code::ExecMissingExport,
                    message: "it handles nothing".into(),
                    context: None,
                },
            }),
        }
    }
}

/// A plan of one component, which imports a function of an interface, under a policy.
fn plan(store: &MemoryStore, id: &str, interface: &str, policy: serde_json::Value) -> Vec<u8> {
    let text = format!(r#"(component (import "{interface}" (instance (export "f" (func)))))"#);
    let digest = store.put(wat::parse_str(text).expect("a component"));
    store.trust(digest);
    let plan = json!({
        "version": "1", "root": id, "bindings": [], "policy": policy,
        "components": [{ "id": id, "digest": digest.to_string() }],
    });
    plan.to_string().into_bytes()
}

fn route(path: &str, plan: &[u8]) -> Route {
    Route {
        host: None,
        path: path.to_string(),
        plan: plan.to_vec(),
    }
}

fn served(
    routes: &[Route],
    options: &Options,
    store: &MemoryStore,
    runner: &Kept,
) -> Result<Vec<RouteFinding>, Vec<RouteFinding>> {
    let server = Server {
        address: "127.0.0.1:0".to_string(),
        tls: None,
        health: None,
        access_log: false,
    };
    let host = Host {
        runner,
        ..store.host()
    };
    serve(routes, &server, options, host)
}

/// Which route each finding is about, and its rule.
fn said(findings: &[RouteFinding]) -> Vec<(Option<usize>, &str)> {
    let said = findings.iter();
    said.map(|of| (of.route, of.finding.rule.name())).collect()
}

#[test]
fn each_has_its_own_grants_limits_and_tenant() {
    let store = MemoryStore::new();
    let of = |id: &str, policy| plan(&store, id, "wasi:sockets/tcp@0.2.0", policy);
    let capability = json!([{ "name": "wasi:sockets", "level": "required" }]);
    let routes = [
        Route {
            host: Some("a.example".to_string()),
            ..route(
                "/",
                &of("a", json!({ "tenant": "acme", "limits": { "cpu_ms": 7 } })),
            )
        },
        route("/api", &of("b", json!({ "capabilities": capability }))),
    ];
    let options = Options {
        limits: vec![("cpu-ms".to_string(), 9)],
        policy: HostPolicy {
            target: Target::COMPOSECTL,
            ..host_policy::parse(br#"{"allow": ["wasi:sockets"]}"#, &Limits::default())
                .expect("a policy")
        },
        ..Options::default()
    };
    let kept = Kept::default();
    let ended = served(&routes, &options, &store, &kept);
    assert!(ended.is_ok(), "{ended:#?}");
    let kept = kept.routes.borrow();
    let [a, b] = &kept[..] else {
        panic!("{kept:#?}");
    };
    assert_eq!((a.host.as_deref(), &*a.path), (Some("a.example"), "/"));
    assert_eq!((b.host.as_deref(), &*b.path), (None, "/api"));
    assert_eq!((&*a.root.parts[0].0, &*b.root.parts[0].0), ("a", "b"));
    let of = |route: &host::Route| {
        (
            route.configuration.limits.cpu_ms,
            route.configuration.tenant.clone(),
        )
    };
    assert_eq!(of(a), (7, Some("acme".to_string())));
    assert_eq!(of(b), (9, None));
    assert!(b.root.grants.tcp);
}

#[test]
fn one_that_is_not_trusted_keeps_all_from_being_served() {
    let store = MemoryStore::new();
    let good = plan(&store, "good", "wasi:random/random@0.2.0", json!({}));
    let other = store.put(wat::parse_str("(component)").expect("a component"));
    let bad = json!({
        "version": "1", "root": "bad", "bindings": [],
        "components": [{ "id": "bad", "digest": other.to_string() }],
    });
    let bad = bad.to_string().into_bytes();
    let routes = [route("/", &good), route("/a", &bad), route("/b", &bad)];
    let kept = Kept::default();
    let failed = served(&routes, &Options::default(), &store, &kept).expect_err("no trust");
    let found: Vec<Option<usize>> = failed.iter().map(|of| of.route).collect();
    assert_eq!(found, [Some(1), Some(2)]);
    for of in &failed {
        assert_eq!(of.finding.code, Code::TrustUntrustedSource, "{of:?}");
        assert!(of.finding.message.contains("\"bad\""), "{of:?}");
    }
    assert!(kept.routes.borrow().is_empty());
    // What is no plan is said before that, of its own route.
    let routes = [route("/", &good), route("/a", b"{")];
    let failed = served(&routes, &Options::default(), &store, &kept).expect_err("no plan");
    assert_eq!(said(&failed), [(Some(1), "invalid-json")]);
}

#[test]
fn what_the_host_refuses_is_about_its_route() {
    let store = MemoryStore::new();
    let plan = plan(&store, "app", "wasi:random/random@0.2.0", json!({}));
    let kept = Kept {
        refuses: true,
        ..Kept::default()
    };
    let routes = [route("/", &plan), route("/a", &plan)];
    let failed = served(&routes, &Options::default(), &store, &kept).expect_err("it refuses");
    assert_eq!(failed[0].route, Some(1));
    assert_eq!(failed[0].finding.code, Code::ExecMissingExport);
}

/// What the user gives is for all plans together.
#[test]
fn what_has_an_effect_on_one_is_not_said_of_others() {
    let store = MemoryStore::new();
    let of = |id: &str, interface: &str| plan(&store, id, interface, json!({}));
    let (environment, random) = ("wasi:cli/environment@0.2.0", "wasi:random/random@0.2.0");
    let taking = of("taking", environment);
    let other = of("other", random);
    let kept = Kept::default();
    let options = Options {
        environment: vec![("NAME".to_string(), "value".to_string())],
        policy: HostPolicy {
            target: Target::COMPOSECTL,
            ..host_policy::parse(
                br#"{"allow": [{ "name": "wasi:cli/environment", "components": ["taking"] }]}"#,
                &Limits::default(),
            )
            .expect("a policy")
        },
        ..Options::default()
    };
    let both = [route("/", &taking), route("/a", &other)];
    let warnings = served(&both, &options, &store, &kept).expect("the rule is for one of them");
    assert_eq!(said(&warnings), []);
    let neither = [route("/", &other), route("/a", &other)];
    let failed = served(&neither, &options, &store, &kept).expect_err("it is for none of them");
    let rule = "unknown-host-rule-component";
    let errors = failed.into_iter();
    let errors = errors.filter(|of| of.finding.severity == Severity::Error);
    let errors: Vec<RouteFinding> = errors.collect();
    assert_eq!(said(&errors), [(Some(0), rule), (Some(1), rule)]);
    // What no plan takes is said of each.
    let options = Options {
        policy: HostPolicy {
            target: Target::COMPOSECTL,
            ..host_policy::parse(br#"{"allow": ["wasi:sockets"]}"#, &Limits::default())
                .expect("a policy")
        },
        ..options
    };
    let warnings = served(&neither, &options, &store, &kept).expect("warnings");
    let (input, rule) = ("ungranted-input", "unused-host-rule");
    let of_each = [
        (Some(0), input),
        (Some(0), rule),
        (Some(1), input),
        (Some(1), rule),
    ];
    assert_eq!(said(&warnings), of_each);
    let sockets = of("sockets", "wasi:sockets/tcp@0.2.0");
    let one = [route("/", &other), route("/a", &sockets)];
    let warnings = served(&one, &options, &store, &kept).expect("warnings");
    assert_eq!(said(&warnings), [(Some(0), input), (Some(1), input)]);
}
