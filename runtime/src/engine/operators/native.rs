//! Functions as kernels: which there are for which types, and what they read of their objects.

use crate::engine::column::Column;
use crate::engine::meter;
use crate::kernel::python::{Classes, Fields};
use crate::kernel::python_time::time;
use crate::kernel::python_types::together;
use crate::kernel::values::Values;
use crate::kernel::{Kernel, Order, Role, Step};
use pyflink_plan::infer::infer;
use pyflink_plan::ir::{Body, Class, GLOBAL};
use pyflink_plan::typed::{Expr, Function, Kind, Stmt};
use pyflink_plan::types::{Constant, Type};
use pyflink_plan::{Cause, OperatorId, Reason, SourceId, Span};
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::sync::Arc;
use std::time::Instant;

/// A function of a chain.
pub struct NativeStep {
    pub operator: OperatorId,
    pub body: Body,
    pub role: Role,
    /// What gives its elements: the operator with its function, and where that stands.
    pub origin: Option<(String, Span)>,
    /// It is an output selector: its results are names.
    pub is_selector: bool,
    /// What CPython would call, one per subtask; their objects have the attributes.
    pub calls: Vec<Py<PyAny>>,
}

impl NativeStep {
    /// Where its function begins.
    fn span(&self) -> Span {
        self.body.code.first().map_or(NOWHERE, |statement| statement.span())
    }
}

/// Functions that follow each other, as machine code for the types that come.
pub struct Native {
    steps: Vec<NativeStep>,
    /// All that the job's functions know: each knows objects of the others' classes.
    known: Arc<[Class]>,
    classes: Option<Arc<Classes>>,
    kernels: Vec<Made>,
    /// The attributes that the kernels were made for.
    attributes: Vec<Vec<Attribute>>,
    /// How often those were found to have changed.
    changes: usize,
    python: (u8, u8),
}

/// An attribute's object and what it is.
struct Attribute {
    object: Py<PyAny>,
    value: Constant,
}

/// Which function stays in Python, and why.
pub type Refusal = (OperatorId, Reason);

/// A kernel, its input, and the rows that are of another type.
pub type Prepared = (Arc<Kernel>, Values, Vec<usize>);

/// What came of compiling for one type of input.
pub struct Made {
    pub input: Arc<Type>,
    pub outcome: Result<Compiled, Refusal>,
}

/// The same functions twice, if that is of use: for ints that are small enough for most overflows to be impossible, and
/// for any.
pub struct Compiled {
    steps: Vec<Step>,
    /// Of each step.
    operators: Vec<OperatorId>,
    python: (u8, u8),
    /// Of the ints of the input, for `narrow`.
    bounds: Option<Vec<(i64, i64)>>,
    narrow: Option<Arc<Kernel>>,
    wide: Option<Arc<Kernel>>,
}

/// Types of input for which kernels are made; what comes then is done by CPython.
const MOST: usize = 6;

/// The place of a function without a statement.
const NOWHERE: Span = Span { source: SourceId(0), start: 0, end: 0 };

impl Native {
    pub fn new(steps: Vec<NativeStep>, known: Arc<[Class]>) -> Native {
        Native { steps, known, classes: None, kernels: Vec::new(), attributes: Vec::new(), changes: 0, python: (0, 0) }
    }

    /// The classes whose objects are records; they are found when the job runs.
    pub fn classes(&mut self, py: Python<'_>) -> Arc<Classes> {
        let known = &self.known;
        let classes = self.classes.get_or_insert_with(|| {
            let version = py.version_info();
            self.python = (version.minor, version.patch);
            Arc::new(Classes::find(py, known.iter()))
        });
        classes.clone()
    }

    /// The kernel for a column, the column as its input, and the rows that are of another type. If CPython has to do the
    /// column: the operator because of which, of which the meter knows why.
    pub fn prepare(&mut self, py: Python<'_>, column: &Column) -> Result<Prepared, OperatorId> {
        self.classes(py);
        let found = self.find(py, column);
        found.map_err(|(operator, reason)| {
            meter::refused(operator, &reason);
            operator
        })
    }

    /// The functions ahead of an operator's, its own, and those behind it.
    pub fn split(self, operator: OperatorId) -> [Native; 3] {
        let mut parts = [0, 1, 2].map(|_| Native::new(Vec::new(), self.known.clone()));
        let mut at = 0;
        for step in self.steps {
            at = match step.operator == operator {
                true => 1,
                false => at + usize::from(at == 1),
            };
            parts[at].steps.push(step);
        }
        parts
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    fn find(&mut self, py: Python<'_>, column: &Column) -> Result<Prepared, Refusal> {
        let (values, misfits) = match column {
            Column::Values(values) => (values.clone(), Vec::new()),
            Column::Str(array) => (Values::texts(array.clone()), Vec::new()),
            Column::Objects(list) => {
                let list = list.bind(py);
                let classes = self.classes(py);
                let unknown = || self.unknown_elements(&classes, Some(list));
                let found = Arc::new(classes.type_of_all(list).ok_or_else(unknown)?);
                let of = self.common(py, found);
                self.made(py, &of)?;
                let (values, misfits) = classes.values(list, &of);
                // Where most are of another type, so will the next batches be.
                if misfits.len() * 2 > values.rows() {
                    let message = "most of its elements are of another type than the others";
                    return Err(self.refusal(message, "give all of them one type"));
                }
                (values, misfits)
            }
        };
        let of = values.type_of().clone();
        let kernel = self.made(py, &of)?.kernel(&values);
        let kernel = kernel.ok_or_else(|| self.no_code(&of))?;
        Ok((kernel, values, misfits))
    }

    /// The type to compile for where values of the type `found` come: one that has those of an earlier type too, if there
    /// is machine code for it. What is missing in one batch and there in the next then needs no code of its own.
    pub fn common(&mut self, py: Python<'_>, found: Arc<Type>) -> Arc<Type> {
        if self.kernels.iter().any(|made| made.input == found) {
            return found;
        }
        let known = || self.kernels.iter().filter(|made| made.outcome.is_ok()).map(|made| &made.input);
        let has_all = |known: &Arc<Type>| {
            known.join(&found).as_ref() == Some(known) || together(known, &found).as_ref() == Some(known)
        };
        if let Some(wider) = known().find(|known| has_all(known)) {
            return wider.clone();
        }
        let join = |joined: Type, known: &Arc<Type>| together(known, &joined).unwrap_or(joined);
        let joined = Arc::new(known().fold((*found).clone(), join));
        if self.made(py, &joined).is_ok() { joined } else { found }
    }

    /// What was made for a type of input.
    pub fn made(&mut self, py: Python<'_>, of: &Arc<Type>) -> Result<&mut Compiled, Refusal> {
        self.check_attributes(py)?;
        let known = self.kernels.iter().position(|made| made.input == *of);
        let at = match known {
            Some(at) => at,
            None if self.kernels.len() == MOST => {
                let message = format!("its elements are of more than {MOST} types");
                return Err(self.refusal(message, "give all of them one type"));
            }
            None => {
                let outcome = self.compile(of);
                self.kernels.push(Made { input: of.clone(), outcome });
                self.kernels.len() - 1
            }
        };
        self.kernels[at].outcome.as_mut().map_err(|refusal| refusal.clone())
    }

    /// Why the first of the functions stays in Python.
    pub fn refusal(&self, message: impl Into<String>, edit: impl Into<String>) -> Refusal {
        let operator = self.steps.first().map_or(OperatorId(0), |step| step.operator);
        (operator, Reason::new(message, edit, self.span()))
    }

    fn span(&self) -> Span {
        let first = self.steps.first().and_then(|step| step.body.code.first());
        first.map_or(NOWHERE, |statement| statement.span())
    }

    /// Why they do, where the machine code for elements of a type can't be made.
    pub fn no_code(&self, of: &Type) -> Refusal {
        let message = format!("there is no machine code yet for what it does with {of}");
        self.refusal(message, "give it simpler elements: numbers and texts, or tuples and lists of them")
    }

    /// Why they do, where elements come that have no type: what these are, and where they come from.
    pub fn unknown_elements(&self, classes: &Classes, list: Option<&Bound<'_, PyList>>) -> Refusal {
        let what = list.and_then(|list| classes.unknown_part(list));
        let what = what.unwrap_or_else(|| "of a type that".to_owned());
        let edit = "give it numbers, texts, tuples, lists, dicts, or objects of a @dataclass of the script";
        match self.steps.first().and_then(|step| step.origin.as_ref().map(|origin| (step.operator, origin))) {
            Some((operator, (from, span))) => {
                let message = format!("its elements, which {from} gives, are {what} machine code doesn't know");
                (operator, Reason::new(message, edit, *span))
            }
            None => self.refusal(format!("its elements are {what} machine code doesn't know"), edit),
        }
    }

    /// The operator of a step.
    pub fn operator(&self, step: usize) -> Option<OperatorId> {
        self.steps.get(step).map(|step| step.operator)
    }

    /// Why a reduce that gives another type than it takes stays in Python.
    pub fn other_result(&self, given: &Type, result: &Type) -> Refusal {
        self.refusal(
            format!("it gives a {result} for two of {given}"),
            "give what it takes, so that one can be reduced with the next",
        )
    }

    fn compile(&self, input: &Arc<Type>) -> Result<Compiled, Refusal> {
        let mut steps: Vec<Step> = Vec::with_capacity(self.steps.len());
        let mut value = (**input).clone();
        for (step, attributes) in self.steps.iter().zip(&self.attributes) {
            let arguments = match (&value, step.body.parameters) {
                (_, 1) => vec![value.clone()],
                (Type::Tuple(fields), _) => fields.clone(),
                _ => vec![value.clone()],
            };
            let attributes: Vec<Constant> = attributes.iter().map(|attribute| attribute.value.clone()).collect();
            let began = Instant::now();
            let mut function = infer(&step.body, &arguments, &attributes).map_err(|reason| (step.operator, reason))?;
            if let [of, other] = arguments.as_slice()
                && of == other
            {
                // What a reduce gives is reduced with the next element.
                widen(&mut function, of);
            }
            meter::typing(step.operator, began.elapsed());
            steps.push(Step { role: step.role, function });
            value = crate::kernel::value_type(&steps, input);
            let last = &steps[steps.len() - 1];
            let side = (step.role == Role::Side).then(|| last.function.slots[last.function.result as usize].clone());
            if step.is_selector && !side.as_ref().is_some_and(are_names) {
                let message = format!("it gives a {} for names", side.unwrap_or(Type::None));
                return Err((step.operator, Reason::new(message, "give a str or a list of them", step.span())));
            }
            if let Some(of) = side.as_ref().filter(|of| of.has_object()) {
                let message = format!("it gives a {of}, in which machine code looks for nothing");
                return Err((step.operator, Reason::new(message, "use what is in it", step.span())));
            }
            for of in [Some(&value), side.as_ref()].into_iter().flatten() {
                if let Some(inner) = stays(of) {
                    let message = format!("it gives a {inner}, which leaves machine code only as an object of Python");
                    let edit = "give a tuple or a list of what is in it";
                    return Err((step.operator, Reason::new(message, edit, step.span())));
                }
            }
        }
        let operators = self.steps.iter().map(|step| step.operator).collect();
        Ok(Compiled { steps, operators, python: self.python, bounds: None, narrow: None, wide: None })
    }

    /// Reads the attributes; if they have changed, what was made for them is let go. An error if they change too often, or
    /// are nothing that machine code knows.
    fn check_attributes(&mut self, py: Python<'_>) -> Result<(), Refusal> {
        const MOST_CHANGES: usize = 3;
        if !self.attributes.is_empty()
            && self.steps.iter().zip(&self.attributes).all(|(step, known)| self.same(py, step, known))
        {
            return Ok(());
        }
        if self.changes > MOST_CHANGES {
            let message = "attributes that it reads change again and again";
            return Err(self.refusal(message, "let them be constant while the job runs"));
        }
        let classes = self.classes(py);
        let mut attributes = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let read =
                |name: &String| match step.calls.first().map(|call| known_attribute(&classes, call.bind(py), name)) {
                    Some(Ok((object, value))) => Ok(Attribute { value, object: object.unbind() }),
                    Some(Err(cause)) => Err((step.operator, cause.at(self.span()))),
                    None => Err(self.refusal("there is nothing to call", "compile the script again")),
                };
            let read = step.body.attributes.iter().map(read).collect::<Result<Vec<_>, Refusal>>()?;
            let fixed = step.body.fixed.iter().map(|at| *at as usize);
            let mut changing = fixed.filter(|at| read.get(*at).is_some_and(|attribute| may_change(&attribute.value)));
            if let Some(name) = changing.next().and_then(|at| step.body.attributes.get(at)) {
                let name = name.rsplit([GLOBAL, '.']).next().unwrap_or_default();
                let message = format!("{name} may be changed by a function that changes what it is given");
                return Err((step.operator, Reason::new(message, "make it a tuple", self.span())));
            }
            if !self.same(py, step, &read) {
                let message = "attributes that it reads differ from subtask to subtask";
                return Err((step.operator, Reason::new(message, "let them be the same in all", self.span())));
            }
            attributes.push(read);
        }
        self.attributes = attributes;
        self.kernels.clear();
        self.changes += 1;
        Ok(())
    }

    /// True if the objects of all subtasks have these attributes.
    fn same(&self, py: Python<'_>, step: &NativeStep, known: &[Attribute]) -> bool {
        step.calls.iter().all(|call| self.has(call.bind(py), &step.body.attributes, known))
    }

    fn has(&self, call: &Bound<'_, PyAny>, names: &[String], known: &[Attribute]) -> bool {
        names.iter().zip(known).all(|(name, known)| {
            let Ok(object) = attribute(call, name) else { return false };
            let is_plain = matches!(
                known.value,
                Constant::None
                    | Constant::Bool(_)
                    | Constant::Int(_)
                    | Constant::Float(_)
                    | Constant::Str(_)
                    | Constant::Bytes(_)
            );
            if is_plain && object.is(&known.object) {
                return true;
            }
            let classes = self.classes.as_ref();
            classes.and_then(|classes| constant(classes, &object)).is_some_and(|value| value == known.value)
        })
    }
}

/// True for what an output selector may give.
fn are_names(of: &Type) -> bool {
    match of {
        Type::None | Type::Str => true,
        Type::Optional(of) => are_names(of),
        Type::Union(variants) => variants.iter().all(are_names),
        Type::List(of) | Type::TupleOf(of) => matches!(**of, Type::Str | Type::Never),
        Type::Tuple(fields) => fields.iter().all(|of| *of == Type::Str),
        _ => false,
    }
}

/// The type in it of which no object of Python is made, if there is one.
fn stays(of: &Type) -> Option<&Type> {
    match of {
        // The order of a set is Python's affair.
        Type::Set(_) | Type::Match(_) => Some(of),
        Type::Dict(key, value) => stays(key).or_else(|| stays(value)),
        Type::Tuple(fields) | Type::Mixed(fields) => fields.iter().find_map(stays),
        Type::Record(record) => record.fields.iter().find_map(|(_, of)| stays(of)),
        Type::Row(fields) => fields.iter().find_map(|(_, of)| stays(of)),
        Type::Union(variants) => variants.iter().find_map(stays),
        Type::Optional(of) | Type::List(of) | Type::TupleOf(of) => stays(of),
        _ => None,
    }
}

impl Compiled {
    /// The machine code for any values, made if it isn't there.
    pub fn wide(&mut self, input: &Type) -> Option<Arc<Kernel>> {
        if self.wide.is_none() {
            self.wide = self.compile(input, None);
        }
        self.wide.clone()
    }

    /// The machine code for these values, made if it isn't there. `None` if something has no machine form after all.
    pub fn kernel(&mut self, values: &Values) -> Option<Arc<Kernel>> {
        let input = values.type_of();
        let ints = ints(input);
        if !ints.is_empty() {
            let columns = values.columns();
            let found: Vec<(i64, i64)> = ints.iter().map(|word| bounds(columns[*word])).collect();
            if self.bounds.is_none() {
                self.bounds = Some(self.compile_narrow(input, &ints, &found));
            }
            if let (Some(narrow), Some(bounds)) = (&self.narrow, &self.bounds)
                && found.iter().zip(bounds).all(|(found, bounds)| bounds.0 <= found.0 && found.1 <= bounds.1)
            {
                return Some(narrow.clone());
            }
        }
        self.wide(input)
    }

    /// Makes code for ints as small as those that were found, with some room, as later values are mostly larger.
    fn compile_narrow(&mut self, input: &Type, ints: &[usize], found: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let limit = |(least, greatest): &(i64, i64)| {
            let size = least.unsigned_abs().max(greatest.unsigned_abs()).max(1 << 31).checked_next_power_of_two();
            match size.and_then(|size| i64::try_from(size).ok()).filter(|size| *size <= 1 << 52) {
                Some(size) => (if *least >= 0 { 0 } else { -size }, size),
                None => (i64::MIN, i64::MAX),
            }
        };
        let bounds: Vec<(i64, i64)> = found.iter().map(limit).collect();
        let mut all = vec![(i64::MIN, i64::MAX); input.words()];
        ints.iter().zip(&bounds).for_each(|(word, bounds)| all[*word] = *bounds);
        self.narrow = self.compile(input, Some(&all));
        bounds
    }

    fn compile(&self, input: &Type, bounds: Option<&[(i64, i64)]>) -> Option<Arc<Kernel>> {
        let began = Instant::now();
        let order = Order { steps: &self.steps, input, bounds, source: None, python: self.python };
        let kernel = Kernel::compile(&order);
        let time = began.elapsed() / self.steps.len().max(1) as u32;
        for (step, operator) in self.operators.iter().enumerate() {
            match &kernel {
                Some(kernel) => meter::compiled(*operator, kernel.is_guarded(step), time),
                None => meter::compiling(*operator, time),
            }
        }
        kernel.map(Arc::new)
    }
}

/// Makes a function's result one of a wider type, if that has all values of its own.
fn widen(function: &mut Function, to: &Type) {
    let result = function.result;
    let Some(from) = function.slots.get(result as usize).filter(|from| *from != to).cloned() else { return };
    if from.join(to).as_ref() != Some(to) {
        return;
    }
    let value = Expr { of: from, kind: Kind::Slot(result) };
    function.result = function.slots.len() as u32;
    function.slots.push(to.clone());
    function.code.push(Stmt::Assign(function.result, Expr { of: to.clone(), kind: Kind::Coerce(Box::new(value)) }));
}

/// The words of a type that are ints by themselves or in tuples.
fn ints(of: &Type) -> Vec<usize> {
    fn visit(of: &Type, at: usize, found: &mut Vec<usize>) {
        let mut each = |fields: &mut dyn Iterator<Item = &Type>| {
            let mut at = at;
            for field in fields {
                visit(field, at, found);
                at += field.words();
            }
        };
        match of {
            Type::Int => found.push(at),
            Type::Tuple(fields) | Type::Mixed(fields) => each(&mut fields.iter()),
            Type::Record(record) => each(&mut record.fields.iter().map(|(_, of)| of)),
            Type::Row(fields) => each(&mut fields.iter().map(|(_, of)| of)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    visit(of, 0, &mut found);
    found
}

fn bounds(column: &[u64]) -> (i64, i64) {
    column.iter().fold((i64::MAX, i64::MIN), |(least, greatest), word| {
        let value = *word as i64;
        (least.min(value), greatest.max(value))
    })
}

/// An attribute of the object that a call belongs to, dotted if it is one of an attribute.
fn attribute<'py>(call: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    if let Some((module, name)) = name.split_once(GLOBAL) {
        return call.py().import(module)?.getattr(name);
    }
    // An object that is called itself belongs to nothing else.
    let object = call.getattr("__self__").unwrap_or_else(|_| call.clone());
    name.split('.').try_fold(object, |of, part| of.getattr(part))
}

/// An attribute and what it is for machine code; else why that isn't known.
pub fn known_attribute<'py>(
    classes: &Classes,
    call: &Bound<'py, PyAny>,
    name: &str,
) -> Result<(Bound<'py, PyAny>, Constant), Cause> {
    let (title, is_global) = match name.split_once(GLOBAL) {
        Some((_, global)) => (global.to_owned(), true),
        None => (format!("its attribute {name}"), false),
    };
    let missing = |_| match is_global {
        true => Cause::new(format!("the module has no {title}"), "set it at the top of the file"),
        false => Cause::new(format!("its object has no attribute {name}"), "set it in __init__ or open()"),
    };
    let object = attribute(call, name).map_err(missing)?;
    match constant(classes, &object) {
        // Compilation hasn't seen the object, so it can't say that nothing changes it.
        Some(value) if is_global && holds_objects(&value) => Err(Cause::new(
            format!("{title} holds an object that only the run knows"),
            "keep it in an attribute of a function object",
        )),
        Some(value) => Ok((object, value)),
        None => Err(Cause::new(
            format!("{title} is of a type that machine code doesn't know"),
            "make it of numbers, texts, tuples, lists, dicts or sets",
        )),
    }
}

/// Whether something in a constant may be changed in place.
fn may_change(value: &Constant) -> bool {
    match value {
        Constant::List(_) | Constant::Set(_) | Constant::Dict(_) => true,
        Constant::Tuple(items) => items.iter().any(may_change),
        Constant::Record { fields, is_tuple, .. } => !is_tuple || fields.iter().any(|(_, value)| may_change(value)),
        _ => false,
    }
}

/// Whether there are objects in a constant whose attributes may be set.
fn holds_objects(value: &Constant) -> bool {
    match value {
        Constant::Tuple(items) | Constant::List(items) | Constant::Set(items) => items.iter().any(holds_objects),
        Constant::Dict(items) => items.iter().any(|(key, value)| holds_objects(key) || holds_objects(value)),
        Constant::Record { fields, is_tuple, .. } => !is_tuple || fields.iter().any(|(_, value)| holds_objects(value)),
        _ => false,
    }
}

/// What an object is, if machine code knows such.
pub fn constant(classes: &Classes, value: &Bound<'_, PyAny>) -> Option<Constant> {
    nested(classes, value, 0)
}

fn nested(classes: &Classes, value: &Bound<'_, PyAny>, depth: usize) -> Option<Constant> {
    use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PySet, PyString, PyTuple};
    const DEEPEST: usize = 16;
    if depth > DEEPEST {
        return None;
    }
    let inner = |value: Bound<'_, PyAny>| nested(classes, &value, depth + 1);
    Some(if value.is_none() {
        Constant::None
    } else if let Ok(value) = value.cast_exact::<PyBool>() {
        Constant::Bool(value.is_true())
    } else if let Ok(value) = value.cast_exact::<PyInt>() {
        Constant::Int(value.extract().ok()?)
    } else if let Some((time, micros)) = time(value) {
        Constant::Time(time, micros)
    } else if let Ok(value) = value.cast_exact::<PyFloat>() {
        Constant::Float(value.value())
    } else if let Ok(value) = value.cast_exact::<PyString>() {
        Constant::Str(value.to_str().ok()?.to_owned())
    } else if let Ok(value) = value.cast_exact::<PyBytes>() {
        Constant::Bytes(value.as_bytes().to_vec())
    } else if let Ok(items) = value.cast_exact::<PyTuple>() {
        Constant::Tuple(items.iter().map(inner).collect::<Option<_>>()?)
    } else if let Ok(items) = value.cast_exact::<PyList>() {
        Constant::List(items.iter().map(inner).collect::<Option<_>>()?)
    } else if let Ok(items) = value.cast_exact::<PySet>() {
        Constant::Set(items.iter().map(inner).collect::<Option<_>>()?)
    } else if let Ok(items) = value.cast_exact::<PyFrozenSet>() {
        Constant::Set(items.iter().map(inner).collect::<Option<_>>()?)
    } else if let Ok(items) = value.cast_exact::<PyDict>() {
        Constant::Dict(items.iter().map(|(key, value)| Some((inner(key)?, inner(value)?))).collect::<Option<_>>()?)
    } else {
        if let Some((of, number)) = classes.member(value) {
            return Some(Constant::Member(Arc::new(of), number));
        }
        let Fields { module, name, fields, is_tuple } = classes.fields(value)?;
        let field = |(name, value): (&str, Bound<'_, PyAny>)| Some((name.to_owned(), inner(value)?));
        let fields = fields.into_iter().map(field).collect::<Option<_>>()?;
        Constant::Record { module: module.to_owned(), name: name.to_owned(), fields, is_tuple }
    })
}
