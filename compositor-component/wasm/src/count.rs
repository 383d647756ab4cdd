//! Modules and components in a component, counted as validators do.

use wasmparser::BinaryReader;

const MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// Modules and components through all nesting, with the component itself. It was
/// validated or encoded here; of what is cut short, what is there is counted.
pub fn modules_and_components(component: &[u8]) -> usize {
    const HEADER: usize = 8;
    let mut count = 1;
    let mut next = vec![component];
    while let Some(bytes) = next.pop() {
        let mut reader = BinaryReader::new(bytes.get(HEADER..).unwrap_or_default(), 0);
        while let Ok(id) = reader.read_u8() {
            let length = reader.read_var_u32().unwrap_or_default();
            let Ok(section) = reader.read_bytes(length as usize) else {
                break;
            };
            count += usize::from(matches!(id, MODULE | COMPONENT));
            if id == COMPONENT {
                next.push(section);
            }
        }
    }
    count
}
