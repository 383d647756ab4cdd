//! Passes everything on to the next mirror; its cells hold the cells of that.

mod wit;
wit::bindings!("relay");
use bindings::exports::types::all::mirror::{Cell, CellBorrow, Guest, GuestCell, Parcel};
use bindings::types::all::mirror::{self as next};
use bindings::types::all::shapes::{Day, Integers, Rights, Scalars, Shape};

struct Relay;

struct Outer(next::Cell);

impl Outer {
    fn wrap(inner: next::Cell) -> Cell {
        Cell::new(Self(inner))
    }

    fn unwrap(cell: Cell) -> next::Cell {
        cell.into_inner::<Self>().0
    }
}

impl GuestCell for Outer {
    fn new(content: Shape) -> Self {
        Self(next::Cell::new(&content))
    }

    fn content(&self) -> Shape {
        self.0.content()
    }

    fn replace(&self, content: Shape) -> Shape {
        self.0.replace(&content)
    }

    fn swap(a: CellBorrow<'_>, b: CellBorrow<'_>) {
        next::Cell::swap(&a.get::<Self>().0, &b.get::<Self>().0);
    }
}

impl Guest for Relay {
    type Cell = Outer;

    fn depth() -> u32 {
        1 + next::depth()
    }

    fn echo_integers(value: Integers) -> Integers {
        next::echo_integers(value)
    }

    fn echo_scalars(value: Scalars) -> Scalars {
        next::echo_scalars(&value)
    }

    fn flip(shapes: Vec<Shape>) -> Vec<Shape> {
        next::flip(&shapes)
    }

    fn next(day: Day) -> Option<Day> {
        next::next(day)
    }

    fn complement(rights: Rights) -> Rights {
        next::complement(rights)
    }

    fn turn(value: Result<Option<u8>, String>) -> Result<String, Option<u8>> {
        next::turn(value.as_ref().map(|number| *number).map_err(String::as_str))
    }

    fn reverse((a, lists, b): (u8, Vec<Vec<String>>, f64)) -> (f64, Vec<Vec<String>>, u8) {
        next::reverse((a, &lists, b))
    }

    fn pack(label: String, cells: Vec<Cell>) -> Parcel {
        let cells = cells.into_iter().map(Outer::unwrap).collect();
        let next::Parcel {
            label,
            cells,
            spare,
        } = next::pack(&label, cells);
        let cells = cells.into_iter().map(Outer::wrap).collect();
        let spare = spare.map(Outer::wrap);
        Parcel {
            label,
            cells,
            spare,
        }
    }

    fn unpack(
        Parcel {
            label,
            cells,
            spare,
        }: Parcel,
    ) -> Result<Vec<Shape>, String> {
        let cells = cells.into_iter().map(Outer::unwrap).collect();
        let spare = spare.map(Outer::unwrap);
        next::unpack(next::Parcel {
            label,
            cells,
            spare,
        })
    }

    fn peek(cells: Vec<CellBorrow<'_>>) -> Vec<Shape> {
        let cells: Vec<_> = cells.iter().map(|cell| &cell.get::<Outer>().0).collect();
        next::peek(&cells)
    }
}

bindings::export!(Relay with_types_in bindings);
