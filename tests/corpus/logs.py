"""Log lines: access logs, levels, key=value pairs; sessions and status classes."""

import re

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

PATHS = ['/', '/index.html', '/cart?item=%d', '/search?q=shoes&page=%d', '/images/logo.png', '/café/%d']
LEVELS = ['INFO', 'WARN', 'ERROR', 'debug']


def line(n):
    path = PATHS[n % 6]
    path = path % n if '%d' in path else path
    return '10.0.%d.%d - - [%02d/May/2019:10:%02d:%02d +0000] "%s %s HTTP/1.1" %d %s' % (
        n % 4, n * 7 % 256, 1 + n % 28, n % 60, n * 13 % 60, 'POST' if n % 5 == 0 else 'GET', path,
        [200, 200, 304, 404, 500][n * 3 % 5], '-' if n % 11 == 0 else n * 137 % 20000)


ACCESS = [line(n) for n in range(300)] + ['', 'garbage', 'naïve line "GET / HTTP/1.1" 200 1']
EVENTS = ['2019-05-01T10:%02d:%02d %s worker-%d user=u%d latency=%d region=%s' % (
    n % 60, n * 7 % 60, LEVELS[n * 5 % 4], n % 3, n % 17, n * 31 % 900, ['eu', 'us', 'ap', ''][n % 4]) for n in range(300)]

ACCESS_LINE = re.compile(r'(\S+) \S+ \S+ \[([^\]]+)\] "(\w+) (\S+) [^"]*" (\d+) (\d+|-)')


class ParseAccess(MapFunction):
    def map(self, value):
        parts = value.split('"')
        if len(parts) < 3:
            return None
        host = parts[0].split(' ')[0]
        method, path, _ = parts[1].split(' ')
        status, size = parts[2].split()
        return host, method, path, int(status), 0 if size == '-' else int(size)


class ParseByPattern(MapFunction):
    def map(self, value):
        found = ACCESS_LINE.match(value)
        if found is None:
            return '', 0
        return found.group(4), int(found.group(5))


class IsParsed(FilterFunction):
    def filter(self, value):
        return value is not None


class StatusClass(OutputSelector):
    def select(self, value):
        status = value[3]
        if status >= 500:
            return ['error', 'all']
        elif status >= 400:
            return ['client', 'all']
        return 'all'


class ByHost(KeySelector):
    def getKey(self, value):
        return value[0]


class Traffic(ReduceFunction):
    def reduce(self, a, b):
        return a[0], b[1], b[2], max(a[3], b[3]), a[4] + b[4]


class IsStatic(FilterFunction):
    def filter(self, value):
        return value[2].endswith(('.png', '.css', '.js'))


class Pairs(FlatMapFunction):
    def flatMap(self, value, collector):
        for part in value.split():
            if '=' in part:
                key, _, text = part.partition('=')
                if text:
                    collector.collect((key, text))


class Level(MapFunction):
    RANKS = {'DEBUG': 0, 'INFO': 1, 'WARN': 2, 'ERROR': 3}

    def map(self, value):
        level = value.split(' ', 2)[1].upper()
        return level, Level.RANKS.get(level, -1)


class Severe(FilterFunction):
    def __init__(self, least):
        self.least = least

    def filter(self, value):
        return value[1] >= self.least


class Latency(MapFunction):
    def map(self, value):
        at = value.find('latency=')
        if at < 0:
            return -1
        end = value.find(' ', at)
        return int(value[at + 8:end])


class Bucket(MapFunction):
    def __init__(self):
        self.bounds = (10, 50, 100, 250, 500)

    def map(self, value):
        for bound in self.bounds:
            if value <= bound:
                return 'le %d' % bound, 1
        return 'inf', 1


class CountPairs(ReduceFunction):
    def reduce(self, a, b):
        return a[0], a[1] + b[1]


class Session(WindowFunction):
    def apply(self, key, window, values, collector):
        total, paths = 0, []
        for value in values:
            total += value[4]
            if value[2] not in paths:
                paths.append(value[2])
        collector.collect('%s: %d pages, %d bytes' % (key, len(paths), total))


def shorten(value):
    return value if len(value) <= 40 else value[:37] + '...'


def main(factory):
    env = factory.get_execution_environment()
    access = env.from_collection(ACCESS)
    parsed = access.filter(lambda line: line.count('"') == 2).map(ParseAccess()).filter(IsParsed())
    split = parsed.split(StatusClass())
    split.select('error', 'client').map(lambda row: (row[3], row[2])).output('bad')
    parsed.filter(IsStatic()).output('static')
    parsed.key_by(ByHost()).reduce(Traffic()).output('traffic')
    parsed.key_by(ByHost()).count_window(6).apply(Session()).output('session')
    access.map(ParseByPattern()).filter(lambda pair: pair[0] != '').output('pattern')
    access.map(shorten).output('short')
    events = env.from_collection(EVENTS)
    events.flat_map(Pairs()).filter(lambda pair: pair[0] != 'latency').output('pairs')
    events.map(Level()).filter(Severe(2)).output('severe')
    events.map(Latency()).map(Bucket()).key_by(lambda pair: pair[0]).reduce(CountPairs()).output('histogram')
    env.execute('Logs')
