"""Readings of sensors: units, ranges, alarms, gaps; some readings are missing or of another type."""

import math

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction
from org.apache.flink.streaming.api.windowing.time.Time import milliseconds


class Reading:
    def __init__(self, sensor, time, value):
        self.sensor = sensor
        self.time = time
        self.value = value

    def __repr__(self):
        return 'Reading(%s, %d, %s)' % (self.sensor, self.time, self.value)


def value_of(n):
    return None if n % 13 == 0 else 15 + n * 37 % 200 / 10 - (60 if n % 71 == 0 else 0)


READINGS = [('s%d' % (n % 4), 1556704800 + n * 15, value_of(n)) for n in range(320)]
MIXED = ['21.5', '', 'n/a', '-3', 'NaN', '1e3', '١٢', None, 7, 3.5, b'12', (1, 2)]


class ToReading(MapFunction):
    def map(self, value):
        return Reading(value[0], value[1], value[2])


class IsThere(FilterFunction):
    def filter(self, value):
        return value.value is not None


class Fahrenheit(MapFunction):
    def map(self, value):
        return Reading(value.sensor, value.time, value.value * 9 / 5 + 32)


class OrZero(MapFunction):
    def map(self, value):
        name, time, reading = value
        return name, time, reading if reading is not None else 0.0


class Default(MapFunction):
    def __init__(self, default):
        self.default = default

    def map(self, value):
        return value[0], value[2] or self.default


class Alarm(FlatMapFunction):
    LIMITS = {'s0': (16, 30), 's1': (10, 25), 's2': (0, 33)}

    def flatMap(self, value, collector):
        if value.value is None:
            collector.collect((value.sensor, 'missing', value.time))
            return
        low, high = self.LIMITS.get(value.sensor, (-20, 40))
        if value.value < low:
            collector.collect((value.sensor, 'low', value.time))
        elif value.value > high:
            collector.collect((value.sensor, 'high', value.time))


class Kind(OutputSelector):
    def select(self, value):
        if value.value is None:
            return []
        return 'hot' if value.value > 25 else 'cold'


class Warmer(ReduceFunction):
    def reduce(self, a, b):
        return a if a.value >= b.value else b


class Range(ReduceFunction):
    def reduce(self, a, b):
        return a[0], min(a[1], b[1]), max(a[2], b[2])


class Mean(WindowFunction):
    def apply(self, key, window, values, collector):
        total = count = 0
        for reading in values:
            if reading.value is not None:
                total += reading.value
                count += 1
        collector.collect((key, round(total / count, 2) if count else None))


class WindowMean(WindowFunction):
    def apply(self, key, window, values, collector):
        mean = sum(value for _, value in values) / len(values)
        collector.collect((key, window.getStart(), round(mean, 1)))


class Jumps(WindowFunction):
    def apply(self, key, window, values, collector):
        known = [reading.value for reading in values if reading.value is not None]
        for before, after in zip(known, known[1:]):
            if abs(after - before) > 12:
                collector.collect((key, before, after))


class Spread(WindowFunction):
    def apply(self, key, window, values, collector):
        known = [r.value for r in values if r.value is not None]
        if known:
            collector.collect(f'{key}: {min(known):.1f} to {max(known):.1f}')


def dew_point(value):
    temperature, humidity = value
    a = math.log(humidity / 100) + 17.62 * temperature / (243.12 + temperature)
    return round(243.12 * a / (17.62 - a), 2)


def number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return -1.0


def describe(value):
    if value is None:
        return 'nothing'
    if isinstance(value, str):
        return 'text of ' + str(len(value))
    if isinstance(value, (int, float)):
        return 'number ' + str(value)
    return 'other'


def decode(value):
    flags = value & 0xFF
    raw = value >> 8 & 0xFFFF
    if raw & 0x8000:
        raw -= 0x10000
    return raw / 16, [bit for bit in range(8) if flags >> bit & 1]


def main(factory):
    env = factory.get_execution_environment()
    raw = env.from_collection(READINGS)
    readings = raw.map(ToReading())
    there = readings.filter(IsThere())
    there.map(Fahrenheit()).output('fahrenheit')
    raw.map(OrZero()).output('zero')
    raw.map(Default(20.0)).key_by(lambda pair: pair[0]).time_window(milliseconds(20)).apply(WindowMean()).output('window')
    readings.flat_map(Alarm()).output('alarm')
    readings.split(Kind()).select('hot').output('hot')
    there.key_by(lambda reading: reading.sensor).reduce(Warmer()).output('warmest')
    there.map(lambda r: (r.sensor, r.value, r.value)).key_by(lambda t: t[0]).reduce(Range()).output('range')
    keyed = readings.key_by(lambda reading: reading.sensor)
    keyed.count_window(10).apply(Mean()).output('mean')
    keyed.count_window(12, 6).apply(Jumps()).output('jumps')
    keyed.count_window(16).apply(Spread()).output('spread')
    env.generate_sequence(1, 200).map(lambda n: (n % 40 - 5.0, 20.0 + n % 80)).map(dew_point).output('dew point')
    env.from_collection(['%d.%d' % (n, n % 7) for n in range(200)] + MIXED).map(number).output('number')
    env.from_collection(MIXED * 3).map(describe).output('kind')
    env.generate_sequence(1, 200).map(lambda n: n * 2654435761 % 2 ** 24).map(decode).output('decoded')
    env.execute('Sensors')
