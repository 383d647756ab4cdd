//! What the names and expressions of a WAC script are, by the rules of its language.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use wac_parser::{
    Expr, Ident, ImportStatement, ImportType, InstantiationArgument, InstantiationArgumentName,
    NewExpr, PostfixExpr, PrimaryExpr,
};

use crate::bindings::sys::compose::plan::DescribedName;
use crate::draft::Sides;
use crate::remarks::Remarks;
use crate::wac_script::{Script, range};

/// What an expression is.
#[derive(Clone, Debug)]
pub enum Item {
    /// An instance of a component.
    Instance(usize),
    /// An export of one.
    Export {
        /// Whose.
        of: usize,
        /// Its name there.
        name: String,
    },
    /// An import of the script.
    Import(usize),
    /// A part of an import or of an export.
    Inner,
    /// A type; of an interface, its full name.
    Type(Option<String>),
    /// Nothing: an error says why.
    Unknown,
}

/// An import of the script.
pub struct Import {
    /// The name that the composition has it under.
    pub name: String,
    /// The interface that it is, where the script says so.
    pub interface: Option<String>,
    /// Where it stands.
    pub span: Range<usize>,
    /// Whether something is given it.
    pub is_used: bool,
}

/// What an instance is given for an import.
pub enum Given {
    /// An export of another one.
    Export(usize, String),
    /// An import of the composition.
    Open,
}

/// Names, and what instances are given.
pub struct Items<'a, 's> {
    script: &'s Script<'a>,
    /// What the component of each instance imports and exports.
    pub sides: Vec<Rc<Sides<'s>>>,
    /// The imports.
    pub imports: Vec<Import>,
    /// What each instance is given; the rest stays open.
    pub given: Vec<BTreeMap<String, Given>>,
    names: BTreeMap<&'s str, Item>,
}

const WHOLE: &str = "`wac compose` makes one component of the script, which a plan can have";

impl<'a, 's> Items<'a, 's> {
    /// Nothing of a script yet, of whose instances this is known.
    pub fn new(script: &'s Script<'a>, sides: Vec<Rc<Sides<'s>>>) -> Self {
        Self {
            script,
            given: sides.iter().map(|_| BTreeMap::new()).collect(),
            sides,
            imports: Vec::new(),
            names: BTreeMap::new(),
        }
    }

    /// Gives a name to something.
    pub fn name(&mut self, id: &'s str, span: Range<usize>, item: Item, remarks: &mut Remarks) {
        if self.names.insert(id, item).is_some() {
            let message = format!("`{id}` is the name of something else already");
            remarks.invalid(span, message, "take another name");
        }
    }

    /// An import of the script.
    pub fn import(&mut self, of: &'s ImportStatement<'a>, remarks: &mut Remarks) {
        let interface = match &of.ty {
            ImportType::Package(path) => Some(path.string.to_string()),
            ImportType::Ident(id) => match self.local(id, remarks) {
                Item::Type(interface) => interface,
                _ => None,
            },
            ImportType::Func(_) | ImportType::Interface(_) => None,
        };
        let name = match &of.name {
            Some(name) => name.as_str().to_string(),
            None => interface.clone().unwrap_or(of.id.string.to_string()),
        };
        self.imports.push(Import {
            name,
            interface,
            span: range!(of.id.span),
            is_used: false,
        });
        let item = Item::Import(self.imports.len() - 1);
        self.name(of.id.string, range!(of.id.span), item, remarks);
    }

    /// What an expression is.
    pub fn expr(&mut self, expr: &'s Expr<'a>, remarks: &mut Remarks) -> Item {
        let mut item = match &expr.primary {
            PrimaryExpr::New(new) => self.new_expr(new, remarks),
            PrimaryExpr::Nested(nested) => self.expr(&nested.inner, remarks),
            PrimaryExpr::Ident(id) => self.local(id, remarks),
        };
        for postfix in &expr.postfix {
            let (name, span, is_exact) = match postfix {
                PostfixExpr::Access(of) => (of.id.string, range!(of.id.span), false),
                PostfixExpr::NamedAccess(of) => (of.string.value, range!(of.string.span), true),
            };
            item = match item {
                Item::Instance(of) => self.access(of, name, is_exact, span, remarks),
                Item::Export { .. } | Item::Import(_) | Item::Inner => Item::Inner,
                Item::Type(_) => {
                    let message = format!("a type has no `{name}`");
                    remarks.invalid(span, message, "access an export of an instance");
                    Item::Unknown
                }
                Item::Unknown => Item::Unknown,
            };
        }
        item
    }

    fn local(&self, id: &Ident<'a>, remarks: &mut Remarks) -> Item {
        match self.names.get(id.string) {
            Some(item) => item.clone(),
            None => {
                let message = format!("nothing has the name `{}` here", id.string);
                let help = "name what `let` or `import` named before";
                remarks.invalid(range!(id.span), message, help);
                Item::Unknown
            }
        }
    }

    fn access(
        &self,
        of: usize,
        name: &str,
        is_exact: bool,
        span: Range<usize>,
        remarks: &mut Remarks,
    ) -> Item {
        let exports = &self.sides[of].exports;
        let found = match is_exact {
            true => exports.exact(name),
            false => exports.ending(name),
        };
        match found {
            Some(export) => Item::Export {
                of,
                name: export.name.clone(),
            },
            None => {
                let message = format!("`{}` does not export `{name}`", self.id(of));
                let help = format!("name one of its exports: {}", exports.shown());
                remarks.invalid(span, message, help);
                Item::Unknown
            }
        }
    }

    /// The id of an instance.
    pub fn id(&self, of: usize) -> &'s str {
        &self.script.instances[of].0.id
    }

    /// Makes an instance, and says what it is given.
    fn new_expr(&mut self, new: &'s NewExpr<'a>, remarks: &mut Remarks) -> Item {
        let mut arguments: Vec<(String, Item, Range<usize>)> = Vec::new();
        let mut fills = false;
        let of = self.script.made[&new.span.offset()];
        let count = new.arguments.len();
        for (index, argument) in new.arguments.iter().enumerate() {
            let (name, item, span) = match argument {
                InstantiationArgument::Inferred(id) => {
                    let item = self.local(id, remarks);
                    (self.inferred(of, id, &item), item, range!(id.span))
                }
                InstantiationArgument::Named(argument) => {
                    let item = self.expr(&argument.expr, remarks);
                    let span = range!(argument.name.span());
                    let name = argument.name.as_str();
                    let imports = &self.sides[of].imports;
                    let known = match &argument.name {
                        InstantiationArgumentName::Ident(_) => imports.ending(name),
                        InstantiationArgumentName::String(_) => None,
                    };
                    let known = known.map_or(name, |import| import.name.as_str());
                    (known.to_string(), item, span)
                }
                InstantiationArgument::Spread(_) => continue,
                InstantiationArgument::Fill(span) => {
                    fills = true;
                    if index + 1 < count {
                        let message = "`...` is not the last argument";
                        let help = "put it behind the others";
                        remarks.invalid(range!(span), message, help);
                    }
                    continue;
                }
            };
            arguments.push((name, item, span));
        }
        for (name, item, span) in arguments {
            if self.sides[of].imports.exact(&name).is_none() {
                let message = format!("`{}` does not import `{name}`", self.id(of));
                let help = format!(
                    "name one of its imports: {}",
                    self.sides[of].imports.shown()
                );
                remarks.invalid(span, message, help);
            } else if self.given[of].contains_key(&name) {
                let message = format!("the argument `{name}` is given twice");
                remarks.invalid(span, message, "remove one");
            } else {
                let given = self.argument(of, &name, item, span, remarks);
                self.given[of].insert(name, given);
            }
        }
        for argument in &new.arguments {
            if let InstantiationArgument::Spread(id) = argument {
                self.spread(of, id, remarks);
            }
        }
        let imports = self.sides[of].imports.list.iter();
        let is_missing = |import: &&DescribedName| !self.given[of].contains_key(&import.name);
        for import in imports.filter(is_missing).filter(|_| !fills) {
            let message = format!("`{}` is given no `{}`", self.id(of), import.name);
            let help = "add it as an argument, or `...`, which leaves it to whoever runs the \
                        composition";
            remarks.invalid(range!(new.package.span), message, help);
        }
        Item::Instance(of)
    }

    /// The import that a name alone stands for.
    fn inferred(&self, of: usize, id: &Ident<'a>, item: &Item) -> String {
        let imports = &self.sides[of].imports;
        let mut names = Vec::new();
        match item {
            Item::Export { name, .. } => names.push(name.as_str()),
            Item::Import(import) => {
                let import = &self.imports[*import];
                names.extend(import.interface.as_deref());
                names.push(&import.name);
            }
            Item::Instance(_) | Item::Inner | Item::Type(_) | Item::Unknown => {}
        }
        let own = names.into_iter().find(|name| imports.exact(name).is_some());
        let ending = || imports.ending(id.string).map(|import| import.name.as_str());
        own.or_else(ending).unwrap_or(id.string).to_string()
    }

    /// What an instance is given for an import by an argument.
    fn argument(
        &mut self,
        of: usize,
        name: &str,
        item: Item,
        span: Range<usize>,
        remarks: &mut Remarks,
    ) -> Given {
        match item {
            Item::Export { of, name } => return Given::Export(of, name),
            Item::Import(index) => {
                let import = &mut self.imports[index];
                import.is_used = true;
                let own = import.name.as_str();
                let wanted = self.sides[of].imports.exact(name);
                let is_track = wanted.is_some_and(|wanted| same_track(&wanted.canonical, own));
                if own != name && is_track {
                    let message = format!(
                        "the artifact imports `{name}`, as its component does, and not the \
                         compatible `{own}`"
                    );
                    remarks.dropped(span, message, "hosts that have the one give the other");
                } else if own != name {
                    let message = format!(
                        "the import `{own}` is given as `{name}`, and an import that a plan leaves \
                         open has the name that its component has for it"
                    );
                    let help = format!("import it as \"{name}\"; or {WHOLE}");
                    remarks.changed(span, message, help);
                }
            }
            Item::Instance(provider) => {
                let message = format!(
                    "all of the instance `{}` is given as `{name}`, and a plan gives an export",
                    self.id(provider)
                );
                let help = format!("give one of its exports; or {WHOLE}");
                remarks.changed(span, message, help);
            }
            Item::Inner => {
                let message = format!(
                    "a part of an interface is given as `{name}`, and a plan gives an export of a \
                     component"
                );
                remarks.changed(span, message, format!("give all of it; or {WHOLE}"));
            }
            Item::Type(_) => {
                let message = format!("a type is given as `{name}`, and a plan gives exports");
                remarks.changed(span, message, WHOLE);
            }
            Item::Unknown => {}
        }
        Given::Open
    }

    /// Gives the exports of an instance for those imports that nothing was given for.
    fn spread(&mut self, of: usize, id: &Ident<'a>, remarks: &mut Remarks) {
        let span = range!(id.span);
        let provider = match self.local(id, remarks) {
            Item::Instance(provider) => provider,
            Item::Unknown => return,
            Item::Type(_) => {
                let message = format!("`{}` is a type, and no instance", id.string);
                return remarks.invalid(span, message, "name an instance behind `...`");
            }
            Item::Export { .. } | Item::Import(_) | Item::Inner => {
                let message = format!(
                    "the parts of `{}` are given one by one, and a plan gives exports of \
                     components",
                    id.string
                );
                return remarks.changed(span, message, WHOLE);
            }
        };
        let mut has_effect = false;
        for import in self.sides[of].imports.list {
            if self.given[of].contains_key(&import.name) {
                continue;
            }
            if let Some(export) = self.sides[provider].exports.compatible(import) {
                has_effect = true;
                let given = Given::Export(provider, export.name.clone());
                self.given[of].insert(import.name.clone(), given);
            }
        }
        if !has_effect {
            let (provider, of) = (self.id(provider), self.id(of));
            let message = format!("`{provider}` exports nothing that `{of}` still needs");
            remarks.invalid(span, message, "remove it");
        }
    }
}

/// Whether a name is of the track that a canonical name says.
fn same_track(canonical: &str, name: &str) -> bool {
    let Some((base, track)) = canonical.rsplit_once('@') else {
        return false;
    };
    let Some((other, version)) = name.split_once('@') else {
        return false;
    };
    let rest = version.strip_prefix(track);
    base == other && rest.is_some_and(|rest| rest.starts_with('.'))
}
