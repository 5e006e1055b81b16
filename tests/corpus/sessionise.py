"""Sessionising click events: assigns events to sessions by inactivity gap and summarises them."""

from dataclasses import dataclass
from typing import Tuple

from org.apache.flink.api.common.functions import (
    FilterFunction, FlatMapFunction, MapFunction, ReduceFunction, RichFlatMapFunction,
)
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.functions.source import SourceFunction
from org.apache.flink.streaming.api.functions.windowing import WindowFunction
from org.apache.flink.streaming.api.windowing.time.Time import milliseconds

SESSION_GAP_S = 1800

CLICKS = """\
u1,1000,/home
u2,1010,/home
u1,1030,/search?q=tent
u1,1100,/product/12
u2,1200,/product/7
u3,1300,/cart
u1,1400,/cart
u1,1460,/checkout/done
u2,4000,/home
u2,4060,/product/7
u3,9000,/home
u1,9100,/home
u2,9200,/cart
u2,9260,/checkout/done
u3,9300,/product/12
u1,20000,/home"""


@dataclass(frozen=True)
class Click:
    user: str
    ts: int
    url: str


@dataclass
class Session:
    user: str
    start: int
    end: int
    pages: Tuple[str, ...]
    converted: bool = False

    def duration(self):
        return self.end - self.start

    def __str__(self):
        flag = "*" if self.converted else " "
        return f"{flag} {self.user} [{self.start}..{self.end}] {self.duration()}s {' > '.join(self.pages)}"


class ClickSource(SourceFunction):  # not pure
    def __init__(self, text):
        self.text = text
        self.running = True

    def run(self, ctx):  # not pure
        for line in self.text.splitlines():
            if not self.running:
                break
            ctx.collect(line)

    def cancel(self):  # not pure
        self.running = False


class ParseClick(MapFunction):
    def map(self, line):
        user, ts, url = line.split(",")
        return Click(user, int(ts), url)


def page_type(url):
    """'/product/12?x=1' -> 'product'"""
    path = url.split("?", 1)[0]
    return path.lstrip("/").split("/")[0] or "home"


class ByUser(KeySelector):
    def getKey(self, value):
        return value.user


class ToSession(MapFunction):
    def map(self, click):
        page = page_type(click.url)
        return Session(click.user, click.ts, click.ts, (page,), page == "checkout")


class MergeSessions(ReduceFunction):
    """Extends the session while within the gap, otherwise starts again."""

    def __init__(self, gap):
        self.gap = gap

    def reduce(self, current, nxt):
        if nxt.start - current.end > self.gap:
            return nxt
        return Session(
            current.user,
            current.start,
            max(current.end, nxt.end),
            current.pages + nxt.pages,
            current.converted or nxt.converted,
        )


def split_by_gap(clicks, gap):
    sessions = []
    last = None
    for click in clicks:
        if last is None or click.ts - last > gap:
            sessions.append([])
        sessions[-1].append(click)
        last = click.ts
    return sessions


class SessionWindow(WindowFunction):
    def apply(self, user, window, clicks, collector):
        ordered = sorted(clicks, key=lambda c: c.ts)
        for n, chunk in enumerate(split_by_gap(ordered, SESSION_GAP_S), start=1):
            collector.collect({
                "user": user,
                "session": "%s-%02d" % (user, n),
                "clicks": len(chunk),
                "seconds": chunk[-1].ts - chunk[0].ts,
                "entry": page_type(chunk[0].url),
                "exit": page_type(chunk[-1].url),
            })


class IsBounce(FilterFunction):
    def filter(self, session):
        return session["clicks"] == 1


class GapDetector(RichFlatMapFunction):  # not pure
    """Emits (user, idle seconds) whenever a user returns after the gap."""

    def open(self, config):  # not pure
        self.last_seen = {}

    def flatMap(self, click, collector):  # not pure
        previous = self.last_seen.get(click.user)
        self.last_seen[click.user] = click.ts
        if previous is not None and click.ts - previous > SESSION_GAP_S:
            collector.collect((click.user, click.ts - previous))


def transitions(key, window, values):
    pages = [page_type(c.url) for c in values]
    for a, b in zip(pages, pages[1:]):
        if a != b:
            yield a, b, 1


def main(factory):
    env = factory.get_execution_environment()
    clicks = env.create_python_source(ClickSource(CLICKS)).map(ParseClick())

    clicks.map(ToSession()) \
        .key_by(ByUser()) \
        .reduce(MergeSessions(SESSION_GAP_S)) \
        .filter(lambda s: s.converted) \
        .output("converted")

    sessions = clicks.key_by(ByUser()).time_window(milliseconds(100)).apply(SessionWindow())
    sessions.output("session")
    sessions.filter(IsBounce()).map(lambda s: s["user"] + " bounced at " + s["entry"]).output("bounce")

    clicks.flat_map(GapDetector()).output("returned")

    clicks.key_by(lambda c: c.user) \
        .count_window(2, 1) \
        .apply(transitions) \
        .key_by(lambda t: (t[0], t[1])) \
        .reduce(lambda a, b: (a[0], a[1], a[2] + b[2])) \
        .output("transition")

    env.execute("Sessions")
