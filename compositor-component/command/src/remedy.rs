//! The command line's words for what to do next.

use compositor_diagnostic::{Code, Remedy};

use crate::{program, shell};

/// The help of the core, with the commands and options that do what it says.
pub fn with_commands(help: String, remedies: impl Iterator<Item = Remedy>) -> String {
    let commands: Vec<String> = remedies.map(command).collect();
    match commands.is_empty() {
        true => help,
        false => format!("{help} ({})", commands.join(", ")),
    }
}

/// A help as a shell takes it: commands in it, between backticks, have the program's name
/// before them, and a plan's own where `PLAN` stands.
pub fn pasted(help: &str, plan: Option<&str>) -> String {
    let parts = help.split('`').enumerate().map(|(index, part)| {
        let is_command = index % 2 == 1
            && part.contains(' ')
            && part
                .split(' ')
                .next()
                .is_some_and(|word| program::WORDS.contains(&word));
        if !is_command {
            return part.to_string();
        }
        let words = part.split(' ').map(|word| match (word, plan) {
            ("PLAN", Some(plan)) => shell::word(plan),
            (word, _) => word.to_string(),
        });
        let words: Vec<String> = words.collect();
        format!("{} {}", program::name(), words.join(" "))
    });
    parts.collect::<Vec<_>>().join("`")
}

fn command(remedy: Remedy) -> String {
    match remedy {
        Remedy::PutBlob => "`blob put FILE`".to_string(),
        Remedy::LockPlan => "`plan lock PLAN`".to_string(),
        Remedy::ConvertPlan => "`plan convert PLAN`".to_string(),
        Remedy::EncodePlan => "`plan convert PLAN --to cbor -o FILE`".to_string(),
        Remedy::IdentifyWorld => "`canon wit-id FILE`".to_string(),
        Remedy::Trust(None) => "`trust add DIGEST`".to_string(),
        Remedy::Trust(Some(digest)) => format!("`trust add {digest}`"),
        Remedy::Grant(name) => format!("`--allow {name}`"),
        Remedy::Target(name) => format!("`--target {name}`"),
        Remedy::WriteArtifact => "`emit build PLAN -o OUT`".to_string(),
    }
}

/// What to do about an error of the store, of the trust or of the host, which
/// have no place for it.
pub fn of_code(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::BlobNotFound | Code::EmitMissingBlob => {
            "`blob list` shows what is there; `blob put FILE` adds to it"
        }
        Code::EmitCompositionFailed => {
            "name a file that is a valid WebAssembly component; of a valid one `plan validate PLAN \
             --target composectl` says what it needs and this host lacks"
        }
        Code::BlobDigestMismatch => {
            "`blob put FILE` replaces it with a good copy; `blob rm DIGEST` removes it"
        }
        Code::BlobIoError => {
            "check the store's folder, its permissions and the room left; `blob rm DIGEST` removes what is no blob"
        }
        Code::EmitInvalidDigest => "`blob list` and `plan info PLAN` print digests",
        Code::TrustUntrustedSource => {
            "`trust add DIGEST` trusts it, `trust add --plan PLAN` all components of a plan"
        }
        Code::TrustVerificationFailed => {
            "correct or remove what the message names; `trust list` shows what is trusted"
        }
        Code::TrustSignatureInvalid | Code::TrustCertificateExpired => {
            "get the component again from who signs it"
        }
        Code::ExecTrap => {
            "see what its component does there; `plan validate` says whether the plan is sound"
        }
        Code::ExecTimeout | Code::ExecResourceExhausted => {
            "`--limit NAME=VALUE` sets the limit, up to what the plan's policy states"
        }
        Code::EmitLinkError => {
            "bind it to a component that exports it: `plug FILE.wasm FILE… -o OUT` does so for \
             files, `plan add PLAN FILE…` for a plan"
        }
        Code::ExecCapabilityDenied => "name it in the plan's policy, or give `--allow`",
        Code::ExecMissingExport => "`exec list PLAN` shows the exports",
        Code::InternalError => "report it, with the plan and the command line",
        // The others say themselves what to do.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::pasted;

    #[test]
    fn commands_are_for_shells() {
        let help = "`plan lock PLAN` or `--allow PLAN`, as `plan` and `PLAN` are";
        let plain = "`compositor plan lock PLAN` or `--allow PLAN`, as `plan` and `PLAN` are";
        assert_eq!(pasted(help, None), plain);
        let named = "`compositor plan lock 'a b.json'` or `--allow PLAN`, as `plan` and `PLAN` are";
        assert_eq!(pasted(help, Some("a b.json")), named);
    }
}
