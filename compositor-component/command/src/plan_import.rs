//! `plan import`: a plan of what another tool's file says.

use std::rc::Rc;

use compositor_diagnostic::Rule;
use serde_json::json;

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::plan::{self, Candidate, Created, Encoding};
use crate::draft::{Known, Part};
use crate::finding::Finding;
use crate::guess::{self, Keep, Operand};
use crate::input::{Input, is_stdin};
use crate::inputs::Inputs;
use crate::invocation::Invocation;
use crate::output::Output;
use crate::packages::Packages;
use crate::plan_file::check_guessed;
use crate::remarks::Remarks;
use crate::text::Text;
use crate::wrap::filled;
use crate::{escape, paths, recording, spin, spin_plan, wac, wac_script};

/// A file of another tool.
enum Foreign<'a> {
    /// A script of `wac compose`.
    Wac(wac_script::Script<'a>),
    /// A component of a Spin application.
    Spin(spin::Application),
}

/// Writes the plan of a WAC script or of a Spin application's manifest, and says what
/// of it a plan has no word for.
pub fn import(invocation: &Invocation) -> Result<Answer, Failure> {
    let path = &invocation.arguments[0];
    let is_wac = path.ends_with(".wac");
    if is_stdin(path) || !(is_wac || path.ends_with(".toml")) {
        let message = format!("`{path}` is no `*.wac`, a WAC script, and no `spin.toml`");
        return Err(invocation.misuse(message));
    }
    if let (true, Some(id)) = (is_wac, invocation.value("component")) {
        let message = format!("`--component {id}` is for a `spin.toml`, and a script has one plan");
        return Err(invocation.misuse(message));
    }
    let packages = Packages::of(invocation)?;
    let output = match Output::given(invocation)? {
        Some(output) => output,
        None => Output::File("plan.json".to_string()),
    };
    if let Output::File(path) = &output {
        guess::spare_plan(invocation, path)?;
    }
    let what = match is_wac {
        true => "a WAC script",
        false => "a manifest of Spin",
    };
    let file = Rc::new(Input::open(path)?.text(what)?);
    let text = in_utf8(&file)?;
    let mut remarks = Remarks::about(&file);
    let foreign = match is_wac {
        true => wac_script::read(text, &packages, &mut remarks).map(Foreign::Wac),
        false => spin::read(
            invocation,
            text,
            paths::parent(path),
            &packages,
            &mut remarks,
        )?
        .map(Foreign::Spin),
    };
    let Some(foreign) = foreign else {
        return Err(Failure::of(remarks.findings()));
    };
    let files: Vec<Operand> = foreign.parts().map(operand).collect();
    let mut inputs = Inputs::of(invocation);
    inputs.extend([("the file that is imported", path.as_str())]);
    inputs.extend(files.iter().map(|file| ("a component", file.path.as_str())));
    inputs.spare(invocation, &output)?;
    inputs.writes(&output);
    recording::begin(invocation, &inputs)?;
    let keep = match invocation.has("locked") {
        true => Keep::Used,
        false => Keep::Nothing,
    };
    let folder = output.folder();
    let made = guess::of_files(
        invocation,
        &files,
        folder,
        keep,
        &Default::default(),
        |candidates| foreign.created(candidates, &packages, &mut remarks),
    );
    let made = match made {
        Ok(made) => made,
        Err(mut failure) => {
            let mut findings = remarks.findings();
            findings.append(&mut failure.findings);
            failure.findings = findings;
            return Err(failure);
        }
    };
    let plan = match keep {
        Keep::Used => made.created.plan,
        Keep::Nothing => guess::unlocked(&made.created.plan)?,
    };
    let mut answer = output.write_plan(&plan)?;
    let summary = check_guessed(plan::summarize(&plan))?;
    let ids: Vec<&str> = summary.components.iter().map(|of| of.id.as_str()).collect();
    let used = files.iter().filter(|file| {
        let id = file.id.as_deref();
        id.is_some_and(|id| ids.contains(&id))
    });
    let mut listed = Vec::new();
    for file in used {
        let id = file.id.as_deref().unwrap_or_default();
        let root = if id == summary.root { "root" } else { "" };
        let (shown, path) = (escape::line(id), escape::line(&file.path));
        let root = format!("{root:<10}");
        answer.text += &(filled([&root, &shown, "", &path], 11) + "\n");
        listed.push(json!({ "id": id, "path": file.path }));
    }
    Ok(answer
        .field("root", summary.root.as_str())
        .field("components", listed)
        .findings(remarks.findings()))
}

impl Foreign<'_> {
    fn parts(&self) -> impl Iterator<Item = &Part> {
        let parts = match self {
            Self::Wac(script) => &script.instances,
            Self::Spin(application) => &application.parts,
        };
        parts.iter().map(|(part, _)| part)
    }

    /// The plan of what was staged.
    fn created(
        &self,
        candidates: &[Candidate],
        packages: &Packages,
        remarks: &mut Remarks,
    ) -> Result<Created, Failure> {
        let known = Known::of(candidates)?;
        let draft = match self {
            Self::Wac(script) => wac::draft(script, &known, packages, remarks),
            Self::Spin(application) => spin_plan::draft(application, candidates, &known, remarks),
        };
        let draft = draft.filter(|_| !remarks.has_errors());
        // The remarks say what is wrong.
        let draft = draft.ok_or_else(|| Failure::of(Vec::new()))?;
        let text = draft.json(candidates).to_string();
        Ok(Created {
            plan: check_guessed(plan::convert(text.as_bytes(), Encoding::Json))?,
            manifest: Vec::new(),
            skipped: Vec::new(),
        })
    }
}

fn operand(part: &Part) -> Operand {
    Operand {
        id: Some(part.id.clone()),
        path: part.path.clone(),
        is_named: true,
    }
}

fn in_utf8(file: &Text) -> Result<&str, Failure> {
    std::str::from_utf8(&file.bytes).map_err(|error| {
        let message = format!(
            "`{}` is not UTF-8, from byte {}",
            file.name,
            error.valid_up_to()
        );
        Finding::error(Rule::InvalidForeignFile, message)
            .help("save it as UTF-8")
            .into()
    })
}
