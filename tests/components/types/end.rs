//! Answers every kind of value with its mirror image.

use std::cell::RefCell;
use std::mem;

mod wit;
wit::bindings!("end");
use bindings::exports::types::all::mirror::{
    Cell, CellBorrow, Day, Guest, GuestCell, Integers, Parcel, Rights, Scalars, Shape,
};
use bindings::types::all::shapes::Point;

struct End;

struct Content(RefCell<Shape>);

impl GuestCell for Content {
    fn new(content: Shape) -> Self {
        Self(RefCell::new(content))
    }

    fn content(&self) -> Shape {
        self.0.borrow().clone()
    }

    fn replace(&self, content: Shape) -> Shape {
        self.0.replace(content)
    }

    fn swap(a: CellBorrow<'_>, b: CellBorrow<'_>) {
        a.get::<Self>().0.swap(&b.get::<Self>().0);
    }
}

impl Guest for End {
    type Cell = Content;

    fn depth() -> u32 {
        1
    }

    fn echo_integers(value: Integers) -> Integers {
        value
    }

    fn echo_scalars(value: Scalars) -> Scalars {
        value
    }

    fn flip(mut shapes: Vec<Shape>) -> Vec<Shape> {
        let flip = |point: &mut Point| mem::swap(&mut point.x, &mut point.y);
        for shape in &mut shapes {
            match shape {
                Shape::Nothing => {}
                Shape::Dot(point) | Shape::Label((_, point)) => flip(point),
                Shape::Outline(points) => points.iter_mut().for_each(flip),
            }
        }
        shapes
    }

    fn next(day: Day) -> Option<Day> {
        match day {
            Day::Monday => Some(Day::Tuesday),
            Day::Tuesday => Some(Day::Wednesday),
            Day::Wednesday => Some(Day::Thursday),
            Day::Thursday => Some(Day::Friday),
            Day::Friday => Some(Day::Saturday),
            Day::Saturday => Some(Day::Sunday),
            Day::Sunday => None,
        }
    }

    fn complement(rights: Rights) -> Rights {
        !rights
    }

    fn turn(value: Result<Option<u8>, String>) -> Result<String, Option<u8>> {
        match value {
            Ok(number) => Err(number),
            Err(text) => Ok(text),
        }
    }

    fn reverse((a, mut lists, b): (u8, Vec<Vec<String>>, f64)) -> (f64, Vec<Vec<String>>, u8) {
        lists.reverse();
        (b, lists, a)
    }

    fn pack(label: String, mut cells: Vec<Cell>) -> Parcel {
        let spare = (!cells.is_empty()).then(|| cells.remove(0));
        Parcel {
            label,
            cells,
            spare,
        }
    }

    fn unpack(parcel: Parcel) -> Result<Vec<Shape>, String> {
        let spare = parcel.spare.ok_or(parcel.label)?;
        let cells = [spare].into_iter().chain(parcel.cells);
        Ok(cells
            .map(|cell| cell.into_inner::<Content>().0.into_inner())
            .collect())
    }

    fn peek(cells: Vec<CellBorrow<'_>>) -> Vec<Shape> {
        cells
            .iter()
            .map(|cell| cell.get::<Content>().content())
            .collect()
    }
}

bindings::export!(End with_types_in bindings);
