//! A component as the runtime is given it: a wrapper, which imports the core
//! modules, and the modules.
//!
//! A module is most of what there is to compile, and the same in every component
//! that embeds it. So it is compiled by itself, once, and what is particular to a
//! component is its wrapper, which is small. The wrapper is the component's own
//! bytes: each section of a core module in a nested component becomes an alias of
//! the root's import of that module, and what was the root's own is imported where
//! the root begins. Both take the index that the section gave, so nothing else
//! changes.

mod core_module;
mod module_type;
mod section;
mod survey;
mod wrapper;

use std::borrow::Cow;

use wasmparser::{Parser, Result};

pub use core_module::CoreModule;
use survey::{select, survey};

/// A component in parts.
#[derive(Debug)]
pub struct Split<'a> {
    /// The component, with imports in place of [`Split::modules`].
    pub wrapper: Cow<'a, [u8]>,
    /// What the wrapper imports, each once.
    pub modules: Vec<CoreModule>,
}

/// Splits a valid component. What cannot be imported stays in the wrapper, where it
/// means the same:
///
/// - all modules, where the root has core types or other core modules than its own
///   sections, whose indices the imports would move;
/// - a module whose type has more declarations than a type may have, or says what
///   the runtime cannot import, or whose name the root imports something else as;
/// - the smallest, where there are more than a component may have, or their types
///   are more than its type may be;
/// - a module that is nested deeper than anything that people compose.
///
/// # Errors
/// When a section of it is cut off.
pub fn split(component: &[u8]) -> Result<Split<'_>> {
    let whole = Split {
        wrapper: Cow::Borrowed(component),
        modules: Vec::new(),
    };
    // Who compiles it says what else it is.
    if !Parser::is_component(component) {
        return Ok(whole);
    }
    let survey = survey(component)?;
    let selected = select(component, &survey);
    if selected.is_empty() {
        return Ok(whole);
    }
    let wrapper = wrapper::write(component, &survey, &selected)?;
    let modules = selected.into_iter().map(|(module, _)| module).collect();
    Ok(Split {
        wrapper: Cow::Owned(wrapper),
        modules,
    })
}

#[cfg(test)]
mod tests;
