"""Functions that do more than give a result: they stay in Python, and what they do happens once for each element."""

import random

from org.apache.flink.api.common.functions import FilterFunction, MapFunction, RichMapFunction

TOTAL = 0
SEEN = []


class Count(MapFunction):
    def __init__(self):
        self.count = 0

    def map(self, value):  # not pure
        self.count += 1
        return self.count, value


class Print(MapFunction):
    def map(self, value):  # not pure
        if value % 50 == 0:
            print('at', value)
        return value


def total(value):  # not pure
    global TOTAL
    TOTAL += value
    return TOTAL


class Unique(FilterFunction):
    def __init__(self):
        self.seen = set()

    def filter(self, value):  # not pure
        if value in self.seen:
            return False
        self.seen.add(value)
        return True


def remember(value):  # not pure
    SEEN.append(value)
    return len(SEEN)


class Dice(RichMapFunction):
    def open(self, config):
        random.seed(7)

    def map(self, value):  # not pure
        return random.randint(1, 6)


def first_line(value):  # not pure
    with open(__file__) as file:
        return file.readline()[value % 10:].strip()


class Previous(MapFunction):
    def __init__(self):
        self.last = None

    def map(self, value):  # not pure
        last, self.last = self.last, value
        return last


def main(factory):
    env = factory.get_execution_environment()
    numbers = env.generate_sequence(1, 200)
    numbers.map(Count()).output('count')
    numbers.map(Print()).output('print')
    numbers.map(total).output('total')
    numbers.map(lambda n: n % 37).filter(Unique()).output('unique')
    numbers.map(remember).output('remember')
    numbers.map(Dice()).output('dice')
    numbers.map(first_line).output('line')
    numbers.map(Previous()).output('previous')
    env.execute('Not pure')
