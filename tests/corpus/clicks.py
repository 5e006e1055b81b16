"""Clicks: URLs and their queries, sessions, funnels, validation of what people type."""

import re

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

PAGES = ['home', 'list', 'item', 'cart', 'pay']
CLICKS = [('u%d' % (n * 7 % 23), 1556704800000 + n * 61234, 'https://shop.example.com:8080/%s?id=%d&ref=%s#top' % (
    PAGES[n * 3 % 5], n, ['mail', '', 'ads', 'a%20b'][n % 4])) for n in range(300)]
TYPED = ['user%d@example.org' % n for n in range(100)] + ['no at', 'two@@example.org', 'a@b', '@x.org', 'dot@.org', 'ü@x.de',
                                                         'a.b+c@sub.example.co.uk', '', ' space@x.org', 'x@y.z']
HEX = '0123456789abcdef'


class ParseUrl(MapFunction):
    def map(self, value):
        scheme, _, rest = value[2].partition('://')
        host, _, path = rest.partition('/')
        name, _, port = host.partition(':')
        path, _, query = path.partition('?')
        query = query.split('#')[0]
        return scheme, name, int(port) if port else 443, '/' + path, query


class Query(FlatMapFunction):
    def flatMap(self, value, collector):
        for part in value[4].split('&'):
            key, _, text = part.partition('=')
            if text:
                collector.collect((key, text))


def unquote(text):
    out = ''
    at = 0
    while at < len(text):
        if text[at] == '%' and at + 2 < len(text) and text[at + 1].lower() in HEX and text[at + 2].lower() in HEX:
            out += chr(int(text[at + 1:at + 3], 16))
            at += 3
        else:
            out += ' ' if text[at] == '+' else text[at]
            at += 1
    return out


def quote(text):
    out = []
    for byte in text.encode('utf-8'):
        if 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or byte in b'-_.~':
            out.append(chr(byte))
        else:
            out.append('%%%02X' % byte)
    return ''.join(out)


class Page(MapFunction):
    def map(self, value):
        path = value[2].split('/')[3]
        return value[0], value[1], path[:path.index('?')]


class ByUser(KeySelector):
    def getKey(self, value):
        return value[0]


class Funnel(OutputSelector):
    def select(self, value):
        steps = {'home': 'seen', 'list': 'seen', 'item': 'wanted', 'cart': 'wanted'}
        return [steps.get(value[2], 'bought')]


class Sessions(WindowFunction):
    """Cuts a user's clicks where nothing came for half an hour."""

    def __init__(self, gap):
        self.gap = gap

    def apply(self, key, window, values, collector):
        start = last = None
        count = 0
        for _, time, _ in values:
            if last is not None and time - last > self.gap:
                collector.collect((key, start, last - start, count))
                start, count = None, 0
            if start is None:
                start = time
            last = time
            count += 1
        if count:
            collector.collect((key, start, last - start, count))


class Distinct(WindowFunction):
    def apply(self, key, window, values, collector):
        seen = []
        for value in values:
            if value[2] not in seen:
                seen.append(value[2])
        collector.collect('%s saw %s' % (key, ', '.join(seen)))


class Counts(WindowFunction):
    def apply(self, key, window, values, collector):
        counts = {}
        for value in values:
            counts[value[2]] = counts.get(value[2], 0) + 1
        for page in sorted(counts):
            collector.collect((key, page, counts[page]))


class Last(ReduceFunction):
    def reduce(self, a, b):
        return b


class First(ReduceFunction):
    def reduce(self, a, b):
        return a


class Latest(ReduceFunction):
    def reduce(self, a, b):
        return a if (a[1], a[0]) > (b[1], b[0]) else b


class IsMail(FilterFunction):
    def filter(self, value):
        if value.count('@') != 1 or ' ' in value:
            return False
        name, host = value.split('@')
        return bool(name) and '.' in host and not host.startswith('.') and len(host.rsplit('.', 1)[1]) >= 2


class IsMailByPattern(FilterFunction):
    def filter(self, value):
        return re.fullmatch(r'[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+', value) is not None


def mask(value):
    at = value.find('@')
    if at < 2:
        return '***'
    return value[0] + '*' * (at - 1) + value[at:]


def slug(value):
    return re.sub('[^a-z0-9]+', '-', value.lower()).strip('-')


def is_password(value):
    return len(value) >= 8 and any(c.isdigit() for c in value) and any(c.isalpha() for c in value) and not value.isalnum()


def main(factory):
    env = factory.get_execution_environment()
    clicks = env.from_collection(CLICKS)
    urls = clicks.map(ParseUrl())
    urls.output('url')
    urls.flat_map(Query()).map(lambda pair: (pair[0], unquote(pair[1]))).output('query')
    pages = clicks.map(Page())
    pages.split(Funnel()).select('wanted', 'bought').output('funnel')
    pages.key_by(ByUser()).count_window(8).apply(Sessions(30 * 60 * 1000)).output('sessions')
    pages.key_by(ByUser()).count_window(6).apply(Distinct()).output('distinct')
    pages.key_by(ByUser()).count_window(10).apply(Counts()).output('counts')
    pages.key_by(ByUser()).reduce(Last()).output('last')
    pages.key_by(ByUser()).reduce(First()).output('first')
    pages.key_by(lambda page: page[2]).count_window(12).reduce(Latest()).output('latest')
    typed = env.from_collection(TYPED)
    typed.filter(IsMail()).output('mail')
    typed.filter(IsMailByPattern()).output('pattern')
    typed.map(mask).output('mask')
    typed.map(slug).output('slug')
    typed.map(quote).output('quote')
    typed.filter(is_password).output('password')
    env.execute('Clicks')
