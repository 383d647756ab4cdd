//! The WIT of `plans/types`: every type that can cross an edge. `shapes` has
//! types only, so nothing provides it and nobody has to.

macro_rules! bindings {
    ($world:tt) => {
        mod bindings {
            wit_bindgen::generate!({
                inline: r#"
                    package types:all@1.0.0;

                    interface shapes {
                        record integers { a: u8, b: s8, c: u16, d: s16, e: u32, f: s32, g: u64, h: s64 }
                        record scalars { yes: bool, letter: char, single: f32, double: f64, text: string }
                        record point { x: s32, y: s32 }
                        variant shape {
                            nothing,
                            dot(point),
                            outline(list<point>),
                            label(tuple<string, point>),
                        }
                        enum day { monday, tuesday, wednesday, thursday, friday, saturday, sunday }
                        flags rights { read, write, execute }
                    }

                    interface mirror {
                        use shapes.{integers, scalars, shape, day, rights};

                        /// Holds a shape.
                        resource cell {
                            constructor(content: shape);
                            content: func() -> shape;
                            replace: func(content: shape) -> shape;
                            swap: static func(a: borrow<cell>, b: borrow<cell>);
                        }

                        /// Owned handles inside a record.
                        record parcel { label: string, cells: list<cell>, spare: option<cell> }

                        /// How many mirrors a call goes through.
                        depth: func() -> u32;
                        echo-integers: func(value: integers) -> integers;
                        echo-scalars: func(value: scalars) -> scalars;
                        /// Swaps x and y of every point.
                        flip: func(shapes: list<shape>) -> list<shape>;
                        /// The next day, or none after sunday.
                        next: func(day: day) -> option<day>;
                        /// The rights that are not given.
                        complement: func(rights: rights) -> rights;
                        /// Exchanges the two sides.
                        turn: func(value: result<option<u8>, string>) -> result<string, option<u8>>;
                        reverse: func(value: tuple<u8, list<list<string>>, f64>) -> tuple<f64, list<list<string>>, u8>;
                        /// The first cell is the spare one.
                        pack: func(label: string, cells: list<cell>) -> parcel;
                        /// An error without a spare cell.
                        unpack: func(parcel: parcel) -> result<list<shape>, string>;
                        peek: func(cells: list<borrow<cell>>) -> list<shape>;
                    }

                    world end { export mirror; }
                    world relay { import mirror; export mirror; }
                "#,
                world: $world,
                merge_structurally_equal_types: true,
            });
        }
    };
}
pub(crate) use bindings;
