"""Iterates pairs of numbers as Fibonacci does until one of them passes a bound; gives the pair and the rounds it took."""

from org.apache.flink.api.common.functions import MapFunction
from org.apache.flink.streaming.api.collector.selector import OutputSelector

BOUND = 100


class Start(MapFunction):
    def map(self, value):
        first, second = value
        return first, second, first, second, 0


class Step(MapFunction):
    def map(self, value):
        first, second, previous, current, rounds = value
        return first, second, current, previous + current, rounds + 1


class More(OutputSelector):
    def select(self, value):
        return ["again"] if value[3] < BOUND else ["done"]


class Result(MapFunction):
    def map(self, value):
        return (value[0], value[1]), value[4]


def main(factory):
    env = factory.get_execution_environment()
    loop = env.from_elements((1, 1), (1, 2), (7, 30), (40, 2)).map(Start()).iterate(5000)
    step = loop.map(Step()).split(More())
    loop.close_with(step.select("again"))
    step.select("done").map(Result()).output()
    env.execute("Fibonacci")
