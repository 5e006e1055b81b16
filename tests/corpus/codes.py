"""Text jobs: clean-up, counting, codes and checks."""

import math
import re
import string
from collections import Counter, defaultdict

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction

TEXT = ['The quick  brown fox no. %d jumps; over %d lazy dogs!' % (n, n * 7 % 13) for n in range(150)] + [
    '', ' ', 'naïve café %', 'a', 'aaabbbcccd', 'MCMXCIV', 'DE89 3704 0044 0532 0130 00', '4111 1111 1111 1111',
    '978-3-16-148410-0', '0-306-40615-2', 'GB82WEST12345698765432', '+49 (0)30 123-45', 'key=value;x=1;;y', 'ÄÖÜ ß']

STOP = {'the', 'over', 'a', 'no'}
ROMAN = [('M', 1000), ('CM', 900), ('D', 500), ('CD', 400), ('C', 100), ('XC', 90), ('L', 50), ('XL', 40), ('X', 10),
         ('IX', 9), ('V', 5), ('IV', 4), ('I', 1)]
VALUES = {'I': 1, 'V': 5, 'X': 10, 'L': 50, 'C': 100, 'D': 500, 'M': 1000}
FOLD = str.maketrans('abc', 'xyz')
DROP = str.maketrans('', '', string.punctuation)
DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'


class RunLength(MapFunction):
    def map(self, value):
        out = []
        i = 0
        while i < len(value):
            j = i
            while j < len(value) and value[j] == value[i]:
                j += 1
            out.append(f'{j - i}{value[i]}')
            i = j
        return ''.join(out)


class FromRoman(MapFunction):
    def map(self, value):
        total = 0
        previous = 0
        for letter in reversed(value.upper()):
            here = VALUES.get(letter, 0)
            total += -here if here < previous else here
            previous = max(previous, here)
        return total


def to_roman(value):
    n = len(value) * 37 % 3999 + 1
    out = ''
    for letters, amount in ROMAN:
        count, n = divmod(n, amount)
        out += letters * count
    return out


class Luhn(FilterFunction):
    def filter(self, value):
        digits = [int(c) for c in value if c.isdigit()]
        if len(digits) < 12:
            return False
        odd, even = digits[-1::-2], digits[-2::-2]
        return (sum(odd) + sum(sum(divmod(2 * d, 10)) for d in even)) % 10 == 0


def iban(value):
    compact = value.replace(' ', '').upper()
    if not re.match(r'^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$', compact):
        return None
    moved = compact[4:] + compact[:4]
    rest = 0
    for c in moved:
        number = DIGITS.index(c)
        rest = (rest * (100 if number > 9 else 10) + number) % 97
    return compact[:2], rest == 1


def iban_by_int(value):
    compact = value.replace(' ', '')
    moved = compact[4:] + compact[:4]
    try:
        return int(''.join(str(int(c, 36)) for c in moved)) % 97 == 1
    except ValueError:
        return False


def isbn10(value):
    s = value.replace('-', '')
    if len(s) != 10:
        return False
    return sum((10 - i) * (10 if c == 'X' else ord(c) - 48) for i, c in enumerate(s)) % 11 == 0


def isbn13(value):
    s = [int(c) for c in value if c in '0123456789']
    return len(s) == 13 and (sum(s[::2]) + 3 * sum(s[1::2])) % 10 == 0


def base36(value):
    n = len(value) * 99991
    if n == 0:
        return '0'
    out = []
    while n:
        n, r = divmod(n, 36)
        out.append(DIGITS[r])
    return ''.join(reversed(out))


def levenshtein(value):
    a, b = value[:12], 'the quick br'
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            current.append(min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y)))
        previous = current
    return previous[-1]


class Ngrams(FlatMapFunction):
    def __init__(self, n=2):
        self.n = n

    def flatMap(self, value, collector):
        words = value.lower().split()
        for gram in zip(*[words[i:] for i in range(self.n)]):
            collector.collect(' '.join(gram))


class Bigrams(FlatMapFunction):
    def flatMap(self, value, collector):
        words = [w.strip('.,;!') for w in value.lower().split()]
        for a, b in zip(words, words[1:]):
            if a not in STOP and b not in STOP:
                collector.collect((a, b))


class TopWords(MapFunction):
    def map(self, value):
        counts = {}
        for word in re.findall(r'[a-z]+', value.lower()):
            counts[word] = counts.get(word, 0) + 1
        top = sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:3]
        return ','.join('%s:%d' % kv for kv in top)


def letters(value):
    return sorted(Counter(value).items())


def letters_common(value):
    return Counter(value.split()).most_common(2)


def by_length(value):
    groups = defaultdict(list)
    for w in value.split():
        groups[len(w)].append(w)
    return sorted(groups.items())


def fold(value):
    return value.translate(FOLD)


def strip_punctuation(value):
    return value.translate(DROP).split()


def translate_inline(value):
    return value.translate(str.maketrans({'a': '1', 'e': None, 'o': '00'}))


def caesar(value):
    out = []
    for c in value:
        if 'a' <= c <= 'z':
            out.append(chr((ord(c) - 97 + 13) % 26 + 97))
        elif c.isupper():
            out.append(chr((ord(c) - 65 + 13) % 26 + 65))
        else:
            out.append(c)
    return ''.join(out)


def camel(value):
    first, *rest = value.split() or ['']
    return first.lower() + ''.join(w.capitalize() for w in rest)


def last_two(value):
    *init, last = value.split(' ')
    return len(init), last


def head_middle_tail(value):
    parts = value.split()
    if len(parts) < 2:
        return None
    head, *middle, tail = parts
    return head, ' '.join(middle), tail


def palindrome(value):
    cleaned = [c.lower() for c in value if c.isalnum()]
    return cleaned == cleaned[::-1]


def vowels(value):
    return sum(1 for c in value if c in 'aeiou'), sum(c in 'AEIOU' for c in value)


def pairs(value):
    result = dict(part.split('=', 1) for part in value.split(';') if '=' in part)
    return result.get('key', '?'), len(result)


def options(value):
    config = {'a': '0', 'x': '0'}
    config.update({k: v for k, _, v in (p.partition('=') for p in value.split(';')) if v})
    return sorted(config.items())


def without(value):
    config = {'key': 1, 'x': 2}
    removed = config.pop('x' if value else 'y', None)
    return removed, len(config)


def distinct_letters(value):
    return ''.join(sorted(set(value)))


def jaccard(value):
    a, b = set(value.split()), set('the quick brown dogs'.split())
    union = a | b
    return round(len(a & b) / len(union), 3)


def missing(value):
    return sorted({'a', 'e', 'i'} - set(value))


def fingerprint(value):
    h = 0xcbf29ce484222325
    for byte in value.encode('utf-8'):
        h ^= byte
        h = h * 0x100000001b3 & 0xffffffffffffffff
    return h % 1000


def adler(value):
    a, b = 1, 0
    for byte in value.encode():
        a = (a + byte) % 65521
        b = (b + a) % 65521
    return (b << 16) | a


def crc(value):
    c = 0xffffffff
    for byte in value.encode():
        c ^= byte
        for _ in range(8):
            c = (c >> 1) ^ (0xedb88320 & -(c & 1))
    return c ^ 0xffffffff


def djb2(value):
    h = 5381
    for c in value:
        h = ((h << 5) + h + ord(c)) & 0xffffffff
    return '%08x' % h


def hexed(value):
    return value.encode().hex()


def binary(value):
    return bytes([len(value) % 256, 65, 66]) + b'x'


def spaces(value):
    return sum(b in b' \t' for b in value.encode())


def wrap(value, width=20):
    lines, line = [], ''
    for word in value.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f'{line} {word}'.strip()
    if line:
        lines.append(line)
    return '|'.join(lines)


def table(value):
    return '{:<10}|{:>8}|{:^7}'.format(value[:10], len(value), value[-3:])


def named(value):
    return '{name:>12}={size:05d}'.format(name=value[:5], size=len(value))


def shape(value):
    return re.sub(r'[0-9]', '9', re.sub(r'[a-z]', 'a', re.sub(r'[A-Z]', 'A', value)))


def swap_case(value):
    return value.swapcase().title()


def phone(value):
    digits = re.sub(r'\D', '', value)
    if len(digits) >= 10 and digits.startswith('49'):
        return '+' + digits[:2] + ' ' + digits[2:]
    return digits or None


def words_by_first(value):
    index = {}
    for w in value.split():
        index.setdefault(w[0].lower(), []).append(w)
    return {k: len(v) for k, v in sorted(index.items())}


def balanced(value):
    stack = []
    pairs = {')': '(', ']': '['}
    for c in value:
        if c in '([':
            stack.append(c)
        elif c in pairs:
            if not stack or stack.pop() != pairs[c]:
                return False
    return not stack


def entropy(value):
    if not value:
        return 0.0
    counts = {}
    for c in value:
        counts[c] = counts.get(c, 0) + 1
    n = len(value)
    return round(-sum(k / n * math.log2(k / n) for k in counts.values()), 4)


def reverse_words(value):
    return ' '.join(value.split()[::-1])


def longest(value):
    return max(value.split(), key=len, default='')


def is_anagram(value):
    return sorted(value.replace(' ', '').lower()) == sorted('spam')


def chunks(value):
    for start in range(0, len(value), 8):
        yield start // 8, value[start:start + 8]


def title_or_none(value):
    value = value.strip()
    return value.title() if value else None


def soundex(value):
    codes = {'bfpv': '1', 'cgjkqsxz': '2', 'dt': '3', 'l': '4', 'mn': '5', 'r': '6'}
    word = ''.join(c for c in value.lower() if c.isalpha())
    if not word:
        return '0000'
    out, last = word[0].upper(), ''
    for c in word[1:]:
        code = next((v for k, v in codes.items() if c in k), '')
        if code and code != last:
            out += code
        last = code
    return (out + '000')[:4]


def expand(value):
    return value.expandtabs(4).zfill(30)[:30]


def count_sub(value):
    return value.count('o'), value.find('o'), value.rfind('o'), value.index('')


def sort_by_two(value):
    words = value.split()
    words.sort(key=lambda w: (len(w), w), reverse=True)
    return words[:2]


def insert_pop(value):
    words = value.split()
    if len(words) > 2:
        first = words.pop(0)
        words.insert(1, first)
        words.remove('fox') if 'fox' in words else None
        del words[-1]
    return words


def slice_assign(value):
    chars = list(value)
    chars[::2] = [c.upper() for c in chars[::2]]
    return ''.join(chars)


def swap(value):
    chars = list(value)
    for i in range(0, len(chars) - 1, 2):
        chars[i], chars[i + 1] = chars[i + 1], chars[i]
    return ''.join(chars)


def main(factory):
    env = factory.get_execution_environment()
    s = env.from_collection(TEXT)
    for f in [RunLength(), FromRoman(), to_roman, iban, iban_by_int, isbn10, isbn13, base36, levenshtein, TopWords(),
              letters, letters_common, by_length, fold, strip_punctuation, translate_inline, caesar, camel, last_two,
              head_middle_tail, palindrome, vowels, pairs, options, without, distinct_letters, jaccard, missing,
              fingerprint, adler, crc, djb2, hexed, binary, spaces, wrap, table, named, shape, swap_case, phone,
              words_by_first, balanced, entropy, reverse_words, longest, is_anagram, title_or_none, soundex, expand,
              count_sub, sort_by_two, insert_pop, slice_assign, swap]:
        s.map(f).output()
    s.filter(Luhn()).output()
    s.flat_map(Ngrams(2)).output()
    s.flat_map(Bigrams()).output()
    s.flat_map(chunks).output()
    env.execute()
