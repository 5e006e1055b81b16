"""Classes of functions as scripts have them; each can be lifted."""

import re
import math
from dataclasses import dataclass
from org.apache.flink.api.common.functions import MapFunction, FlatMapFunction, ReduceFunction, RichMapFunction, FilterFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.functions.source import SourceFunction
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

PATTERN = re.compile('(?P<k>[a-z]+)=(?P<v>[0-9]+)', re.I)
WORDS = ('x', 'y')
NAMES = {1: 'one', 2: 'two'}


class Person:
    KIND = 'person'

    def __init__(self, name, age):
        self.name = name
        self.age = age

    @property

    def upper(self):
        return self.name.upper()

    def older(self, by=1):
        return Person(self.name, self.age + by)

    def __str__(self):
        return self.name + ':' + str(self.age)

    def __lt__(self, other):
        return self.age < other.age


@dataclass(frozen=True)
class Bid:
    auction: int
    price: float
    who: str = 'nobody'


class Config:
    def __init__(self, low, high):
        self.low = low
        self.high = high

    def inside(self, x):
        return self.low <= x <= self.high


class M1(MapFunction):
    FACTOR = 3

    def __init__(self, rate, labels):
        self.rate = rate
        self.labels = labels
        self.config = Config(1, 10)
        self.pattern = re.compile(r'\d+')

    def map(self, value):
        n = int(self.pattern.findall(value)[0]) if self.pattern.search(value) else 0
        return n * self.rate * self.FACTOR, self.labels[n % 2], self.config.inside(n), self.config.low, self.twice(n)

    def twice(self, n):
        return self._scaled(n, by=2)

    def _scaled(self, n, by=1):
        return n * by + self.rate


class M2(MapFunction):
    def map(self, value):
        p = Person(value, 5)
        q = p.older().older(by=3)
        return p.upper, q.age, str(q), f'{q}', p < q, p.KIND, Person.KIND, sorted([q, p])[0].age


class M3(MapFunction):
    def map(self, value):
        return value.price * 0.9, value.who, Bid(value.auction, price=1.0)


class F1(FlatMapFunction):
    def flatMap(self, value, collector):
        buf = []
        for w in value.split():
            buf.append(w)
            if len(buf) == 2:
                collector.collect(tuple(buf))
                buf = []
        if buf:
            collector.collect(tuple(buf))


class F2(FlatMapFunction):
    def flatMap(self, value, collector):
        collect = collector.collect
        self.emit(value, collector)
        for k, v in PATTERN.findall(value):
            collect((k, int(v)))

    def emit(self, value, out):
        if value:
            out.collect(value.strip())


class F3(FlatMapFunction):
    def flatMap(self, value, collector):
        if not value:
            return
        return value.split(',')


class F4(FlatMapFunction):
    def flatMap(self, value, collector):
        for w in value.split():
            yield w
        yield from self.more(value)

    def more(self, value):
        for c in value:
            if c == 'x':
                return
            yield c


class F6(FlatMapFunction):
    def flatMap(self, value, collector):
        m = PATTERN.match(value)
        if m is None:
            return
        if m.group('k') in WORDS:
            collector.collect(m.groupdict() if False else (m['k'], m.end()))
        n = NAMES.get(int(m.group(2)), 'many')
        collector.collect(n)


class Rich(RichMapFunction):
    def __init__(self):
        self.n = 0
        self.table = None

    def open(self, config):
        self.table = {'a': 1}
        self._load()

    def _load(self):
        self.loaded = 4

    def map(self, value):
        return self.table.get(value, 0) + self.loaded


class Src(SourceFunction):
    def __init__(self, n):
        self.n = n
        self.running = True
        self.total = 0

    def run(self, ctx):
        i = 0
        while self.running and i < self.n:
            self.total += i
            ctx.collect((i, self.total))
            ctx.collectWithTimestamp(i, i * 10)
            i += 1

    def cancel(self):
        self.running = False


class Sel(KeySelector):
    def getKey(self, value):
        return value[0].lower()


class Red(ReduceFunction):
    def reduce(self, a, b):
        return Person(a.name, max(a.age, b.age))


class Win(WindowFunction):
    def apply(self, key, window, values, collector):
        values = sorted(values, key=lambda v: v[1])
        lo, hi = values[0], values[-1]
        gaps = [b[1] - a[1] for a, b in zip(values, values[1:])]
        collector.collect((key, lo, hi, sum(gaps) / max(len(gaps), 1)))


class Win2(WindowFunction):
    def apply(self, key, window, values, collector):
        counts = {}
        for word, n in values:
            counts[word] = counts.get(word, 0) + n
        for word in sorted(counts, key=lambda w: (-counts[w], w))[:2]:
            collector.collect((key, word, counts[word]))


class Clicks(FilterFunction):
    def __init__(self, kinds):
        self.kinds = set(kinds)

    def filter(self, value):
        return value.get('kind') in self.kinds and not value.get('bot', False)


class G1(FlatMapFunction):
    def flatMap(self, value, collector):
        groups = {}
        for w in value.split():
            groups.setdefault(w[0], []).append(w)
        for k, v in groups.items():
            collector.collect((k, v))


class G5(FlatMapFunction):
    def flatMap(self, value, collector):
        total = 0
        last = None
        n, m = 0, value
        for w in value.split():
            total += len(w)
            n += total
            m += w
            if last is not None and w != last:
                collector.collect((last, w, total, n, m))
            last = w


class G8(FlatMapFunction):
    def flatMap(self, value, collector):
        for i in range(3):
            row = []
            row.append(i)
            collector.collect(row)


class G9(FlatMapFunction):
    def flatMap(self, value, collector):
        buf = []
        for w in value.split():
            buf.append(w)
            if len(buf) == 2:
                collector.collect(buf)
                buf = []

def make(k, f):
    return lambda v: f(v) * k

def double(x):
    return x * 2

def main(factory):
    env = factory.get_execution_environment()
    s = env.from_elements(1)
    s.map(M1(2, ('e', 'o'))).output()
    s.map(M2()).output()
    s.map(M3()).output()
    s.flat_map(F1()).output()
    s.flat_map(F2()).output()
    s.flat_map(F3()).output()
    s.flat_map(F4()).output()
    s.flat_map(G1()).output()
    s.flat_map(G5()).output()
    s.flat_map(G8()).output()
    s.flat_map(G9()).output()
    s.flat_map(F6()).output()
    s.map(Rich()).output()
    s.filter(Clicks(['a'])).output()
    env.create_python_source(Src(4)).output()
    s.key_by(Sel()).reduce(Red()).output()
    s.key_by(Sel()).count_window(3).apply(Win()).output()
    s.key_by(Sel()).count_window(3).apply(Win2()).output()
    limit = 7
    s.map(lambda v: v + limit).output()
    s.map(make(3, double)).output()
    for i in range(2):
        s.map(lambda v, i=i: v + i).output()
    env.execute()
