//! Routes that are none, or that cannot be together: status 2, which one it is, and what to do.

use compositor_tests::composectl;

use super::routes::{folder, refused};

#[test]
fn routes_that_are_none() {
    let folder = folder();
    let api = "/api=hello.wasm";
    for (args, says, next) in [
        (
            &[][..],
            "`composectl serve` needs FILE.wasm|PLAN, or `--route [HOST][/PATH]=PLAN`",
            "`composectl serve --help`",
        ),
        (
            &["--route", "hello.wasm"],
            "`--route hello.wasm` is not `--route [HOST][/PATH]=PLAN`",
            "`--route /api=hello.wasm`",
        ),
        (
            &["--route", "/api"],
            "`--route /api` is not `--route [HOST][/PATH]=PLAN`",
            "`--route /api=PLAN`",
        ),
        (
            &["--route", "/api="],
            "`--route /api=` names no plan",
            "`--route /api=PLAN`",
        ),
        (
            &["--route", "=hello.wasm"],
            "names neither a host nor a path",
            "`hello.wasm` alone",
        ),
        (
            &["--route", "/api/=hello.wasm"],
            "has no path `/api/`",
            "did you mean `--route /api=hello.wasm`?",
        ),
        (
            &["--route", "http://h:80/v1=hello.wasm"],
            "has no host `http:`",
            "did you mean `--route h/v1=hello.wasm`?",
        ),
        (
            &["--route", "*.example.com=hello.wasm"],
            "has no host `*.example.com`",
            "compared as a whole",
        ),
        (
            &["--route", api, "--route", "/api=silent.wasm"],
            "the route `/api` is given twice, with `hello.wasm` and `silent.wasm`",
            "leave one of them out",
        ),
        (
            &["--route", "H=hello.wasm", "--route", "h/=silent.wasm"],
            "the route `h` is given twice",
            "leave one of them out",
        ),
        (
            &["silent.wasm", "--route", "/=hello.wasm"],
            "`--route /=hello.wasm` is for all requests, and so is the operand `silent.wasm`",
            "leave one of them out",
        ),
        (
            &["-", "--route", "/api=-"],
            "stdin is one plan",
            "`composectl serve --help`",
        ),
        (
            &["--route", "/api=-", "--policy", "-"],
            "stdin is the plan or the policy, not both",
            "`composectl serve --help`",
        ),
        (
            &["silent.wasm", "--route", api, "--save", "plan.json"],
            "`--save` writes the plan of one component",
            "`composectl serve --help`",
        ),
        (
            &["silent.wasm", "--route", "/api=-", "--watch"],
            "`--watch` needs a file",
            "`composectl serve --help`",
        ),
    ] {
        let output = refused(&folder, args);
        assert_eq!(output.status, 2, "{args:?} {output:?}");
        for said in [says, next, "Usage: composectl serve "] {
            assert!(output.stderr.contains(said), "{args:?} {said} {output:?}");
        }
    }
    assert!(!folder.join("plan.json").exists());
    // They take the place of an operand for one command alone.
    let args = ["run", "silent.wasm", "--route", api];
    let output = composectl(folder.path(), args);
    assert_eq!(output.status, 2, "{output:?}");
    let said = "it is an option of serve, exec serve";
    assert!(output.stderr.contains(said), "{output:?}");
    // A folder's file may come from anybody, and what is served is the user's word.
    folder.write("composectl.toml", "[serve]\nroute = \"/api=hello.wasm\"\n");
    let output = refused(&folder, &["silent.wasm"]);
    assert_eq!(output.status, 2, "{output:?}");
    let said = "`route` cannot be set in a file";
    assert!(output.stderr.contains(said), "{output:?}");
}
