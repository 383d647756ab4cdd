//! The core in the component against the same Rust natively: the processor's
//! time of the call that emits, over the same blobs in memory.

use std::path::Path;
use std::sync::Arc;

use compositor_tests::{CoreComponent, Emission, Shelf, dist, read};

use crate::cost::Cost;
use crate::input::{Input, Kinds, SMALL};
use crate::row::{Metric, Row};

const ROUNDS: usize = 9;

/// The rows.
pub fn rows(folder: &Path) -> Vec<Row> {
    let core = CoreComponent::new(&read(dist("compositor-core.wasm")), false);
    let program = Input::program(&folder.join("program"), 18 << 20);
    let wide = Input::wide(&folder.join("wide"), 100, SMALL, 0);
    let tree = Input::tree(&folder.join("tree"), 5, 99, Kinds::Many);
    vec![
        row(&core, "the core in the component: 18 MB root", &program).bound(
            Metric::Processor,
            1.2,
            1.1,
        ),
        row(&core, "the core in the component: 100 providers", &wide).bound(
            Metric::Processor,
            1.2,
            1.1,
        ),
        row(&core, "the core in the component: 500 in a tree", &tree).bound(
            Metric::Processor,
            1.2,
            1.1,
        ),
    ]
}

fn row(core: &CoreComponent, name: &str, input: &Input) -> Row {
    let mut shelf = Shelf::default();
    for id in &input.ids {
        shelf.put(read(input.file(id)));
    }
    let (shelf, plan) = (Arc::new(shelf), read(input.folder.join("plan.json")));
    let (mut component, mut native) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let ours = core.emit(&plan, &shelf);
        let same = shelf.emit(&plan);
        assert_eq!(ours.size, same.size, "{name}");
        component.push(cost(&ours));
        native.push(cost(&same));
    }
    Row::new(name, "the same Rust, native", &component, &native)
}

fn cost(emission: &Emission) -> Cost {
    let processor = emission.processor.as_secs_f64();
    Cost {
        wall: f64::NAN,
        processor,
        memory: None,
    }
}
