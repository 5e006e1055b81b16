"""Orders, payments and sensors as records, with classes of many styles."""

import math
import re
from collections import Counter, defaultdict, deque, namedtuple
from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import reduce as fold
from itertools import accumulate, groupby
from typing import NamedTuple, Optional

from org.apache.flink.api.common.functions import FilterFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

LINES = ['%d,u%d,%s,%s,%.2f' % (n, n % 7, ['EUR', 'USD', 'GBP', 'JPY'][n * 3 % 4], ['buy', 'sell', 'hold'][n % 3],
                                n * 37 % 9901 / 10) for n in range(200)] + ['bad', '', '1,2,3', '7,u1,XXX,buy,nope']
RATES = {'EUR': 1.0, 'USD': 0.92, 'GBP': 1.17, 'JPY': 0.0062}
BUY, SELL = 'buy', 'sell'

Trade = namedtuple('Trade', 'id user currency side amount')
Point = namedtuple('Point', ['x', 'y'])


class Reading(NamedTuple):
    sensor: str
    value: float
    unit: str = 'C'


@dataclass(frozen=True)
class Money:
    amount: float
    currency: str = 'EUR'

    @property
    def euros(self) -> float:
        return self.amount * RATES[self.currency]

    def scaled(self, factor: float) -> 'Money':
        return Money(self.amount * factor, self.currency)


@dataclass
class Order:
    id: int
    user: str
    money: Money
    side: str

    @staticmethod
    def parse(line):
        number, user, currency, side, amount = line.split(',')
        return Order(int(number), user, Money(float(amount), currency), side)

    @classmethod
    def empty(cls):
        return cls(0, '', Money(0.0), 'none')

    def is_large(self):
        return self.money.amount > 500

    def __str__(self):
        return f'#{self.id} {self.user} {self.money.amount:.2f}{self.money.currency}'


class Severity(IntEnum):
    LOW = 1
    HIGH = 2


class Side(Enum):
    BUY = 'buy'
    SELL = 'sell'
    HOLD = 'hold'

    @property
    def sign(self):
        return SIGNS[self]


SIGNS = {Side.BUY: 1, Side.SELL: -1, Side.HOLD: 0}


class Fill:
    __slots__ = ('side', 'amount', 'fee')

    def __init__(self, side, amount, rate=0.001):
        self.side = side
        self.amount = amount
        self.fee = max(amount * rate, 0.01) if side is not Side.HOLD else 0.0

    @property
    def cash(self):
        return -self.side.sign * self.amount - self.fee

    def __repr__(self):
        return 'Fill(%s %.2f)' % (self.side.name, self.amount)


class Parse(MapFunction):
    def map(self, value):
        fields = value.split(',')
        try:
            return (int(fields[0]), fields[1], fields[2], fields[3], float(fields[4]))
        except (ValueError, IndexError):
            return (0, '', 'EUR', 'hold', 0.0)


class ToTrade(MapFunction):
    def map(self, value):
        return Trade(*value)


class ToOrder(MapFunction):
    def map(self, value):
        try:
            return Order.parse(value)
        except ValueError:
            return Order.empty()


class Base(MapFunction):
    factor = 1.0

    def __init__(self, digits=2):
        self.digits = digits

    def convert(self, amount):
        return amount * self.factor

    def map(self, value):
        return value[1], round(self.convert(value[4]), self.digits)


class Taxed(Base):
    factor = 1.19

    def __init__(self, digits, free):
        super().__init__(digits)
        self.free = free

    def convert(self, amount):
        if amount < self.free:
            return amount
        return super().convert(amount)


class Alarm(FilterFunction):
    def __init__(self, low, high):
        self.low, self.high = low, high

    def filter(self, value):
        return not self.low <= value[4] < self.high


class Level(MapFunction):
    LEVELS = ((100, 'low'), (500, 'mid'), (900, 'high'))

    def map(self, value):
        for limit, name in self.LEVELS:
            if value[4] < limit:
                return name
        return 'top'


class UserKey(KeySelector):
    def getKey(self, value):
        return value[1]


class SideSelector(OutputSelector):
    def select(self, value):
        out = [value[3]]
        if value[4] > 500:
            out.append('large')
        return out


class SumAmounts(ReduceFunction):
    def reduce(self, a, b):
        return (b[0], a[1], a[2], b[3], round(a[4] + b[4], 2))


class OrderSum(ReduceFunction):
    def reduce(self, a, b):
        return Order(max(a.id, b.id), a.user, Money(a.money.euros + b.money.euros), b.side)


class Percentiles(WindowFunction):
    def __init__(self, points):
        self.points = points

    def apply(self, key, window, values, collector):
        amounts = sorted(v[4] for v in values)
        n = len(amounts)
        out = []
        for p in self.points:
            k = (n - 1) * p / 100
            f, c = math.floor(k), math.ceil(k)
            if f == c:
                out.append(amounts[int(k)])
            else:
                out.append(round(amounts[f] * (c - k) + amounts[c] * (k - f), 3))
        collector.collect((key, out))


class MovingAverage(WindowFunction):
    def apply(self, key, window, values, collector):
        amounts = [v[4] for v in values]
        for i in range(2, len(amounts)):
            collector.collect((key, sum(amounts[i - 2:i + 1]) / 3))


class Statistics(WindowFunction):
    def apply(self, key, window, values, collector):
        count, mean, m2 = 0, 0.0, 0.0
        for v in values:
            count += 1
            delta = v[4] - mean
            mean += delta / count
            m2 += delta * (v[4] - mean)
        deviation = math.sqrt(m2 / (count - 1)) if count > 1 else None
        collector.collect({'key': key, 'n': count, 'mean': round(mean, 2),
                           'sd': None if deviation is None else round(deviation, 2)})


class BySide(WindowFunction):
    def apply(self, key, window, values, collector):
        totals = defaultdict(float)
        for _, _, currency, side, amount in values:
            totals[side] += amount * RATES.get(currency, 1.0)
        for side in sorted(totals):
            collector.collect((key, side, round(totals[side], 2)))


class Currencies(WindowFunction):
    def apply(self, key, window, values, collector):
        seen = set()
        for v in values:
            seen.add(v[2])
        collector.collect((key, len(seen), sorted(seen)))


class Top(WindowFunction):
    def apply(self, key, window, values, collector):
        best = sorted(values, key=lambda v: v[4], reverse=True)[:2]
        for rank, v in enumerate(best, start=1):
            collector.collect('%s %d. %8.2f %s' % (key, rank, v[4], v[2]))


class Histogram(WindowFunction):
    def apply(self, key, window, values, collector):
        buckets = [0] * 10
        for v in values:
            buckets[min(9, int(v[4] // 100))] += 1
        collector.collect((key, buckets))


class Rises(WindowFunction):
    def apply(self, key, window, values, collector):
        last = None
        rises = 0
        for v in values:
            if last is not None and v[4] > last:
                rises += 1
            last = v[4]
        collector.collect((key, rises))


class Matrix(WindowFunction):
    def apply(self, key, window, values, collector):
        rows = [[v[0], v[4]] for v in values]
        columns = [list(c) for c in zip(*rows)]
        collector.collect((key, [sum(c) for c in columns]))


class Gaps(WindowFunction):
    def apply(self, key, window, values, collector):
        ids = [v[0] for v in values]
        sessions, current = [], [ids[0]]
        for a, b in zip(ids, ids[1:]):
            if b - a > 7:
                sessions.append(current)
                current = []
            current.append(b)
        sessions.append(current)
        collector.collect([(s[0], s[-1], len(s)) for s in sessions])


class ExponentialAverage(WindowFunction):
    def __init__(self, alpha=0.3):
        self.alpha = alpha

    def smooth(self, old, new):
        return self.alpha * new + (1 - self.alpha) * old

    def apply(self, key, window, values, collector):
        level = None
        for v in values:
            level = v[4] if level is None else self.smooth(level, v[4])
        collector.collect((key, level))


class Latest(WindowFunction):
    def apply(self, key, window, values, collector):
        by_side = {}
        for v in values:
            by_side[v[3]] = v
        items = [by_side[k] for k in sorted(by_side)]
        collector.collect((key, items[0][0], items[-1][4]))


class Weighted(WindowFunction):
    def apply(self, key, window, values, collector):
        weight = sum(v[0] for v in values)
        total = sum([v[0] * v[4] for v in values], 0.0)
        collector.collect((key, total / weight if weight else 0))


def running(key, window, values):
    total = 0
    out = []
    for v in values:
        total += v[4]
        out.append(round(total, 1))
    return [(key, out)]


def accumulated(key, window, values):
    yield key, [round(x, 1) for x in accumulate(v[4] for v in values)]


def grouped(key, window, values):
    ordered = sorted(values, key=lambda v: v[2])
    for currency, group in groupby(ordered, key=lambda v: v[2]):
        yield key, currency, sum(v[0] for v in group)


def median(key, window, values, collector):
    xs = sorted(v[4] for v in values)
    mid = len(xs) // 2
    collector.collect((key, xs[mid] if len(xs) % 2 else (xs[mid - 1] + xs[mid]) / 2))


def fractions(key, window, values, collector):
    n = len(values)
    large = len([1 for v in values if v[4] > 300])
    collector.collect(f'{key}: {large / n:.1%} of {n:,}')


def min_max(key, window, values, collector):
    low = min(values, key=lambda v: v[4])
    high = max(values, key=lambda v: v[4])
    collector.collect((key, low[0], high[0], high[4] - low[4]))


def counter_window(key, window, values, collector):
    for side, n in sorted(Counter(v[3] for v in values).items()):
        collector.collect((key, side, n))


def folded(key, window, values, collector):
    collector.collect((key, fold(lambda a, v: a + v[0], values, 0)))


def fraud(key, window, values, collector):
    small = False
    for v in values:
        if small and v[4] > 500:
            collector.collect(('FRAUD', key, v[0]))
        small = v[4] < 100


def trade_total(trade):
    return trade.user, round(trade.amount * RATES.get(trade.currency, 0), 2)


def trade_replace(trade):
    return trade._replace(side='x')


def trade_side(trade):
    return 1 if trade.side == BUY else -1 if trade.side == SELL else 0


def to_point(value):
    p = Point(value[0], y=value[4])
    return math.hypot(p.x, p.y)


def to_reading(value):
    r = Reading(value[1], value[4])
    return r.sensor + r.unit, r.value * 9 / 5 + 32


def severity(value):
    return Severity.HIGH if value[4] > 500 else Severity.LOW


def severity_value(value):
    return int(Severity.HIGH) if value[4] > 500 else Severity.LOW.value


def side_of(value):
    return Side(value[3])


def side_text(value):
    side = Side(value[3])
    return f'{side} {side.name.lower()} {side.value!r}' if side in (Side.BUY, Side.SELL) else str(side)


def to_fill(value):
    return Fill(Side(value[3]), value[4])


def fill_cash(value):
    fill = Fill(Side(value[3]), value[4], rate=0.002)
    return fill.side, round(fill.cash, 2)


def point_parts(value):
    x, y = point = Point(value[0], value[4])
    return point, x, point[1], point < (100, 0), point._replace(x=0), str(point)


def describe(value):
    if isinstance(value, tuple) and value:
        return type(value).__name__
    return 'none'


def order_text(order):
    return str(order)


def order_key(order):
    return order.user, order.side


def order_scaled(order):
    return order.money.scaled(2).euros


def order_dict(order):
    return {'id': order.id, 'eur': round(order.money.euros, 2), **{'side': order.side}}


def optional(value) -> Optional[float]:
    return value[4] if value[3] == 'buy' else None


def bucket(value):
    return (value[0] * 2654435761 & 0xffffffff) % 100 < 50 and 'A' or 'B'


def as_json(value):
    return '{"id": %d, "user": "%s", "amount": %.1f}' % (value[0], value[1], value[4])


def from_json(value):
    body = as_json(value).strip('{}')
    fields = {}
    for part in body.split(', '):
        k, v = part.split(': ')
        fields[k.strip('"')] = v.strip('"')
    return fields['user'], float(fields['amount'])


def epoch(value):
    days, rest = divmod(value[0] * 86399 + 1556668800, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    z = days + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    y = yoe + era * 400
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    d = doy - (153 * mp + 2) // 5 + 1
    m = mp + 3 if mp < 10 else mp - 9
    return f'{y + (m <= 2):04d}-{m:02d}-{d:02d}T{hours:02d}:{minutes:02d}:{seconds:02d}Z'


def leap(value):
    y = 1900 + value[0]
    return y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)


def haversine(value):
    lat1, lon1 = math.radians(value[0] % 90), math.radians(value[4] % 180)
    lat2, lon2 = map(math.radians, (52.5, 13.4))
    a = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return round(2 * 6371.0 * math.asin(math.sqrt(a)), 3)


def xorshift(value):
    x = value[0] + 88172645463325252
    x ^= (x << 13) & 0xffffffffffffffff
    x ^= x >> 7
    x ^= (x << 17) & 0xffffffffffffffff
    return x % 100


def lcg(value):
    seed = value[0]
    for _ in range(3):
        seed = (6364136223846793005 * seed + 1442695040888963407) % 2 ** 64
    return seed >> 33


def murmur(value):
    h = value[0] & 0xffffffff
    h ^= h >> 16
    h = (h * 0x85ebca6b) & 0xffffffff
    h ^= h >> 13
    h = (h * 0xc2b2ae35) & 0xffffffff
    return h ^ h >> 16


def make_scaler(factor):
    def scale(value):
        return value[4] * factor
    return scale


def nested(value):
    rate = RATES.get(value[2], 1.0)

    def convert(amount):
        return amount * rate

    return convert(value[4])


def fsum(value):
    return math.fsum([value[4], 0.1, 0.2, value[0]])


def mixed_sum(value):
    return sum([value[0], value[4], True])


def ternary_chain(value):
    a = value[4]
    return ('xs' if a < 10 else 's' if a < 100 else 'm' if a < 500 else 'l') + str(value[0] % 10)


def masked(value):
    user = value[1]
    return user[:1] + '*' * (len(user) - 1) if user else None


def unit(value):
    n = value[4] * 1000
    for suffix in ('B', 'KB', 'MB'):
        if n < 1024:
            return '{:.1f} {}'.format(n, suffix)
        n /= 1024
    return '%.1f GB' % n


def duration(value):
    s = int(value[4] * 60)
    return ':'.join('%02d' % x for x in (s // 3600, s % 3600 // 60, s % 60))


def gcd_lcm(value):
    a, b = value[0] + 1, 12
    while b:
        a, b = b, a % b
    return a, math.gcd(value[0], 18), (value[0] + 1) * 12 // a


def primes(value):
    n = value[0]
    factors = []
    d = 2
    while d * d <= n:
        while n % d == 0:
            factors.append(d)
            n //= d
        d += 1
    if n > 1:
        factors.append(n)
    return factors


def sieve(value):
    flags = [True] * (value[0] % 50 + 2)
    flags[0] = flags[1] = False
    for i in range(2, len(flags)):
        if flags[i]:
            flags[i * i::i] = [False] * len(flags[i * i::i])
    return [i for i, f in enumerate(flags) if f]


def fib(value):
    a, b = 0, 1
    for _ in range(value[0] % 80):
        a, b = b, a + b
    return a


def collatz(value):
    n, steps = value[0] + 1, 0
    while n != 1:
        n = 3 * n + 1 if n & 1 else n >> 1
        steps += 1
    return steps


def recursive(n):
    return 1 if n < 2 else n * recursive(n - 1)


def factorial(value):
    return recursive(value[0] % 15)


def bisected(value):
    limits = [10, 50, 100, 500]
    lo, hi = 0, len(limits)
    while lo < hi:
        mid = (lo + hi) // 2
        if limits[mid] < value[4]:
            lo = mid + 1
        else:
            hi = mid
    return lo


def matrix(value):
    a = [[1, value[0]], [0, 1]]
    b = [[value[0], 2], [3, 4]]
    return [[sum(a[i][k] * b[k][j] for k in range(2)) for j in range(2)] for i in range(2)]


def window_deque(value):
    d = deque(maxlen=3)
    for i in range(value[0] % 10):
        d.append(i)
    return sum(d)


def any_all(value):
    return any(c == value[2] for c in RATES), all(isinstance(x, str) for x in value[1:4])


def none_handling(value):
    name = value[1] or None
    return (name or 'unknown').upper() if name is not None else 'UNKNOWN'


def walrus(value):
    if (m := re.match(r'u(\d+)', value[1])) and (n := int(m.group(1))) > 3:
        return n
    return -1


def named_groups(value):
    m = re.match(r'(?P<letter>[a-z])(?P<number>\d+)', value[1])
    return (m.group('letter'), int(m['number'])) if m else None


def matched(value):
    match value[3]:
        case 'buy' | 'sell':
            return 1
        case _:
            return 0


def main(factory):
    env = factory.get_execution_environment()
    lines = env.from_collection(LINES)
    t = lines.map(Parse())
    trades = t.map(ToTrade())
    orders = lines.map(ToOrder())
    for f in [Base(), Taxed(3, 100.0), Level(), to_point, to_reading, severity, severity_value, side_of,
              side_text, to_fill, fill_cash, point_parts, describe, optional,
              bucket, as_json, from_json, epoch, leap, haversine, xorshift, lcg, murmur, make_scaler(3), nested, fsum,
              mixed_sum, ternary_chain, masked, unit, duration, gcd_lcm, primes, sieve, fib, collatz, factorial,
              bisected, matrix, window_deque, any_all, none_handling, walrus, named_groups, matched]:
        t.map(f).output()
    for f in [trade_total, trade_replace, trade_side]:
        trades.map(f).output()
    for f in [order_text, order_key, order_scaled, order_dict]:
        orders.map(f).output()
    t.filter(Alarm(50, 700)).output()
    t.split(SideSelector()).select('buy', 'large').output()
    keyed = t.key_by(UserKey())
    keyed.reduce(SumAmounts()).output()
    orders.key_by(lambda o: o.user).reduce(OrderSum()).output()
    for f in [Percentiles([50, 90, 99]), MovingAverage(), Statistics(), BySide(), Currencies(), Top(), Histogram(),
              Rises(), Matrix(), Gaps(), ExponentialAverage(), Latest(), Weighted(), running, accumulated, grouped,
              median, fractions, min_max, counter_window, folded, fraud]:
        t.key_by(UserKey()).count_window(5).apply(f).output()
    env.execute()
