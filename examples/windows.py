"""Windows over the readings of two sensors: by count, sliding over time, and as a whole with apply."""

from org.apache.flink.api.common.functions import ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction
from org.apache.flink.streaming.api.windowing.time.Time import milliseconds

READINGS = [("north" if n % 3 else "south", 15 + n * 7 % 11) for n in range(20)]


class BySensor(KeySelector):
    def getKey(self, value):
        return value[0]


class Warmest(ReduceFunction):
    def reduce(self, a, b):
        return a if a[1] >= b[1] else b


class Mean(WindowFunction):
    def apply(self, key, window, values, collector):
        mean = sum(value for _, value in values) / len(values)
        collector.collect((key, window.getStart(), round(mean, 1)))


def main(factory):
    env = factory.get_execution_environment()
    readings = env.from_collection(READINGS).key_by(BySensor())
    readings.count_window(5).reduce(Warmest()).output("warmest of 5")
    readings.time_window(milliseconds(10), milliseconds(5)).reduce(Warmest()).output("warmest, sliding")
    readings.time_window(milliseconds(10)).apply(Mean()).output("mean")
    env.execute("Windows")
