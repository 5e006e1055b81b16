//! What to write instead of functions that run in Python: of the library, and Python's own.

const ALONE: &str = "call it in a map() of its own, so that the rest is native";

/// Modules or functions, and what does the same or serves the same end. The first that fits counts.
const OF_LIBRARY: &[(&str, &str)] = &[
    ("array.array", "use a list"),
    ("ast.literal_eval", "take the text apart with split(), int() and float()"),
    ("bisect.insort", "append() the value to the list, and sort() it"),
    ("collections.ChainMap", "merge them in one dict"),
    ("collections.Counter", "assign it to a variable first, or count in a dict"),
    ("collections.defaultdict", "assign it to a variable first, or use a dict and setdefault()"),
    ("collections.deque", "use a list, with append() and pop(0)"),
    ("collections.namedtuple", "make the class at the top of the file"),
    ("collections.OrderedDict", "write a dict, which keeps its order too"),
    ("copy.copy", "write `list(x)`, `dict(x)` or `set(x)`"),
    ("copy.deepcopy", "copy what is changed by itself, as `[list(x) for x in rows]`"),
    ("dataclasses.asdict", "write the dict of its fields out"),
    ("dataclasses.astuple", "write the tuple of its fields out"),
    ("decimal.", "compute in ints of the smallest unit, such as cents, or call it in a map() of its own"),
    ("fnmatch.", "use startswith(), endswith(), or `re`"),
    ("fractions.", "compute with two ints and `math.gcd`, or call it in a map() of its own"),
    ("functools.partial", "write a lambda or a function"),
    ("heapq.heapify", "sort() the list"),
    ("heapq.heappop", "sort() the list, and pop(0) of it"),
    ("heapq.heappush", "append() the value to the list, and sort() it"),
    ("html.escape", "use replace() for each character"),
    ("itertools.chain", "write `list(a) + list(b)`, or one loop after the other"),
    ("itertools.combinations", "write nested loops"),
    ("itertools.compress", "write a comprehension with `if`"),
    ("itertools.count", "use enumerate(), or range() with an end"),
    ("itertools.dropwhile", "write a loop"),
    ("itertools.filterfalse", "write a comprehension with `if not`"),
    ("itertools.groupby", "collect a dict of lists in a loop"),
    ("itertools.islice", "take a slice of a list"),
    ("itertools.pairwise", "write `zip(x, x[1:])` of a list"),
    ("itertools.permutations", "write nested loops"),
    ("itertools.product", "write nested loops"),
    ("itertools.repeat", "write `[x] * n`"),
    ("itertools.starmap", "write a comprehension"),
    ("itertools.takewhile", "write a loop with `break`"),
    ("itertools.", "write a loop"),
    ("math.comb", "multiply and divide in a loop"),
    ("math.factorial", "multiply in a loop"),
    ("math.isclose", "write `abs(a - b) <= 1e-9 * max(abs(a), abs(b))`"),
    ("math.lcm", "write `a // math.gcd(a, b) * b`"),
    ("math.perm", "multiply in a loop"),
    ("math.prod", "multiply in a loop"),
    ("numpy.", "write it with lists and `math`, or call it in a map() of its own"),
    ("operator.", "write a lambda, or the operator itself"),
    ("os.environ.", "read it into a constant of the module, outside of the function"),
    ("os.getenv", "read it into a constant of the module, outside of the function"),
    ("os.path.basename", "write `path.rpartition('/')[2]`"),
    ("os.path.join", "write an f-string with `/`"),
    ("shlex.split", "use split()"),
    ("statistics.fmean", "write `math.fsum(x) / len(x)` of floats"),
    ("statistics.mean", "write `sum(x) / len(x)` if that is exact enough, or call it in a map() of its own"),
    ("statistics.median", "sort the values, and take the one in the middle"),
    ("string.Template", "write an f-string"),
    ("string.capwords", "write `' '.join(word.capitalize() for word in text.split())`"),
    ("struct.pack", "write ints with `n.to_bytes(4, 'little')`, or call it in a map() of its own"),
    ("struct.unpack", "read ints with `int.from_bytes(data[0:4], 'little')`, or call it in a map() of its own"),
    ("time.sleep", "leave it out"),
    ("urllib.parse.parse_qs", "take the text apart with split() and partition()"),
    ("urllib.parse.urlparse", "take the text apart with split() and partition()"),
    ("urllib.parse.urlsplit", "take the text apart with split() and partition()"),
];

const OF_PYTHON: &[(&str, &str)] = &[
    ("callable", "call the function that is meant, by its name"),
    ("compile", "write the code out"),
    ("complex", "keep the real and the imaginary part apart, as two floats"),
    ("delattr", "leave the attribute as it is"),
    ("dir", "write the names out"),
    ("eval", "write the code out"),
    ("exec", "write the code out"),
    ("globals", "use the names themselves"),
    ("issubclass", "use isinstance() of an object"),
    ("iter", "go over the values with `for`"),
    ("locals", "use the names themselves"),
    ("memoryview", "use the bytes themselves"),
    ("object", "use None"),
    ("open", "do that in open() or a source"),
    ("print", "use output()"),
    ("setattr", "set the attribute by its name"),
    ("slice", "write the slice where it is used, `x[a:b]`"),
    ("vars", "use the attributes"),
];

/// For a function of the library by its full name.
pub fn edit(path: &str) -> &'static str {
    of_known(path).unwrap_or(ALONE)
}

/// The same, if it is one of those for which there is something else.
pub fn of_known(path: &str) -> Option<&'static str> {
    let fits = |of: &str| if of.ends_with('.') { path.starts_with(of) } else { path == of || is_variant(path, of) };
    OF_LIBRARY.iter().find(|(of, _)| fits(of)).map(|(_, edit)| *edit)
}

/// `struct.unpack_from` of `struct.unpack`.
fn is_variant(path: &str, of: &str) -> bool {
    path.strip_prefix(of).is_some_and(|rest| rest.starts_with(['_', '.']))
}

/// For something of the library that is used as a value.
pub fn of_value(path: &str) -> &'static str {
    let functions = ["bisect.", "functools.", "heapq.", "itertools.", "json.", "math.", "operator.", "re."];
    match functions.iter().any(|module| path.starts_with(module)) {
        true => "write a lambda that calls it",
        false => "assign what is used of it to a name at the top of the file",
    }
}

/// For one of Python's own functions.
pub fn of_builtin(name: &str) -> &'static str {
    OF_PYTHON.iter().find(|(of, _)| *of == name).map_or(ALONE, |(_, edit)| edit)
}
