"""Numbers: running statistics in reduces, primes, digits, conversions, primitive geometry."""

import math

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

ODD = [0, -1, 2 ** 63 - 1, -2 ** 63, 2 ** 63, 10 ** 25, True, 7]


class Statistics(ReduceFunction):
    """Count, sum, minimum, maximum."""

    def reduce(self, a, b):
        return a[0] + b[0], a[1] + b[1], min(a[2], b[2]), max(a[3], b[3])


class Welford(ReduceFunction):
    """Count, mean and sum of squares of two parts, as one."""

    def reduce(self, a, b):
        n1, mean1, m1 = a
        n2, mean2, m2 = b
        n = n1 + n2
        delta = mean2 - mean1
        return n, mean1 + delta * n2 / n, m1 + m2 + delta * delta * n1 * n2 / n


class Deviation(MapFunction):
    def map(self, value):
        n, mean, m2 = value
        if n < 2:
            return n, round(mean, 3), 0.0
        return n, round(mean, 3), round(math.sqrt(m2 / (n - 1)), 3)


class Smooth(ReduceFunction):
    def __init__(self, alpha):
        self.alpha = alpha

    def reduce(self, a, b):
        return self.alpha * b + (1 - self.alpha) * a


class IsPrime(FilterFunction):
    def filter(self, value):
        if value < 2:
            return False
        if value % 2 == 0:
            return value == 2
        k = 3
        while k * k <= value:
            if value % k == 0:
                return False
            k += 2
        return True


class Factors(FlatMapFunction):
    def flatMap(self, value, collector):
        n, k = value, 2
        while k * k <= n:
            while n % k == 0:
                collector.collect((value, k))
                n //= k
            k += 1
        if n > 1:
            collector.collect((value, n))


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def digit_sum(n):
    total = 0
    n = abs(n)
    while n:
        n, digit = divmod(n, 10)
        total += digit
    return total


def fizz(n):
    if n % 15 == 0:
        return 'FizzBuzz'
    elif n % 5 == 0:
        return 'Buzz'
    elif n % 3 == 0:
        return 'Fizz'
    return str(n)


def to_base(n, base=7):
    if n == 0:
        return '0'
    digits = []
    m = abs(n)
    while m > 0:
        digits.append('0123456789abcdefghijklmnopqrstuvwxyz'[m % base])
        m //= base
    if n < 0:
        digits.append('-')
    return ''.join(reversed(digits))


def roman(n):
    out = ''
    for value, letters in ((1000, 'M'), (900, 'CM'), (500, 'D'), (400, 'CD'), (100, 'C'), (90, 'XC'), (50, 'L'), (40, 'XL'),
                           (10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'), (1, 'I')):
        while n >= value:
            out += letters
            n -= value
    return out


def popcount(n):
    count = 0
    while n > 0:
        n &= n - 1
        count += 1
    return count


def polynomial(x):
    result = 0
    for coefficient in [3, -2, 0, 5]:
        result = result * x + coefficient
    return result


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n % 120):
        a, b = b, a + b
    return a


def newton(x):
    guess = float(x) or 1.0
    for _ in range(20):
        following = (guess + x / guess) / 2
        if abs(following - guess) < 1e-12:
            break
        guess = following
    return round(guess, 6)


def clamp(value, low=-100, high=100):
    return max(low, min(high, value))


def grade(n):
    return 'A' if n >= 90 else 'B' if 80 <= n < 90 else 'C' if n >= 65 else 'F'


class Median(WindowFunction):
    def apply(self, key, window, values, collector):
        ordered = sorted(values)
        middle = len(ordered) // 2
        if len(ordered) % 2:
            collector.collect((key, ordered[middle]))
        else:
            collector.collect((key, (ordered[middle - 1] + ordered[middle]) / 2))


class Top(WindowFunction):
    def __init__(self, n):
        self.n = n

    def apply(self, key, window, values, collector):
        for rank, value in enumerate(sorted(values, reverse=True)[:self.n]):
            collector.collect((key, rank + 1, value))


class Variance(WindowFunction):
    def apply(self, key, window, values, collector):
        mean = sum(values) / len(values)
        collector.collect((key, mean, sum([(v - mean) ** 2 for v in values]) / len(values)))


def main(factory):
    env = factory.get_execution_environment()
    numbers = env.generate_sequence(1, 400)
    numbers.map(lambda n: (1, n * 37 % 101, n * 37 % 101, n * 37 % 101)).key_by(lambda t: 0).reduce(Statistics()).output('stats')
    numbers.map(lambda n: (1, n * 7919 % 1000 / 10, 0.0)).key_by(lambda t: t[0]).reduce(Welford()).map(Deviation()).output('sd')
    numbers.map(lambda n: float(n % 13)).key_by(lambda x: True).reduce(Smooth(0.3)).output('smooth')
    numbers.filter(IsPrime()).output('primes')
    numbers.flat_map(Factors()).output('factors')
    numbers.map(collatz).output('collatz')
    numbers.map(fizz).output('fizz')
    numbers.map(roman).output('roman')
    numbers.map(fibonacci).output('fibonacci')
    numbers.map(newton).output('newton')
    numbers.map(lambda n: n * 53 % 101).map(grade).output('grade')
    numbers.map(lambda n: n * 7919 % 1000).key_by(lambda n: n % 3).count_window(8).apply(Median()).output('median')
    numbers.map(lambda n: n * 7919 % 1000).key_by(lambda n: n % 3).count_window(20).apply(Top(3)).output('top')
    numbers.key_by(lambda n: n % 4).count_window(10, 5).apply(Variance()).output('variance')
    odd = env.from_collection([n * 99991 - 4000000 for n in range(300)] + ODD)
    odd.map(digit_sum).output('digits')
    odd.map(to_base).output('base')
    odd.map(popcount).output('bits')
    odd.map(polynomial).output('polynomial')
    odd.map(clamp).output('clamp')
    env.execute('Numbers')
