//! Collections of the library that a function makes, fills and reads: heaps, defaultdicts, groups, ordered dicts, and lists
//! sorted by a comparison.

use crate::expressions::Body;
use crate::values::Type;

impl Body<'_> {
    pub fn collection(&mut self) {
        match self.random.below(5) {
            0 => self.heap(),
            1 => self.cells(),
            2 => self.runs(),
            3 => self.ordered(),
            _ => self.compared(),
        }
    }

    /// A list to fill a collection from.
    fn values(&mut self) -> (Type, String) {
        let of = match self.random.below(8) {
            0..3 => Type::Int,
            3..6 => Type::Str,
            6 => Type::Float,
            _ => Type::Tuple(vec![Type::Int, Type::Str]),
        };
        let values = self.expression(&Type::list(of.clone()), 2);
        (of, values)
    }

    /// Binds what comes out.
    fn gives(&mut self, of: Type, value: &str) {
        let name = self.name();
        self.line(&format!("{name} = {value}"));
        self.names.push((name, of));
    }

    fn heap(&mut self) {
        let (of, values) = self.values();
        let (heap, item) = (self.name(), self.name());
        let is_filled = self.random.chance(2);
        if is_filled {
            self.line(&format!("{heap} = list({values})"));
            self.line(&format!("heapq.heapify({heap})"));
        } else {
            self.line(&format!("{heap} = []"));
            self.line(&format!("for {item} in {values}:"));
            self.line(&format!("    heapq.heappush({heap}, {item})"));
            if self.random.chance(2) {
                let most = self.random.below(4);
                self.line(&format!("    if len({heap}) > {most}:"));
                self.line(&format!("        heapq.heappop({heap})"));
            }
        }
        let other = self.leaf(&of);
        match self.random.below(9) {
            0 | 5 => self.gives(of.clone(), &format!("heapq.heappushpop({heap}, {other})")),
            1 => self.gives(of.clone(), &format!("heapq.heapreplace({heap}, {other}) if {heap} else {other}")),
            2 | 6 => self.gives(of.clone(), &format!("heapq.heappop({heap})")),
            3 => self.gives(Type::list(of.clone()), &format!("[heapq.heappop({heap}) for _ in range(len({heap}))]")),
            _ => {
                let gone = self.name();
                self.line(&format!("{gone} = []"));
                self.line(&format!("while {heap}:"));
                self.line(&format!("    {gone}.append(heapq.heappop({heap}))"));
                self.names.push((gone, Type::list(of.clone())));
            }
        }
        self.names.push((heap, Type::list(of)));
    }

    fn cells(&mut self) {
        let (of, values) = self.values();
        let (cells, item) = (self.name(), self.name());
        let start = self.random.one(&["0", "5", "1.5"]);
        let (factory, change, result) = match self.random.below(5) {
            0 => (format!("lambda: {start}"), "@ += 1", None),
            1 => ("lambda: [0, 0.0]".to_owned(), "@[0] += 1", None),
            2 => ("list".to_owned(), "@.append(len(C))", Some(Type::list(Type::Int))),
            3 => ("lambda: {'n': 0, 'all': []}".to_owned(), "@['n'] += 2", Some(Type::Row(vec![("n", Type::Int)]))),
            _ => ("int".to_owned(), "@ -= 1", Some(Type::Int)),
        };
        self.line(&format!("{cells} = defaultdict({factory})"));
        self.line(&format!("for {item} in {values}:"));
        let change = change.replace('@', &format!("{cells}[{item}]")).replace('C', &cells);
        self.line(&format!("    {change}"));
        if factory.contains("'all'") {
            self.line(&format!("    {cells}[{item}]['all'].append(str({item}))"));
        }
        let key = self.leaf(&of);
        match (self.random.below(5), result) {
            (0, Some(result)) => self.gives(result, &format!("{cells}[{key}]")),
            (1, _) => self.gives(Type::Str, &format!("str(sorted({cells}.items(), key=str))")),
            (2, _) => self.gives(Type::Int, &format!("len({cells})")),
            (3, _) => self.gives(Type::Str, &format!("repr({cells}.get({key}))")),
            _ => self.gives(Type::Str, &format!("str([({item}, {cells}[{item}]) for {item} in {cells}])")),
        }
    }

    fn runs(&mut self) {
        let (of, values) = self.values();
        let values = if self.random.chance(3) { values } else { format!("sorted({values})") };
        let (key, by) = match (&of, self.random.below(3)) {
            (Type::Int, 0) => (Type::Int, ", lambda e: e % 3"),
            (Type::Int, 1) => (Type::Bool, ", key=lambda e: e > 2"),
            (Type::Str, 0) => (Type::Int, ", key=len"),
            (Type::Str, 1) => (Type::Str, ", lambda e: e[:1].lower()"),
            (Type::Tuple(_), 0 | 1) => (Type::Int, ", key=lambda e: e[0]"),
            _ => (of.clone(), ""),
        };
        let (name, group, all) = (self.name(), self.name(), self.name());
        let groups = format!("itertools.groupby({values}{by})");
        let (value, result) = match (self.random.below(4), &of) {
            (0, _) => (format!("list({group})"), Type::list(of.clone())),
            (1, Type::Int) => (format!("sum({group})"), Type::Int),
            (2, _) => (format!("max({group})"), of.clone()),
            _ => (format!("sum(1 for _ in {group})"), Type::Int),
        };
        let result = Type::list(Type::Tuple(vec![key, result]));
        if self.random.chance(2) {
            self.gives(result, &format!("[({name}, {value}) for {name}, {group} in {groups}]"));
            return;
        }
        self.line(&format!("{all} = []"));
        self.line(&format!("for {name}, {group} in {groups}:"));
        if self.random.chance(3) {
            self.line(&format!("    if not {name}:\n{}continue", "    ".repeat(self.indent + 2)));
        }
        self.line(&format!("    {all}.append(({name}, {value}))"));
        self.names.push((all, result));
    }

    fn ordered(&mut self) {
        let (of, values) = self.values();
        let (dict, item) = (self.name(), self.name());
        self.line(&format!("{dict} = OrderedDict()"));
        self.line(&format!("for {item} in {values}:"));
        if self.random.chance(6) {
            self.line(&format!("    if {item} in {dict}:"));
            let side = self.random.one(&["", ", last=False"]);
            self.line(&format!("        {dict}.move_to_end({item}{side})"));
        }
        self.line(&format!("    {dict}[{item}] = len({dict})"));
        if self.random.chance(8) {
            self.line(&format!("    if len({dict}) > 2:"));
            let last = self.random.one(&["False", "True"]);
            self.line(&format!("        {dict}.popitem(last={last})"));
        }
        match self.random.below(4) {
            0 => self.gives(Type::list(of), &format!("list({dict})")),
            1 => self.gives(Type::Str, &format!("str({dict})")),
            2 => self.gives(Type::Int, &format!("sum({dict}.values())")),
            _ => {
                let pairs = Type::list(Type::Tuple(vec![of, Type::Int]));
                self.gives(pairs, &format!("list({dict}.items())"));
            }
        }
    }

    fn compared(&mut self) {
        let (of, values) = self.values();
        let by = match (&of, self.random.below(3)) {
            (Type::Int | Type::Float, 0) => "a - b",
            (Type::Int, 1) => "b % 5 - a % 5",
            (Type::Str, 0) => "len(a) - len(b)",
            (Type::Str, 1) => "-1 if a < b else 1",
            (Type::Tuple(_), 0 | 1) => "(a[0] > b[0]) - (a[0] < b[0])",
            _ => "(a > b) - (a < b)",
        };
        let reverse = self.random.one(&["", "", ", reverse=True"]);
        self.gives(Type::list(of), &format!("sorted({values}, key=cmp_to_key(lambda a, b: {by}){reverse})"));
    }
}
