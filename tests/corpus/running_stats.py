"""Running statistics per sensor: Welford mean and variance, min/max, moving averages, z-scores, histogram."""

import math
from collections import namedtuple

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

Moments = namedtuple("Moments", ["key", "n", "mean", "m2", "lo", "hi"])


def reading(i):
    """A deterministic wave with an outlier now and then."""
    value = 20 + 5 * math.sin(i / 3.0) + (i * 7919 % 13) / 10.0
    if i % 17 == 0:
        value += 30
    return ("abc"[i % 3], value)


class ToMoments(MapFunction):
    def map(self, value):
        key, x = value
        return Moments(key, 1, x, 0.0, x, x)


class MergeMoments(ReduceFunction):
    """Chan's parallel form of Welford's update."""

    def reduce(self, a, b):
        n = a.n + b.n
        delta = b.mean - a.mean
        mean = a.mean + delta * b.n / n
        m2 = a.m2 + b.m2 + delta ** 2 * a.n * b.n / n
        return Moments(a.key, n, mean, m2, min(a.lo, b.lo), max(a.hi, b.hi))


def variance(m):
    return m.m2 / (m.n - 1) if m.n > 1 else 0.0


def describe(m):
    return "{0.key} n={0.n:<3d} mean={0.mean:.3f} sd={1:.3f} range=[{0.lo:.2f}, {0.hi:.2f}]".format(m, math.sqrt(variance(m)))


class EveryNth(FilterFunction):
    def __init__(self, n):
        self.n = n

    def filter(self, m):
        return m.n % self.n == 0


class MovingAverage(WindowFunction):
    def apply(self, key, window, values, collector):
        xs = [x for _, x in values]
        collector.collect((key, len(xs), round(sum(xs) / len(xs), 4)))


class ZScores(WindowFunction):
    def __init__(self, limit):
        self.limit = limit

    def apply(self, key, window, values, collector):
        n = len(values)
        mean = sum(v[1] for v in values) / n
        sd = math.sqrt(sum((v[1] - mean) ** 2 for v in values) / n)
        if sd == 0:
            return
        for _, x in values:
            z = (x - mean) / sd
            if abs(z) > self.limit:
                collector.collect({"sensor": key, "value": round(x, 3), "z": round(z, 2)})


class Median(WindowFunction):
    def apply(self, key, window, values, collector):
        xs = sorted(v[1] for v in values)
        mid = len(xs) // 2
        if len(xs) % 2:
            median = xs[mid]
        else:
            median = (xs[mid - 1] + xs[mid]) / 2
        mad = sorted(abs(x - median) for x in xs)[mid]
        collector.collect("%s median %.2f mad %.2f" % (key, median, mad))


class Bucket(FlatMapFunction):
    """Histogram buckets, one for the sensor and one for all."""

    def __init__(self, width, *labels):
        self.width = width
        self.labels = labels

    def flatMap(self, value, collector):
        key, x = value
        low = math.floor(x / self.width) * self.width
        collector.collect((key, low, 1))
        for label in self.labels:
            collector.collect((label, low, 1))


class BucketKey(KeySelector):
    def getKey(self, value):
        return value[0], value[1]


class Ema(MapFunction):  # not pure
    """Exponential moving average over everything that passes by."""

    def __init__(self, alpha):
        self.alpha = alpha
        self.state = None

    def map(self, value):  # not pure
        x = value[1]
        if self.state is None:
            self.state = x
        else:
            self.state += self.alpha * (x - self.state)
        return round(self.state, 3)


def main(factory):
    env = factory.get_execution_environment()
    values = env.generate_sequence(1, 60).map(reading)
    by_sensor = values.key_by(lambda v: v[0])

    values.map(ToMoments()).key_by(lambda m: m.key).reduce(MergeMoments()) \
        .filter(EveryNth(5)).map(describe).output("stats")

    by_sensor.count_window(4, 2).apply(MovingAverage()).output("ma4")
    by_sensor.count_window(10).apply(ZScores(2.0)).output("outlier")
    by_sensor.count_window(10).apply(Median()).output("median")

    by_sensor.reduce(lambda a, b: a if a[1] >= b[1] else b).filter(lambda v: v[1] > 40).output("max")
    values.flat_map(Bucket(5, "all")).key_by(BucketKey()) \
        .reduce(lambda a, b: (a[0], a[1], a[2] + b[2])) \
        .filter(lambda h: h[0] == "all" and h[2] % 10 == 0).output("hist")
    values.map(Ema(0.25)).output("ema")

    env.execute("Running statistics")
