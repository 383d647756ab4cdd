//! A WAC script: the language of `wac compose`, parsed, with the instances that it makes.

use std::collections::BTreeMap;
use std::ops::Range;

use wac_parser::lexer::{Lexer, Token};
use wac_parser::{Document, Error, Expr, InstantiationArgument, NewExpr, PrimaryExpr, Statement};

use crate::draft::{Ids, Part};
use crate::packages::{Package, Packages};
use crate::remarks::Remarks;

/// How deep brackets are in each other at the most: the parser calls itself.
const DEPTH: usize = 50;

/// The bytes of what the parser found.
macro_rules! range {
    ($span:expr) => {{
        let span = $span;
        span.offset()..span.offset() + span.len()
    }};
}
pub(crate) use range;

/// A script.
pub struct Script<'a> {
    /// What it says.
    pub document: Document<'a>,
    /// The instances that it makes, in the order in which it does, each with the bytes
    /// that name its package.
    pub instances: Vec<(Part, Range<usize>)>,
    /// The instance of each `new`, by where that begins.
    pub made: BTreeMap<usize, usize>,
}

/// Reads a script, and finds the components of its packages; none when that failed, of
/// which the remarks say why.
pub fn read<'a>(text: &'a str, packages: &Packages, remarks: &mut Remarks) -> Option<Script<'a>> {
    if let Some(span) = too_deep(text) {
        let message = format!("more than {DEPTH} brackets are in each other");
        remarks.invalid(span, message, "name what is inside with `let`");
        return None;
    }
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let help = "correct the script; `wac parse` says the same of it";
            remarks.invalid(span_of(&error), error.to_string(), help);
            return None;
        }
    };
    let mut found = Vec::new();
    for statement in &document.statements {
        match statement {
            Statement::Let(of) => {
                news(&of.expr, &mut found);
                // What `let` names is known by that name.
                if let (true, Some((_, name))) = (is_new(&of.expr), found.last_mut()) {
                    *name = of.id.string;
                }
            }
            Statement::Export(of) => news(&of.expr, &mut found),
            Statement::Import(_) | Statement::Type(_) => {}
        }
    }
    let mut ids = Ids::default();
    let mut instances = Vec::new();
    let mut made = BTreeMap::new();
    let own = document.directive.package.name;
    for (new, name) in found {
        let span = range!(new.package.span);
        made.insert(new.span.offset(), instances.len());
        let path = find(new, own, packages, remarks).unwrap_or_default();
        let id = ids.next(name);
        instances.push((Part { id, path }, span));
    }
    (!remarks.has_errors()).then_some(Script {
        document,
        instances,
        made,
    })
}

/// The component of a package.
fn find(
    new: &NewExpr<'_>,
    own: &str,
    packages: &Packages,
    remarks: &mut Remarks,
) -> Option<String> {
    let package = &new.package;
    let span = range!(package.span);
    let name = package.string;
    if package.name == own {
        let message = format!("`{name}` is the package of the script itself, and no component");
        remarks.invalid(span, message, "name the package of a component");
        return None;
    }
    let version = package.version.as_ref().map(ToString::to_string);
    match packages.find(package.name, version.as_deref()) {
        Package::File(path) => Some(path),
        Package::Wit(path) => {
            let message = format!("`{name}` is no component: `{path}` is a folder of WIT");
            let help = format!("`--dep {name}=FILE` names its component");
            remarks.absent(span, message, help);
            None
        }
        Package::Absent(path) => {
            let message = format!("there is no component of package `{name}`");
            let help = format!(
                "put it at `{path}`, or name its file with `--dep {name}=FILE`; `--deps DIR` is \
                 the folder of all packages"
            );
            remarks.absent(span, message, help);
            None
        }
    }
}

/// The instances that an expression makes, those that others are given first; each with
/// the name of its package.
fn news<'s>(expr: &'s Expr<'s>, found: &mut Vec<(&'s NewExpr<'s>, &'s str)>) {
    match &expr.primary {
        PrimaryExpr::New(new) => {
            for argument in &new.arguments {
                if let InstantiationArgument::Named(argument) = argument {
                    news(&argument.expr, found);
                }
            }
            found.push((new, new.package.string));
        }
        PrimaryExpr::Nested(nested) => news(&nested.inner, found),
        PrimaryExpr::Ident(_) => {}
    }
}

/// Whether an expression is an instance that it makes, and no export of that.
fn is_new(expr: &Expr<'_>) -> bool {
    let is_new = match &expr.primary {
        PrimaryExpr::New(_) => true,
        PrimaryExpr::Nested(nested) => is_new(&nested.inner),
        PrimaryExpr::Ident(_) => false,
    };
    is_new && expr.postfix.is_empty()
}

/// Where there are too many brackets in each other.
fn too_deep(text: &str) -> Option<Range<usize>> {
    let mut depth = 0_usize;
    // What cannot be read is the parser's to say.
    for (token, span) in Lexer::new(text).ok()? {
        match token {
            Ok(Token::OpenParen | Token::OpenBrace | Token::OpenBracket | Token::OpenAngle) => {
                depth += 1;
            }
            Ok(Token::CloseParen | Token::CloseBrace | Token::CloseBracket | Token::CloseAngle) => {
                depth = depth.saturating_sub(1);
            }
            Ok(_) => {}
            Err(_) => return None,
        }
        if depth > DEPTH {
            return Some(range!(span));
        }
    }
    None
}

fn span_of(error: &Error) -> Range<usize> {
    match error {
        Error::Lexer { span, .. }
        | Error::Expected { span, .. }
        | Error::ExpectedEither { span, .. }
        | Error::ExpectedMultiple { span, .. }
        | Error::EmptyType { span, .. }
        | Error::InvalidVersion { span, .. } => range!(span),
    }
}
