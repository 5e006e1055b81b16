"""Dates and times as milliseconds since 1970, without a library."""

from org.apache.flink.api.common.functions import FilterFunction, MapFunction, ReduceFunction
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

DAY = 24 * 60 * 60 * 1000
NAMES = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')
TIMES = [1556704800000 + n * 12345678901 for n in range(-100, 200)]
TEXTS = ['2019-%02d-%02dT%02d:%02d:%02dZ' % (1 + n % 14, 1 + n % 33, n % 24, n % 60, n * 7 % 60) for n in range(200)] + ['', 'soon']


def civil(days):
    """Year, month and day of a number of days since 1970-01-01."""
    days += 719468
    era = days // 146097
    of_era = days - era * 146097
    years = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return years + era * 400 + (1 if month <= 2 else 0), month, day


def days_of(year, month, day):
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


class Iso(MapFunction):
    def map(self, value):
        days, rest = divmod(value, DAY)
        year, month, day = civil(days)
        seconds, millis = divmod(rest, 1000)
        return '%04d-%02d-%02dT%02d:%02d:%02d.%03d' % (
            year, month, day, seconds // 3600, seconds // 60 % 60, seconds % 60, millis)


class Parse(MapFunction):
    def map(self, value):
        try:
            date, _, time = value.partition('T')
            year, month, day = [int(part) for part in date.split('-')]
            hour, minute, second = [int(part) for part in time.rstrip('Z').split(':')]
        except ValueError:
            return None
        if not 1 <= month <= 12 or not 1 <= day <= 31:
            return None
        return (days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) * 1000


class Weekday(MapFunction):
    def map(self, value):
        return NAMES[(value // DAY + 3) % 7]


class IsWeekend(FilterFunction):
    def filter(self, value):
        return (value // DAY + 3) % 7 >= 5


class Floor(MapFunction):
    def __init__(self, size):
        self.size = size

    def map(self, value):
        return value - value % self.size


class Quarter(MapFunction):
    def map(self, value):
        year, month, _ = civil(value // DAY)
        return '%dQ%d' % (year, (month + 2) // 3)


class Span(ReduceFunction):
    def reduce(self, a, b):
        return min(a[0], b[0]), max(a[1], b[1])


class Gaps(WindowFunction):
    def apply(self, key, window, values, collector):
        ordered = sorted(values)
        gaps = [after - before for before, after in zip(ordered, ordered[1:])]
        collector.collect((key, max(gaps) // 1000 if gaps else 0))


def duration(value):
    seconds = abs(value) // 1000
    parts = []
    for size, unit in [(86400, 'd'), (3600, 'h'), (60, 'm'), (1, 's')]:
        n, seconds = divmod(seconds, size)
        if n:
            parts.append(f'{n}{unit}')
    return ' '.join(parts) or '0s'


def days_in_month(value):
    year, month, _ = civil(value // DAY)
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def clock(value):
    minutes = value // 60000 % 1440
    hour = minutes // 60
    return f"{(hour + 11) % 12 + 1}:{minutes % 60:02} {'am' if hour < 12 else 'pm'}"


def main(factory):
    env = factory.get_execution_environment()
    times = env.from_collection(TIMES)
    times.map(Iso()).output('iso')
    times.map(Weekday()).output('weekday')
    times.filter(IsWeekend()).map(Floor(3600000)).output('hours of weekends')
    times.map(Quarter()).output('quarter')
    times.map(lambda t: (t, t)).key_by(lambda pair: pair[0] % 3).reduce(Span()).output('span')
    times.key_by(lambda t: t // DAY % 5).count_window(7).apply(Gaps()).output('gaps')
    times.map(duration).output('duration')
    times.map(days_in_month).output('days')
    times.map(clock).output('clock')
    env.from_collection(TEXTS).map(Parse()).output('parsed')
    env.execute('Times')
