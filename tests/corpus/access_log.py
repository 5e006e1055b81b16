"""Web access log analytics: parses combined-format lines, drops bots and health checks,
and keeps rolling status counts, bytes per path and slow/error streams."""

import re
from collections import namedtuple
from datetime import datetime

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

LOG_LINES = [
    '203.0.113.9 - alice [10/Mar/2023:13:55:36 +0000] "GET /index.html HTTP/1.1" 200 2326 "-" "Mozilla/5.0 (X11; Linux)" 12',
    '203.0.113.9 - alice [10/Mar/2023:13:55:37 +0000] "GET /static/app.js?v=12 HTTP/1.1" 200 88120 "/index.html" "Mozilla/5.0 (X11; Linux)" 40',
    '198.51.100.23 - - [10/Mar/2023:13:55:38 +0000] "GET /robots.txt HTTP/1.1" 404 153 "-" "Googlebot/2.1" 3',
    '198.51.100.77 - bob [10/Mar/2023:13:55:40 +0000] "POST /api/orders HTTP/1.1" 201 512 "-" "okhttp/4.9" 230',
    '10.0.0.1 - - [10/Mar/2023:13:55:41 +0000] "GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.25" 1',
    'this line is garbage',
    '203.0.113.40 - - [10/Mar/2023:13:56:02 +0000] "GET /api/orders/17?expand=items&lang=de HTTP/1.1" 500 0 "-" "okhttp/4.9" 1804',
    '203.0.113.40 - - [10/Mar/2023:13:56:05 +0000] "GET /api/orders/17?expand=items&lang=de HTTP/1.1" 200 4410 "-" "okhttp/4.9" 310',
    '198.51.100.77 - bob [10/Mar/2023:13:56:09 +0000] "DELETE /api/orders/17 HTTP/1.1" 403 61 "-" "okhttp/4.9" 9',
    '',
    '192.0.2.5 - - [10/Mar/2023:14:01:00 +0000] "GET /index.html HTTP/1.0" 304 - "-" "curl/7.68.0" 5',
    '192.0.2.5 - - [10/Mar/2023:14:01:01 +0000] "GET /img/logo%20big.png HTTP/1.0" 200 15022 "-" "curl/7.68.0" 22',
    '192.0.2.5 - - [10/Mar/2023:14:01:03 +0000] "HEAD /api/orders HTTP/1.0" 502 0 "-" "curl/7.68.0" 1200',
]

PATTERN = re.compile(
    r'^(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] '
    r'"(?P<method>[A-Z]+) (?P<path>\S+) (?P<proto>[^"]+)" '
    r'(?P<status>\d{3}) (?P<size>\d+|-) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)" (?P<ms>\d+)$'
)

Hit = namedtuple("Hit", "host user ts method path query status size agent ms")

BOT_MARKERS = ("bot", "spider", "crawl")


def parse_time(text):
    return int(datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").timestamp())


def split_target(target):
    path, _, query = target.partition("?")
    return path.replace("%20", " "), query


class ParseLine(FlatMapFunction):
    def flatMap(self, line, collector):
        m = PATTERN.match(line)
        if m is None:
            return
        path, query = split_target(m.group("path"))
        size = m.group("size")
        collector.collect(Hit(
            host=m.group("host"),
            user=None if m.group("user") == "-" else m.group("user"),
            ts=parse_time(m.group("time")),
            method=m.group("method"),
            path=path,
            query=query,
            status=int(m.group("status")),
            size=0 if size == "-" else int(size),
            agent=m.group("agent"),
            ms=int(m.group("ms")),
        ))


class NotABot(FilterFunction):
    def filter(self, hit):
        agent = hit.agent.lower()
        return not any(marker in agent for marker in BOT_MARKERS)


def status_class(status):
    return "%dxx" % (status // 100)


class Route(OutputSelector):
    """Errors go to ops; anything slower than the threshold goes to performance."""

    def __init__(self, slow_ms):
        self.slow_ms = slow_ms

    def select(self, hit):
        names = []
        if hit.status >= 500:
            names.append("error")
        elif hit.status >= 400:
            names.append("denied")
        else:
            names.append("ok")
        if hit.ms > self.slow_ms:
            names.append("slow")
        return names


class BySection(KeySelector):
    def getKey(self, hit):
        parts = hit.path.strip("/").split("/")
        return parts[0] or "root"


class AddTraffic(ReduceFunction):
    def reduce(self, a, b):
        return a[0], a[1] + b[1], a[2] + b[2]


class LatencySummary(WindowFunction):
    def apply(self, key, window, hits, collector):
        times = sorted(h.ms for h in hits)
        median = times[len(times) // 2]
        collector.collect("%-8s n=%d median=%dms max=%dms" % (key, len(times), median, times[-1]))


class QueryParams(FlatMapFunction):
    def flatMap(self, hit, collector):
        for pair in hit.query.split("&"):
            if "=" in pair:
                name, value = pair.split("=", 1)
                collector.collect((hit.path, name, value))


class FormatAlert(MapFunction):
    def __init__(self, prefix):
        self.prefix = prefix

    def map(self, hit):
        who = hit.user or hit.host
        return f"{self.prefix}: {hit.method} {hit.path} -> {hit.status} ({hit.ms} ms) by {who}"


def main(factory):
    env = factory.get_execution_environment()

    hits = env.from_collection(LOG_LINES) \
        .flat_map(ParseLine()) \
        .filter(NotABot()) \
        .filter(lambda h: not (h.path == "/healthz" and h.host.startswith("10.")))

    hits.map(lambda h: (status_class(h.status), 1, h.size)) \
        .key_by(lambda t: t[0]) \
        .reduce(AddTraffic()) \
        .output("status")

    hits.key_by(BySection()).count_window(2).apply(LatencySummary()).output("latency")
    hits.flat_map(QueryParams()).output("param")

    routed = hits.split(Route(slow_ms=1000))
    routed.select("error").map(FormatAlert("ERROR")).output()
    routed.select("denied").map(FormatAlert("DENIED")).output()
    routed.select("slow").map(lambda h: "slow: {0} took {1:.2f}s".format(h.path, h.ms / 1000)).output()

    env.execute("Access log")
