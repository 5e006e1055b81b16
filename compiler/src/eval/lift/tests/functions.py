"""Functions as scripts have them; each can be lifted."""

import math
import re
import string
import functools
from collections import Counter, defaultdict
from dataclasses import dataclass
from math import sin, cos, sqrt, atan2, radians
from operator import itemgetter

LOG = re.compile(r'(\d+\.\d+\.\d+\.\d+) - (\w+) "(GET|POST) ([^"]+)" (\d{3}) (\d+)')
RATES = {'usd': 1.0, 'eur': 1.1, 'gbp': 1.3}
STOP = ('the', 'a', 'of')
STOPSET = {'the', 'a', 'of'}
LIMITS = [10, 20, 30]
R = 6371.0


def parse_log(line):
    m = LOG.match(line)
    if not m:
        return None
    ip, user, verb, path, status, size = m.groups()
    return ip, user, verb, path, int(status), int(size)


def parse_log2(line):
    if (m := LOG.match(line)) is not None:
        return {'ip': m.group(1), 'status': int(m.group(5))}
    return {}


def csv(line):
    fields = [f.strip() for f in line.split(',')]
    try:
        return fields[0], int(fields[1]), float(fields[2])
    except (ValueError, IndexError):
        return None


def convert(value):
    amount, currency = value
    return round(amount * RATES.get(currency, 1.0), 2), 'usd'


def clean(text):
    out = []
    for c in text.lower():
        if c not in string.punctuation:
            out.append(c)
    return ' '.join(''.join(out).split())


def tokens(line):
    for word in line.split():
        w = word.strip(string.punctuation).lower()
        if w and w not in STOP and w not in STOPSET:
            yield w, 1


def tokens_list(line):
    return [(w, 1) for w in line.lower().split() if len(w) > 2]


def haversine(value):
    (lat1, lon1), (lat2, lon2) = value
    dlat = radians(lat2 - lat1)
    dlon = radians(lon2 - lon1)
    a = sin(dlat / 2) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(dlon / 2) ** 2
    return 2 * R * atan2(sqrt(a), sqrt(1 - a))


def is_prime(n):
    if n < 2:
        return False
    i = 2
    while i * i <= n:
        if n % i == 0:
            return False
        i += 1
    return True


def fizz(n):
    if n % 15 == 0:
        return 'FizzBuzz'
    elif n % 3 == 0:
        return 'Fizz'
    elif n % 5 == 0:
        return 'Buzz'
    else:
        return str(n)


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def histogram(text):
    counts = {}
    for c in text:
        counts[c] = counts.get(c, 0) + 1
    best = sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))
    return best[:3]


def histogram2(text):
    counts = {}
    for c in text:
        if c in counts:
            counts[c] += 1
        else:
            counts[c] = 1
    return max(counts, key=counts.get)


def histogram3(text):
    counts = Counter(text.split())
    return counts.most_common(2)


def histogram4(text):
    counts = defaultdict(int)
    for w in text.split():
        counts[w] += 1
    return sorted(counts.items())


def grouped(values):
    groups = {}
    for k, v in values:
        groups.setdefault(k, []).append(v)
    return sorted((k, sum(vs) / len(vs)) for k, vs in groups.items())


def grouped2(values):
    groups = defaultdict(list)
    for k, v in values:
        groups[k].append(v)
    return [(k, max(v)) for k, v in sorted(groups.items())]


def running(values):
    n, mean, m2 = 0, 0.0, 0.0
    for x in values:
        n += 1
        delta = x - mean
        mean += delta / n
        m2 += delta * (x - mean)
    return (n, mean, math.sqrt(m2 / (n - 1)) if n > 1 else 0.0)


def topn(values, n=3):
    return sorted(values, reverse=True)[:n]


def median(values):
    s = sorted(values)
    n = len(s)
    if n == 0:
        raise ValueError('empty')
    mid = n // 2
    if n % 2:
        return s[mid]
    return (s[mid - 1] + s[mid]) / 2


def caesar(text):
    def shift(c, by):
        if c.isalpha():
            base = ord('A') if c.isupper() else ord('a')
            return chr((ord(c) - base + by) % 26 + base)
        return c
    return ''.join(shift(c, 3) for c in text)


def bucket(n):
    for limit in LIMITS:
        if n < limit:
            return '<%d' % limit
    else:
        return 'big'


def kv(line):
    result = {}
    for part in line.split('&'):
        key, sep, value = part.partition('=')
        if not sep:
            continue
        result[key] = value
    return result


def flatten(rows):
    return [x for row in rows for x in row if x is not None]


def matrix(n):
    grid = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            grid[i][j] = i * j
    return [sum(row) for row in grid]


def bubble(values):
    l = list(values)
    for i in range(len(l)):
        for j in range(len(l) - 1 - i):
            if l[j] > l[j + 1]:
                l[j], l[j + 1] = l[j + 1], l[j]
    return l


def stack(text):
    depth = []
    for c in text:
        if c == '(':
            depth.append(c)
        elif c == ')':
            if not depth:
                return False
            depth.pop()
    return not depth


def window_slices(values):
    out = []
    buf = []
    for v in values:
        buf.append(v)
        if len(buf) == 3:
            out.append(sum(buf))
            buf = buf[1:]
    return out


def fmt(value):
    name, n, x = value
    return f'{name:<10}|{n:05d}|{x:8.3f}|{x!r}' + '{:>6}'.format(n) + ' %s=%d' % (name, n)


def palindrome(s):
    s = ''.join(filter(str.isalnum, s)).lower()
    return s == s[::-1]


def digits(n):
    return sum(map(int, str(n)))


def mode(x):
    match x:
        case 1 | 2:
            return 'low'
        case 3:
            return 'mid'
        case _:
            return 'high'


def safe_div(value):
    a, b = value
    try:
        r = a / b
    except ZeroDivisionError:
        r = 0.0
    else:
        r = r + 1
    finally:
        pass
    return r


def chained(x):
    return 0 < x + 1 < 10 <= 100


def enumerate_it(values):
    return {i: v for i, v in enumerate(values, start=1)}


def best_of(values):
    return max(values, key=itemgetter(1)), min((v[1] for v in values), default=None)


def aug(value):
    a, b = value
    a += b
    a *= 2
    return a


def helper(x, *, scale=2, offset=0):
    return x * scale + offset


def uses_helper(x):
    return helper(x) + helper(x, scale=3) + helper(x, offset=1)


def variadic(*xs):
    return len(xs) + sum(xs)


def uses_variadic(x):
    return variadic(x, 1, 2)


def gen(n):
    for i in range(n):
        yield i * i


def uses_gen(n):
    return sum(gen(n)) + len(list(gen(n)))


def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def lines(text):
    return [line for line in (l.strip() for l in text.splitlines()) if line]


def nested_cond(v):
    return 'a' if v > 10 else 'b' if v > 5 else 'c'


def multi(v):
    a = b = v + 1
    c, d = e = (a, b)
    return a, b, c, d, e


def while_walrus(n):
    total = 0
    while (n := n // 2) > 0:
        total += n
    return total


def comp_walrus(values):
    return [y for v in values if (y := v * 2) > 3]


def and_walrus(text):
    if text and (m := re.search(r'\d+', text)) and int(m.group()) > 3:
        return m.group(0)
    return 'none'


def logs(x):
    if x < 0:
        print('negative', x)
        return None
    return x


def asserts(x):
    assert x > 0, 'positive'
    return x


def unpack_split(line):
    name, _, rest = line.partition(':')
    first, second = rest.split(',', 1)
    return name, first.strip(), int(second)


def join_numbers(values):
    return ','.join(str(v) for v in values) + ';' + ','.join(map(str, values))


def fraction(v):
    return divmod(v, 7), pow(v, 3, 11), abs(-v), bin(v), hex(v)


def sets(v):
    seen = set()
    out = []
    for x in v:
        if x not in seen:
            seen.add(x)
            out.append(x)
    return out


def del_key(v):
    d = {'a': v, 'b': 2}
    del d['a']
    return sorted(d)


def pops(v):
    l = list(v)
    last = l.pop()
    first = l.pop(0)
    l.insert(0, last)
    l.sort(reverse=True)
    return l, first


def ext(v):
    l = []
    l += [1, 2]
    l.extend(x for x in v)
    return l


def reduce_it(values):
    return functools.reduce(lambda a, b: a * b, values, 1)


class Point:
    def __init__(self, x, y=0):
        self.x = x
        self.y = y

    def norm(self):
        return math.sqrt(self.x ** 2 + self.y ** 2)

    @property
    def total(self):
        return self.x + self.y

    def __repr__(self):
        return f'P({self.x}, {self.y})'

    def __eq__(self, other):
        return isinstance(other, Point) and self.x == other.x and self.y == other.y

    def moved(self, dx, dy=1):
        return Point(self.x + dx, self.y + dy)


@dataclass
class Trade:
    symbol: str
    price: float
    volume: int = 1

    def value(self):
        return self.price * self.volume


def points(v):
    p = Point(v, y=v + 1)
    q = p.moved(1)
    return p.norm(), q.total, repr(q), p == q


def trades(v):
    sym, price, vol = v
    t = Trade(sym, price, volume=vol)
    return t.value(), t.symbol, repr(t)


def points_out(v):
    return Point(v, 3)


def stats(values):
    lo = hi = None
    total = 0
    count = 0
    for v in values:
        if lo is None or v < lo:
            lo = v
        if hi is None or v > hi:
            hi = v
        total += v
        count += 1
    return lo, hi, total / count if count else 0


def rle(s):
    if not s:
        return ''
    out = []
    prev, count = s[0], 1
    for c in s[1:]:
        if c == prev:
            count += 1
        else:
            out.append(f'{prev}{count}')
            prev, count = c, 1
    out.append(f'{prev}{count}')
    return ''.join(out)


def levenshtein(v):
    a, b = v
    prev = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        cur = [i]
        for j, cb in enumerate(b, 1):
            cur.append(min(prev[j] + 1, cur[j - 1] + 1, prev[j - 1] + (ca != cb)))
        prev = cur
    return prev[-1]


def sessionize(times):
    sessions = []
    current = []
    for t in sorted(times):
        if current and t - current[-1] > 30:
            sessions.append((current[0], current[-1], len(current)))
            current = []
        current.append(t)
    if current:
        sessions.append((current[0], current[-1], len(current)))
    return sessions


def main(factory):
    env = factory.get_execution_environment()
    s = env.from_elements(1)
    s.map(parse_log).output()
    s.map(parse_log2).output()
    s.map(csv).output()
    s.map(convert).output()
    s.map(clean).output()
    s.flat_map(tokens).output()
    s.flat_map(tokens_list).output()
    s.map(haversine).output()
    s.map(is_prime).output()
    s.map(fizz).output()
    s.map(collatz).output()
    s.map(histogram).output()
    s.map(histogram2).output()
    s.map(histogram3).output()
    s.map(histogram4).output()
    s.map(grouped).output()
    s.map(grouped2).output()
    s.map(running).output()
    s.map(topn).output()
    s.map(median).output()
    s.map(caesar).output()
    s.map(bucket).output()
    s.map(kv).output()
    s.map(flatten).output()
    s.map(matrix).output()
    s.map(bubble).output()
    s.map(stack).output()
    s.map(window_slices).output()
    s.map(fmt).output()
    s.map(palindrome).output()
    s.map(digits).output()
    s.map(mode).output()
    s.map(safe_div).output()
    s.map(chained).output()
    s.map(enumerate_it).output()
    s.map(best_of).output()
    s.map(aug).output()
    s.map(uses_helper).output()
    s.map(uses_variadic).output()
    s.map(uses_gen).output()
    s.map(fib).output()
    s.map(lines).output()
    s.map(nested_cond).output()
    s.map(multi).output()
    s.map(while_walrus).output()
    s.map(comp_walrus).output()
    s.map(and_walrus).output()
    s.map(logs).output()
    s.map(asserts).output()
    s.map(unpack_split).output()
    s.map(join_numbers).output()
    s.map(fraction).output()
    s.map(sets).output()
    s.map(del_key).output()
    s.map(pops).output()
    s.map(ext).output()
    s.map(reduce_it).output()
    s.map(points).output()
    s.map(trades).output()
    s.map(points_out).output()
    s.map(stats).output()
    s.map(rle).output()
    s.map(levenshtein).output()
    s.map(sessionize).output()
    env.execute()
