//! Whether one structure fits another, up to the names of resources.
//!
//! Two components may know one resource by different names: an instance exports
//! it as `fields` and as `headers`, and another component asks for `headers`
//! alone. So what an item asks for names its resources, and what is given under
//! those names are the resources that it gets; whatever else is made of the one
//! must be made of the other. A resource that the item itself does not name (a
//! function's) is the same when the components have a name in common for it.

use std::collections::HashMap;

use super::shape::{ResourceShape, Shape, ShapeId, Shapes};

/// How two sides of a binding differ, item by item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The items themselves differ.
    Item,
    /// Exports of the instances: missing ones, and ones that differ.
    Exports {
        /// What the provider lacks.
        missing: Vec<String>,
        /// What both have, differently.
        different: Vec<String>,
    },
}

impl Shapes {
    /// What `needed` asks for and `given` does not have; none when it fits.
    /// An instance may have more exports than are asked for.
    pub fn difference(&self, given: ShapeId, needed: ShapeId) -> Option<Difference> {
        Fit::new(self, false).difference(given, needed)
    }

    /// Whether two imports can be one: two instances agree on every export that
    /// both have.
    pub fn compatible(&self, a: ShapeId, b: ShapeId) -> bool {
        a == b || Fit::new(self, true).agree(a, b)
    }
}

/// One comparison.
struct Fit<'a> {
    shapes: &'a Shapes,
    /// Whether different resources of one side are different ones of the other.
    is_strict: bool,
    /// What is given for each resource that is needed.
    given: HashMap<ResourceShape, ResourceShape>,
    needed: HashMap<ResourceShape, ResourceShape>,
    /// Whether each is given for itself.
    is_identity: bool,
    /// What was compared: a type may be in another many times.
    known: HashMap<(ShapeId, ShapeId), bool>,
}

impl<'a> Fit<'a> {
    fn new(shapes: &'a Shapes, is_strict: bool) -> Self {
        Self {
            shapes,
            is_strict,
            given: HashMap::new(),
            needed: HashMap::new(),
            is_identity: true,
            known: HashMap::new(),
        }
    }

    /// What `needed` asks for and `given` does not have; none when it fits.
    fn difference(mut self, given: ShapeId, needed: ShapeId) -> Option<Difference> {
        if given == needed {
            return None;
        }
        let shapes = self.shapes;
        let (Shape::Instance(given), Shape::Instance(needed)) =
            (shapes.get(given), shapes.get(needed))
        else {
            let fits = self.pair_resources(given, needed) && self.fits(given, needed);
            return (!fits).then_some(Difference::Item);
        };
        let (mut missing, mut different) = (Vec::new(), Vec::new());
        let pairs: Vec<_> = pairs(given, needed).collect();
        let paired: Vec<bool> = pairs
            .iter()
            .map(|(_, given, needed)| given.is_none_or(|given| self.pair_resources(given, *needed)))
            .collect();
        for ((name, given, needed), is_paired) in pairs.into_iter().zip(paired) {
            match given {
                None => missing.push(name.to_string()),
                Some(given) if is_paired && self.fits(given, needed) => {}
                Some(_) => different.push(name.to_string()),
            }
        }
        if missing.is_empty() && different.is_empty() {
            return None;
        }
        Some(Difference::Exports { missing, different })
    }

    /// Whether two imports agree on what both have.
    fn agree(mut self, a: ShapeId, b: ShapeId) -> bool {
        let (Shape::Instance(a), Shape::Instance(b)) = (self.shapes.get(a), self.shapes.get(b))
        else {
            return self.pair_resources(a, b) && self.fits(a, b);
        };
        let both = pairs(a, b).filter_map(|(_, a, b)| Some((a?, b)));
        let both: Vec<(ShapeId, ShapeId)> = both.collect();
        both.iter().all(|(a, b)| self.pair_resources(*a, *b))
            && both.into_iter().all(|(a, b)| self.fits(a, b))
    }

    /// Pairs the resources that have one name on both sides; whether each is
    /// given once.
    fn pair_resources(&mut self, given: ShapeId, needed: ShapeId) -> bool {
        match (self.shapes.get(given), self.shapes.get(needed)) {
            (Shape::Resource(given), Shape::Resource(needed)) => self.pair(*given, *needed),
            (Shape::Instance(given), Shape::Instance(needed)) => {
                let mut pairs = pairs(given, needed);
                pairs.all(|(_, given, needed)| {
                    given.is_none_or(|given| self.pair_resources(given, needed))
                })
            }
            _ => true,
        }
    }

    fn pair(&mut self, given: ResourceShape, needed: ResourceShape) -> bool {
        let is_given = *self.given.entry(needed).or_insert(given) == given;
        let is_needed = *self.needed.entry(given).or_insert(needed) == needed;
        self.is_identity &= given == needed;
        is_given && (is_needed || !self.is_strict)
    }

    fn resource(&mut self, given: ResourceShape, needed: ResourceShape) -> bool {
        if let Some(known) = self.given.get(&needed) {
            return *known == given;
        }
        let theirs = self.shapes.names_of(needed);
        let mut ours = self.shapes.names_of(given).iter();
        let is_common = ours.any(|name| theirs.binary_search(name).is_ok());
        is_common && self.pair(given, needed)
    }

    /// Whether what is given fits where something is needed.
    fn fits(&mut self, given: ShapeId, needed: ShapeId) -> bool {
        if given == needed && self.is_identity {
            return true;
        }
        if let Some(known) = self.known.get(&(given, needed)) {
            return *known;
        }
        let fits = self.compare(given, needed);
        self.known.insert((given, needed), fits);
        fits
    }

    fn compare(&mut self, given: ShapeId, needed: ShapeId) -> bool {
        let shapes = self.shapes;
        match (shapes.get(given), shapes.get(needed)) {
            (Shape::Own(a), Shape::Own(b))
            | (Shape::Borrow(a), Shape::Borrow(b))
            | (Shape::Resource(a), Shape::Resource(b)) => self.resource(*a, *b),
            (Shape::Record(a), Shape::Record(b)) => self.named(a, b),
            (Shape::Variant(a), Shape::Variant(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b)
                        .all(|((a, ty), (b, other))| a == b && self.optional(*ty, *other))
            }
            (Shape::List(a), Shape::List(b))
            | (Shape::Option(a), Shape::Option(b))
            | (Shape::Type(a), Shape::Type(b))
            | (Shape::Value(a), Shape::Value(b)) => self.fits(*a, *b),
            (Shape::FixedLengthList(a, count), Shape::FixedLengthList(b, other)) => {
                count == other && self.fits(*a, *b)
            }
            (Shape::Map(a, value), Shape::Map(b, other)) => {
                self.fits(*a, *b) && self.fits(*value, *other)
            }
            (Shape::Tuple(a), Shape::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.fits(*a, *b))
            }
            (Shape::Result(a, error), Shape::Result(b, other)) => {
                self.optional(*a, *b) && self.optional(*error, *other)
            }
            (Shape::Future(a), Shape::Future(b)) | (Shape::Stream(a), Shape::Stream(b)) => {
                self.optional(*a, *b)
            }
            (Shape::Func(is_async, a, result), Shape::Func(other_async, b, other)) => {
                is_async == other_async && self.named(a, b) && self.optional(*result, *other)
            }
            (Shape::Instance(a), Shape::Instance(b)) => pairs(a, b)
                .all(|(_, given, needed)| given.is_some_and(|given| self.fits(given, needed))),
            // What fits in place of a component is more than what equals it.
            (Shape::Component(..), Shape::Component(..)) => true,
            (a, b) => a == b,
        }
    }

    fn named(&mut self, a: &[(String, ShapeId)], b: &[(String, ShapeId)]) -> bool {
        let mut pairs = a.iter().zip(b);
        a.len() == b.len() && pairs.all(|((a, ty), (b, other))| a == b && self.fits(*ty, *other))
    }

    fn optional(&mut self, a: Option<ShapeId>, b: Option<ShapeId>) -> bool {
        match (a, b) {
            (Some(a), Some(b)) => self.fits(a, b),
            (a, b) => a == b,
        }
    }
}

/// What is needed, with what is given under the same name; both are sorted.
fn pairs<'b>(
    given: &'b [(String, ShapeId)],
    needed: &'b [(String, ShapeId)],
) -> impl Iterator<Item = (&'b str, Option<ShapeId>, ShapeId)> {
    let mut given = given.iter().peekable();
    needed.iter().map(move |(name, needed)| {
        while given.next_if(|(other, _)| other < name).is_some() {}
        let found = given.next_if(|(other, _)| other == name);
        (name.as_str(), found.map(|(_, given)| *given), *needed)
    })
}
