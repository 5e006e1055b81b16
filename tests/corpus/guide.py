"""All functions of the Python streaming guide."""

from org.apache.flink.api.common.functions import (
    FilterFunction,
    FlatMapFunction,
    MapFunction,
    ReduceFunction,
    RichMapFunction,
)
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.source import SourceFunction
from org.apache.flink.streaming.api.functions.windowing import WindowFunction
from org.apache.flink.streaming.api.windowing.time.Time import milliseconds


class Generator(SourceFunction):
    def __init__(self, num_iters):
        self._running = True
        self._num_iters = num_iters

    def run(self, ctx):
        counter = 0
        while self._running and counter < self._num_iters:
            ctx.collect('Hello World')
            counter += 1

    def cancel(self):
        self._running = False


class Tokenizer(FlatMapFunction):
    def flatMap(self, value, collector):
        for word in value.lower().split():
            collector.collect((1, word))


class Selector(KeySelector):
    def getKey(self, input):
        return input[1]


class Sum(ReduceFunction):
    def reduce(self, input1, input2):
        count1, word1 = input1
        count2, word2 = input2
        return (count1 + count2, word1)


class Doubler(MapFunction):
    def map(self, value):
        return value * 2


class WordTokenizer(FlatMapFunction):
    def flatMap(self, word, collector):
        collector.collect((1, word))


class GreaterThen1000(FilterFunction):
    def filter(self, value):
        return value > 1000


class WindowSum(WindowFunction):
    def apply(self, key, window, values, collector):
        sum = 0
        for value in values:
            sum += value[0]
        collector.collect((key, sum))


class StreamSelector(OutputSelector):
    def select(self, value):
        return ["even"] if value % 2 == 0 else ["odd"]


class MinusOne(MapFunction):
    def map(self, value):
        return value - 1


class Positive(FilterFunction):
    def filter(self, value):
        return value > 0


class AtMostZero(FilterFunction):
    def filter(self, value):
        return value <= 0


class Filter(FilterFunction):
    def filter(self, value):
        return value > 5


class Pass(RichMapFunction):
    def open(self, config):
        pass

    def close(self):
        pass

    def map(self, value):
        pass


class Person:
    def __init__(self, name, age):
        self.name = name
        self.age = age


class ToPerson(MapFunction):
    def map(self, value):
        return (1, Person(*value))


class Name(MapFunction):
    def map(self, value):
        return value[1].name, value[1].age


class Second(MapFunction):
    def map(self, value):
        return value[1]


def main(factory):
    env = factory.get_execution_environment()
    words = env.create_python_source(Generator(num_iters=1000)).flat_map(Tokenizer()).key_by(Selector())
    words.time_window(milliseconds(50)).reduce(Sum()).output()
    words.reduce(Sum()).filter(lambda pair: pair[0] > 990).output('rolling')
    words.count_window(100, 50).apply(WindowSum()).output('windows')
    numbers = env.generate_sequence(500, 800)
    numbers.map(Doubler()).filter(GreaterThen1000()).output('doubled')
    split = numbers.split(StreamSelector())
    split.select('even').filter(Filter()).output('even')
    split.select('odd').output('odd')
    loop = env.generate_sequence(1, 9).iterate(5000)
    minus = loop.map(MinusOne())
    loop.close_with(minus.filter(Positive()))
    minus.filter(AtMostZero()).output('zero')
    env.from_elements('Foo', 'bar', 'foobar', 'fubar').flat_map(WordTokenizer()).map(Second()).output('words')
    people = [('name%d' % n, n) for n in range(200)]
    env.from_collection(people).map(ToPerson()).map(Name()).output('people')
    env.generate_sequence(1, 200).map(Pass()).output('nothing')
    env.execute()
