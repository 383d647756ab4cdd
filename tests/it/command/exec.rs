//! `exec`, as far as it needs no runner.

use compositor_tests::{Embedding, dist, read};

use super::fixture::{bad, folder, good, json, status_of_errors};

#[test]
fn list_and_describe() {
    let folder = folder();
    assert_eq!(
        good(&folder, &["exec", "list", "plan.json"]),
        "demo:app/app\n"
    );
    let said = good(&folder, &["exec", "describe", "plan.json", "demo:app/app"]);
    assert!(said.contains("seven: func() -> u32"), "{said}");
    let said = json(&folder, 0, &["exec", "list", "plan.json"]);
    assert_eq!(said["exports"][0]["name"], "demo:app/app");
    let said = bad(
        &folder,
        1,
        &["exec", "describe", "plan.json", "demo:app/ap"],
    );
    assert!(said.contains("error[Exec.MissingExport/"), "{said}");
    assert!(said.contains("did you mean `demo:app/app`?"), "{said}");
}

#[test]
fn a_host_without_a_runner_says_what_to_do_instead() {
    let folder = folder();
    let compositor = read(dist("compositor.wasm"));
    let host = Embedding::new(folder.path());
    let state = ["--state", "state"];
    let trust = ["trust", "add", "--plan", "plan.json"];
    host.run(&compositor, [&trust[..], &state].concat())
        .success();
    for args in [
        &["exec", "run", "plan.json", "--env", "A=B", "--", "-v"][..],
        &["exec", "invoke", "plan.json", "seven()"],
        &["exec", "invoke", "plan.json", "seven", "1", "[\"x\"]"],
        &["exec", "serve", "plan.json", "--addr", "127.0.0.1:0"],
    ] {
        // What comes after `--` is the guest's.
        let (command, rest) = args.split_at(2);
        let ended = host.run(&compositor, [command, &state, rest].concat());
        let said = ended.output.stderr;
        let status = status_of_errors(command);
        assert_eq!((ended.output.status, ended.trap), (status, None), "{said}");
        assert!(said.contains("error[NotImplemented/"), "{said}");
        assert!(
            said.contains("emit build plan.json -o OUT`") && said.contains("`wasmtime "),
            "{said}"
        );
        // It would end here again.
        assert!(!said.contains("composectl exec"), "{said}");
    }
}

#[test]
fn calls_that_cannot_be_read() {
    let folder = folder();
    for (args, says) in [
        (&["seven", "hello"][..], "`hello` is not JSON"),
        (&["seven", "{\"a_b\": 1}"], "`a_b` is not the name"),
        (&["seven(1)", "2"], "`2` is one too many"),
    ] {
        let args = [&["exec", "invoke", "plan.json"], args].concat();
        let said = bad(&folder, 2, &args);
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn nothing_runs_untrusted() {
    let folder = folder();
    let said = bad(&folder, 125, &["exec", "run", "plan.json"]);
    assert!(said.contains("error[Trust.UntrustedSource/"), "{said}");
    assert!(said.contains("trust add"), "{said}");
}
