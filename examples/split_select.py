"""Deals numbers to several streams by a selector."""

from org.apache.flink.streaming.api.collector.selector import OutputSelector


class Selector(OutputSelector):
    def select(self, value):
        names = ["even" if value % 2 == 0 else "odd"]
        if value > 5:
            names.append("large")
        return names


def main(factory):
    env = factory.get_execution_environment()
    numbers = env.generate_sequence(1, 8).split(Selector())
    numbers.select("even").output("even")
    numbers.select("odd").map(lambda n: n * n).output("odd squared")
    numbers.select("large", "odd").output("large or odd")
    env.execute("Split and select")
