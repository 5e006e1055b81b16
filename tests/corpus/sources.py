"""Sources in Python: sequences, pseudo-random numbers, generator functions."""

from org.apache.flink.api.common.functions import MapFunction, ReduceFunction
from org.apache.flink.streaming.api.functions.source import SourceFunction


class Sequence(SourceFunction):
    def __init__(self, start, end, step=1):
        self.start = start
        self.end = end
        self.step = step
        self.running = True

    def run(self, ctx):
        n = self.start
        while self.running and n < self.end:
            ctx.collect(n)
            n += self.step

    def cancel(self):
        self.running = False


class Lcg(SourceFunction):
    """A linear congruential generator, with its state in the object."""

    def __init__(self, seed, count):
        self.state = seed
        self.count = count
        self.running = True

    def run(self, ctx):
        while self.running and self.count > 0:
            self.state = (self.state * 1103515245 + 12345) % 2 ** 31
            self.count -= 1
            ctx.collect(self.state)

    def cancel(self):
        self.running = False


class XorShift(SourceFunction):
    def __init__(self, count):
        self.count = count

    def run(self, ctx):
        x = 2463534242
        for n in range(self.count):
            x ^= x << 13 & 0xFFFFFFFF
            x ^= x >> 17
            x ^= x << 5 & 0xFFFFFFFF
            ctx.collect((n, x / 2 ** 32))

    def cancel(self):
        pass


class Lines(SourceFunction):
    def __init__(self, words, count):
        self.words = words
        self.count = count

    def run(self, ctx):
        for n in range(self.count):
            length = 1 + n * 7 % 5
            ctx.collect(' '.join([self.words[(n + k * k) % len(self.words)] for k in range(length)]))

    def cancel(self):
        pass


class Bounded(SourceFunction):
    def run(self, ctx):
        a, b = 0, 1
        while a < 10 ** 30:
            ctx.collect(a)
            a, b = b, a + b

    def cancel(self):
        pass


def squares():
    for n in range(300):
        yield n * n


def pairs():
    for first in range(20):
        for second in range(first):
            if (first + second) % 3 == 0:
                yield first, second


def walk(ctx):
    x = y = 0
    for step in range(300):
        turn = step * 7919 % 4
        if turn == 0:
            x += 1
        elif turn == 1:
            y += 1
        elif turn == 2:
            x -= 1
        else:
            y -= 1
        ctx.collect((x, y))


class Pi(MapFunction):
    def map(self, value):
        return 1 if value[1] ** 2 + (value[0] / 400) ** 2 <= 1 else 0


class Add(ReduceFunction):
    def reduce(self, a, b):
        return a + b


def main(factory):
    env = factory.get_execution_environment()
    env.create_python_source(Sequence(0, 900, 3)).map(lambda n: n + 1).output('sequence')
    env.create_python_source(Lcg(42, 300)).map(lambda n: n % 6 + 1).output('dice')
    env.create_python_source(XorShift(400)).map(Pi()).key_by(lambda n: 0).reduce(Add()).output('pi')
    env.create_python_source(Lines(('to', 'be', 'or', 'not', 'sein'), 300)).output('lines')
    env.create_python_source(Bounded()).output('fibonacci')
    env.create_python_source(squares).output('squares')
    env.create_python_source(pairs).output('pairs')
    env.create_python_source(walk).output('walk')
    env.execute('Sources')
