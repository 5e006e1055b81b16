"""Jobs of many hands: deliveries, visits and meters, told by lines of text."""

import collections
import itertools
import re
import string
from collections import Counter, defaultdict

from org.apache.flink.api.common.functions import FlatMapFunction, MapFunction

LINES = ['%d;truck-%d;%s;%s' % (n, n % 9, ','.join(str(n * k % 23) for k in range(1, 1 + n % 6)),
                                ['wet', 'dry', 'wet dry', 'ice  wet ice', ''][n * 7 % 5]) for n in range(240)] + [
    '', ';;;', 'x;y', '1;truck-é;4,5;Üwet', '7;t;9,-3;(a[b]c)', '8;t; 4,5 ;)(', '9;t;1_0,2;[(])', '5;t;;dry;more;parts']

REMOVE = str.maketrans('', '', string.punctuation + string.digits)
SWAP = str.maketrans('wd', 'WD', 'e')
PUNCTUATION = str.maketrans('', '', string.punctuation)
WEIGHTS = {'wet': 3, 'dry': 1, 'ice': 7}


def fields(value):
    number, name, *rest = value.split(';')
    return name, len(rest), '/'.join(rest)


class Readings(FlatMapFunction):
    def flatMap(self, value, collector):
        head, _, tail = value.partition(';')
        name, *_, words = tail.split(';')
        collector.collect((head, name))
        for word in words.split():
            collector.collect((name, word))


def ends(value):
    first, *_, last = value
    return first + last


def total(value):
    scale = len(value)

    def weigh(word):
        return WEIGHTS.get(word, 0) * scale

    return sum(weigh(word) for word in value.split(';')[-1].split())


def by_lambda(value):
    offset = value.count(';')
    shift = lambda n: n + offset
    out = []
    for n in re.findall(r'\d+', value):
        out.append(shift(int(n)))
    return out


def clamp_all(value):
    low, high = 3, 15

    def clamp(n, top=high):
        if n < low:
            return low
        return min(n, top)

    return [clamp(int(n)) for n in re.findall(r'\d+', value)]


def sign(value):
    return len(value) > 14 and 'long' or 'short'


def sign_of_two(value):
    return 'wet' in value and 'dry' in value and 2 or 0


def columns(value):
    rows = [[int(n) for n in part.split(',') if n.strip().isdigit()] for part in value.split(';')[1:3]]
    rows.append([1, 2, 3])
    return [sum(c) for c in zip(*rows)]


def transposed(value):
    words = value.split(';')
    return ['-'.join(c) for c in zip(*words)]


def most(value):
    return Counter(value).most_common(1)


def letter_counts(value):
    return sorted(Counter(c for c in value if c.isalpha()).items(), key=lambda kv: (-kv[1], kv[0]))


def word_counts(value):
    counts = dict(Counter(value.split(';')[-1].split()))
    return counts.get('ice', 0), max(counts.values(), default=0)


def commonest(value):
    return max(Counter(value).items(), key=lambda kv: kv[1])[0]


def running(value):
    return list(itertools.accumulate(int(n) for n in re.findall(r'\d+', value)))


def largest_run(value):
    best = 0
    for n in itertools.accumulate([len(p) for p in value.split(';')]):
        best = max(best, n)
    return best


def letters_only(value):
    return value.translate(REMOVE).strip()


def swapped(value):
    return value.translate(SWAP)


def words(value):
    return value.lower().translate(PUNCTUATION).split()


def accents(value):
    return value.translate(str.maketrans({'Ü': 'Ue', 'é': 'e', ';': None}))


def settings(value):
    found = {'speed': '0', 'mode': 'auto'}
    found.update(p.split('-') for p in value.split(';') if p.count('-') == 1)
    return sorted(found.items())


def defaults(value):
    base = {'a': 1, 'b': 2}
    base.update({'b': len(value)})
    base.update(c=3)
    return sorted(base.items())


def merged(value):
    low = {'a': 1, 'b': 2}
    high = {'b': len(value)}
    both = {**low, **high, 'z': 0}
    return ','.join(f'{k}={v}' for k, v in both.items())


def seen(value):
    found = set()
    for part in value.split(';'):
        found.update(part.split(','))
    return len(found)


def pairs(value):
    return sorted(dict(p.split('-', 1) for p in value.split(';') if '-' in p).items())


def from_lists(value):
    table = dict([[w[0], w] for w in value.split(';') if w])
    return sorted(table)


def both(value):
    a, b = set(value[:8]), set(value[8:])
    return sorted(a & b), len(a | b), ''.join(sorted(a - b)), len(a ^ b)


def tags(value):
    known = {'wet', 'dry'}
    given = set(value.split(';')[-1].split())
    unknown = given - known
    return 'ok' if not unknown else ','.join(sorted(unknown))


def jaccard(value):
    a = {w for w in value.split(';')}
    b = {'truck-1', 'wet', '3'}
    return '%.3f' % (len(a & b) / len(a | b))


def blanks(value):
    return sum(1 for b in value.encode('utf-8') if b in b' ;,')


def is_plain(value):
    return all(b not in b'()[]' for b in value.encode())


def check_digits(value):
    digits = ''.join(c for c in value if c in '0123456789') or '0'
    return 98 - int(digits * 4 + '00') % 97


def big_mod(value):
    number = value.split(';')[0]
    try:
        return int(number + '12345678901234567890') % 9
    except ValueError:
        return -1


def rotate(value):
    parts = value.split(';')
    first = parts.pop(0)
    parts.append(first)
    return parts


def inserted(value):
    parts = value.split(';')
    parts.insert(1, 'new')
    parts.insert(-1, 'last')
    parts.insert(99, 'end')
    return '|'.join(parts)


def without_second(value):
    parts = value.split(';')
    if len(parts) > 2:
        del parts[1]
    return parts


def sorted_insert(value):
    ordered = []
    for n in re.findall(r'\d+', value):
        n = int(n)
        at = 0
        while at < len(ordered) and ordered[at] < n:
            at += 1
        ordered.insert(at, n)
    return ordered


def queue(value):
    waiting = [c for c in value]
    out = ''
    while len(waiting) > 1:
        out += waiting.pop(0)
        waiting.append(waiting.pop(0))
        if len(out) > 6:
            break
    return out


def gaps(key, window, values):
    groups = defaultdict(list)
    for value in values:
        groups[value[:1]].append(len(value))
    for name in sorted(groups):
        yield name, sum(groups[name]), max(groups[name])


def share(key, window, values, collector):
    counts = defaultdict(int)
    for value in values:
        counts[value.split(';')[-1]] += 1
    whole = len(values)
    for name in sorted(counts):
        collector.collect(f'{name or "-"}: {counts[name] / whole:.0%}')


def vocabulary(key, window, values, collector):
    union, common = set(), set(values[0].split(';')) if len(values) else set()
    for value in values:
        parts = set(value.split(';'))
        union = union | parts
        common = common & parts
    collector.collect((len(union), sorted(common)))


def spread(key, window, values, collector):
    lengths = sorted(len(v) for v in values)
    low, *middle, high = lengths
    collector.collect((low, high, sum(middle) / len(middle) if middle else None))


def commonest_of(key, window, values, collector):
    for word, n in collections.Counter(w for v in values for w in v.split(';')[-1].split()).most_common(2):
        collector.collect('%s %s %d' % (key, word, n))


def totals(key, window, values, collector):
    collector.collect(list(itertools.accumulate(len(v) for v in values)))


class Scaled(MapFunction):
    def __init__(self, unit):
        self.unit = unit

    def map(self, value):
        length = float(len(value))

        def text(n):
            return f'{n:.1f}{self.unit} of {length:g}'

        return text(length / 3)


def main(factory):
    env = factory.get_execution_environment()
    lines = env.from_collection(LINES)
    wide = lines.filter(lambda v: v.count(';') >= 2)
    wide.map(fields).output()
    wide.flat_map(Readings()).output()
    lines.filter(lambda v: len(v) > 1).map(ends).output()
    for f in [total, by_lambda, clamp_all, sign, sign_of_two, columns, transposed, most, letter_counts, word_counts,
              running, largest_run, letters_only, swapped, words, accents, settings, defaults, merged, seen, pairs,
              from_lists, both, tags, jaccard, blanks, is_plain, check_digits, big_mod, rotate, inserted,
              without_second, sorted_insert, queue, Scaled('m')]:
        lines.map(f).output()
    wide.map(commonest).output()
    for f in [gaps, share, vocabulary, spread, commonest_of, totals]:
        lines.key_by(lambda v: v.count(';')).count_window(4).apply(f).output()
    env.execute()
