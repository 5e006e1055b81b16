"""Nexmark queries 0, 1, 2, 14, 21 and 22 over a small generated stream of events."""

import re
from dataclasses import dataclass

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.source import SourceFunction

BASE_TIME = 1436918400000

CHANNELS = ["apple", "google", "Facebook", "baidu", "channel-7", "channel-123"]

CHANNEL_ID = re.compile(r"(?:&|^|\?)channel_id=([^&]*)")


@dataclass
class Person:
    id: int
    name: str
    city: str
    state: str
    date_time: int


@dataclass
class Auction:
    id: int
    item_name: str
    initial_bid: int
    seller: int
    category: int
    date_time: int


@dataclass
class Bid:
    auction: int
    bidder: int
    price: int
    channel: str
    url: str
    date_time: int
    extra: str


def make_url(n):
    url = "https://www.nexmark.com/%s/%s/%s/item.htm?query=1" % ("abcde"[n % 5] * 3, n * 31 % 97, "xyz"[n % 3] * 2)
    if n % 6 == 4:
        url += "&channel_id=%d" % (n * 7)
    return url


class EventGenerator(SourceFunction):  # not pure
    """1 person and 3 auctions for every 46 bids, as the original generator has it."""

    def __init__(self, count):
        self.count = count
        self.running = True

    def run(self, ctx):  # not pure
        for n in range(self.count):
            if not self.running:
                return
            ts = BASE_TIME + n * 700000
            rest = n % 50
            if rest == 0:
                ctx.collect(Person(1000 + n // 50, "Peter Jones", "Phoenix", "AZ", ts))
            elif rest <= 3:
                ctx.collect(Auction(1000 + n, "item-%d" % n, 100 * rest, 1000 + n // 50, 10 + n % 5, ts))
            else:
                ctx.collect(Bid(1000 + n * 13 % 200, 1000 + n * 17 % 50, 50 + n * n * 7919 % 20_000_000,
                                CHANNELS[n % len(CHANNELS)], make_url(n), ts, "c" * (n % 4) + "ab" + "cc" * (n % 3)))

    def cancel(self):  # not pure
        self.running = False


class EventType(OutputSelector):
    def select(self, event):
        return [type(event).__name__.lower()]


class Query0(MapFunction):
    """Pass through."""

    def map(self, bid):
        return (bid.auction, bid.bidder, bid.price, bid.date_time, bid.extra)


class Query1(MapFunction):
    """Currency conversion."""

    def __init__(self, rate=0.908):
        self.rate = rate

    def map(self, bid):
        return (bid.auction, bid.bidder, self.rate * bid.price, bid.date_time, bid.extra)


class Query2(FilterFunction):
    """Selection: some auctions."""

    def __init__(self, divisor):
        self.divisor = divisor

    def filter(self, bid):
        return bid.auction % self.divisor == 0


def bid_time_type(date_time):
    hour = date_time // 3600000 % 24
    if 8 <= hour <= 18:
        return "dayTime"
    elif hour <= 6 or hour >= 20:
        return "nightTime"
    else:
        return "otherTime"


def count_char(text, char):
    count = 0
    for c in text:
        if c == char:
            count += 1
    return count


class Query14(FlatMapFunction):
    """Calculation: price filter, time of day and a user-defined function."""

    def flatMap(self, bid, collector):
        price = 0.908 * bid.price
        if 1_000_000 < price < 50_000_000:
            collector.collect((
                bid.auction,
                bid.bidder,
                price,
                bid_time_type(bid.date_time),
                bid.date_time,
                bid.extra,
                count_char(bid.extra, "c"),
            ))


class Query21(FlatMapFunction):
    """Add channel id."""

    KNOWN = {"apple": "0", "google": "1", "facebook": "2", "baidu": "3"}

    def flatMap(self, bid, collector):
        channel_id = self.KNOWN.get(bid.channel.lower())
        if channel_id is None:
            match = CHANNEL_ID.search(bid.url)
            if not match:
                return
            channel_id = match.group(1)
        collector.collect((bid.auction, bid.bidder, bid.price, bid.channel, channel_id))


def query22(bid):
    """Get the directories of the URL."""
    parts = bid.url.split("/")
    dir1, dir2, dir3 = parts[3], parts[4], parts[5]
    return bid.auction, bid.bidder, bid.price, bid.channel, dir1, dir2, dir3


class ByChannel(KeySelector):
    def getKey(self, row):
        return row[4]


def main(factory):
    env = factory.get_execution_environment()
    events = env.create_python_source(EventGenerator(120)).split(EventType())
    bids = events.select("bid")

    bids.map(Query0()).filter(lambda row: row[0] < 1010).output("q0")
    bids.map(Query1()).filter(lambda row: row[2] < 500000).output("q1")
    bids.filter(Query2(40)).map(lambda bid: (bid.auction, bid.price)).output("q2")
    bids.flat_map(Query14()).filter(lambda row: row[6] > 4).output("q14")
    bids.flat_map(Query21()).key_by(ByChannel()) \
        .reduce(lambda a, b: a if a[2] > b[2] else b).output("q21")
    bids.map(query22).filter(lambda row: row[5] == "45" or row[4] == "aaa").output("q22")

    events.select("auction", "person") \
        .map(lambda e: "%s %d" % (e.__class__.__name__, e.id)) \
        .output("other")

    env.execute("Nexmark")
