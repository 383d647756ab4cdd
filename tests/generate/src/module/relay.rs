//! Which import has the type of an export, and so can be asked in its place.

use wit_parser::{Function, FunctionKind, Handle, Type, TypeDefKind, TypeId, TypeOwner};

use super::writer::{Imported, Writer};

impl Writer<'_> {
    /// The import that has an export's type.
    pub(super) fn relay(&self, func: &Function) -> Option<usize> {
        let types = |func: &Function| {
            let params = func.params.iter().map(|param| param.ty);
            params.chain(func.result).collect::<Vec<_>>()
        };
        let wanted = types(func);
        let fits = |import: &Imported<'_>| {
            let given = types(import.func);
            import.func.kind == FunctionKind::Freestanding
                && import.func.params.len() == func.params.len()
                && given.len() == wanted.len()
                && given.iter().zip(&wanted).all(|(a, b)| self.same(a, b))
        };
        let named = |import: &Imported<'_>| import.func.name == func.name && fits(import);
        let mut imports = self.imports.iter();
        imports
            .position(named)
            .or_else(|| self.imports.iter().position(fits))
    }

    /// Whether a type of an import is one of an export: by structure, and for
    /// resources that are not the component's own.
    fn same(&self, a: &Type, b: &Type) -> bool {
        let (a, b) = (self.plain(a), self.plain(b));
        let (Type::Id(a), Type::Id(b)) = (a, b) else {
            return a == b;
        };
        let both = |a: &Option<Type>, b: &Option<Type>| match (a, b) {
            (Some(a), Some(b)) => self.same(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        match (&self.resolve.types[a].kind, &self.resolve.types[b].kind) {
            (TypeDefKind::Record(a), TypeDefKind::Record(b)) => {
                a.fields.len() == b.fields.len()
                    && a.fields
                        .iter()
                        .zip(&b.fields)
                        .all(|(a, b)| self.same(&a.ty, &b.ty))
            }
            (TypeDefKind::Tuple(a), TypeDefKind::Tuple(b)) => {
                a.types.len() == b.types.len()
                    && a.types.iter().zip(&b.types).all(|(a, b)| self.same(a, b))
            }
            (TypeDefKind::Variant(a), TypeDefKind::Variant(b)) => {
                a.cases.len() == b.cases.len()
                    && a.cases
                        .iter()
                        .zip(&b.cases)
                        .all(|(a, b)| both(&a.ty, &b.ty))
            }
            (TypeDefKind::Enum(a), TypeDefKind::Enum(b)) => a.cases.len() == b.cases.len(),
            (TypeDefKind::Flags(a), TypeDefKind::Flags(b)) => a.flags.len() == b.flags.len(),
            (TypeDefKind::Option(a), TypeDefKind::Option(b)) => self.same(a, b),
            (TypeDefKind::Result(a), TypeDefKind::Result(b)) => {
                both(&a.ok, &b.ok) && both(&a.err, &b.err)
            }
            (TypeDefKind::List(a), TypeDefKind::List(b)) => self.same(a, b),
            (TypeDefKind::Handle(Handle::Own(a)), TypeDefKind::Handle(Handle::Own(b)))
            | (TypeDefKind::Handle(Handle::Borrow(a)), TypeDefKind::Handle(Handle::Borrow(b))) => {
                let (a, b) = (self.resource_of(*a), self.resource_of(*b));
                a == b && !self.is_own(b)
            }
            _ => false,
        }
    }

    /// A type behind its other names.
    pub(super) fn plain(&self, ty: &Type) -> Type {
        match ty {
            Type::Id(id) => match &self.resolve.types[*id].kind {
                TypeDefKind::Type(ty) => self.plain(ty),
                _ => *ty,
            },
            _ => *ty,
        }
    }

    /// The resource that a name means.
    fn resource_of(&self, id: TypeId) -> TypeId {
        match self.plain(&Type::Id(id)) {
            Type::Id(id) => id,
            _ => id,
        }
    }

    fn is_own(&self, resource: TypeId) -> bool {
        match self.resolve.types[resource].owner {
            TypeOwner::Interface(id) => self.exported.contains(&id),
            _ => false,
        }
    }

    /// The imported resource that is lent by the only parameter.
    pub(super) fn lent(&self, func: &Function) -> Option<TypeId> {
        let [param] = &func.params[..] else {
            return None;
        };
        let Type::Id(id) = self.plain(&param.ty) else {
            return None;
        };
        match &self.resolve.types[id].kind {
            TypeDefKind::Handle(Handle::Borrow(id)) => {
                Some(self.resource_of(*id)).filter(|id| !self.is_own(*id))
            }
            _ => None,
        }
    }
}
