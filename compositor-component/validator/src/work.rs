//! What validating a function costs, counted where an instruction can cost much
//! more than its bytes.
//!
//! An instruction of two bytes may pop and push a thousand values, and one of a
//! `br_table`'s targets, a byte, holds all values of its label: a module of
//! some hundred kilobytes could keep a validator busy for minutes. Programs do
//! not do that: what they pop they have pushed before, by instructions of their
//! own. So each function may take some steps a byte, and all functions of a blob
//! together some steps more.

use wasmparser::{
    Catch, CompositeInnerType, FuncValidator, FunctionBody, Handle, ModuleArity as _, Operator,
    OperatorsReader, RecGroup, Result, WasmModuleResources,
};

/// Values that an instruction of a module pops and pushes at the most, up to
/// which nothing is counted: its cost is linear in the module's bytes.
const NARROW: usize = 16;

/// Steps for each byte of a function that its instructions may take: a step is a
/// value that is popped or pushed.
const STEPS: u64 = 64;

/// Steps beyond these that the functions of a blob may take together, whatever
/// its size: less than a millisecond.
const SPARE: u64 = 256 << 10;

/// Values that a function has at the most, which a handler of a continuation is
/// held to: they are not looked up.
const HANDLED: u64 = 2000;

/// Steps beyond these for each byte of a blob.
const SPARE_STEPS: u64 = 16;

/// The steps that the functions of a blob of so many bytes may take together
/// beyond those that each has for itself.
pub fn spare(bytes: u64) -> u64 {
    SPARE.saturating_add(bytes.saturating_mul(SPARE_STEPS))
}

/// Whether an instruction may pop or push more than a few values because of the
/// types of a recursion group.
pub fn is_wide(group: &RecGroup) -> bool {
    group.types().any(|ty| match &ty.composite_type.inner {
        CompositeInnerType::Func(ty) => ty.params().len() + ty.results().len() > NARROW,
        CompositeInnerType::Struct(ty) => ty.fields.len() > NARROW,
        CompositeInnerType::Array(_) | CompositeInnerType::Cont(_) => false,
    })
}

/// Validates a function; answers how many steps it took beyond those that its
/// bytes allow. It ends when these are more than `most`.
///
/// # Errors
/// When the function is invalid.
pub fn validate<T: WasmModuleResources>(
    validator: &mut FuncValidator<T>,
    body: &FunctionBody<'_>,
    most: u64,
) -> Result<u64> {
    let mut reader = body.get_binary_reader();
    let allowed = STEPS * reader.bytes_remaining() as u64;
    // The parameters are there already.
    let mut steps = u64::from(validator.len_locals());
    validator.read_locals(&mut reader)?;
    let mut operators = OperatorsReader::new(reader);
    while !operators.eof() {
        let (operator, at) = operators.read_with_offset()?;
        steps += cost(&operator, validator);
        if steps.saturating_sub(allowed) > most {
            return Ok(steps - allowed);
        }
        validator.op(at, &operator)?;
    }
    let reader = operators.get_binary_reader();
    reader.finish_expression(&validator.visitor(reader.original_position()))?;
    Ok(steps.saturating_sub(allowed))
}

/// The values that an instruction pops and pushes, and those that its targets are
/// held to.
fn cost<T: WasmModuleResources>(operator: &Operator<'_>, validator: &FuncValidator<T>) -> u64 {
    // What has no arity is invalid, which the validator says.
    let (popped, pushed) = operator.operator_arity(validator).unwrap_or_default();
    let (popped, pushed) = (u64::from(popped), u64::from(pushed));
    let values_of = |tag| {
        let (parameters, results) = validator.tag_type_arity(tag).unwrap_or_default();
        2 + u64::from(parameters) + u64::from(results)
    };
    let targets = match operator {
        // The values of a label are popped and pushed again for each target.
        Operator::BrTable { targets } => u64::from(targets.len()) * (1 + 2 * popped),
        Operator::TryTable { try_table } => try_table
            .catches
            .iter()
            .map(|catch| match catch {
                Catch::One { tag, .. } | Catch::OneRef { tag, .. } => values_of(*tag),
                Catch::All { .. } | Catch::AllRef { .. } => 2,
            })
            .sum(),
        Operator::Resume { resume_table, .. }
        | Operator::ResumeThrow { resume_table, .. }
        | Operator::ResumeThrowRef { resume_table, .. } => resume_table
            .handlers
            .iter()
            .map(|handle| match handle {
                // The continuation's own values are beside the tag's.
                Handle::OnLabel { tag, .. } | Handle::OnSwitch { tag } => values_of(*tag) + HANDLED,
            })
            .sum(),
        _ => 0,
    };
    1 + popped + pushed + targets
}
