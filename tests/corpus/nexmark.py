"""Nexmark's queries 0, 1, 2, 14, 21 and 22, over bids as tuples and as records."""

import re

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction

CHANNELS = ['Google', 'facebook', 'Baidu', 'Apple', 'channel-17', 'channel-4']
URLS = ['https://www.nexmark.com/abo/cke/item.htm?query=1&channel_id=%d', 'https://www.nexmark.com/a/b/c/d', 'no url']


def url(n):
    text = URLS[n % 3]
    return text % (n * 31) if '%d' in text else text


# Auction, bidder, price, channel, url, time, extra.
BIDS = [(1000 + n % 250, 2000 + n * 7 % 90, n * 7919 % 2000000, CHANNELS[n % 6], url(n), 1556704800000 + n * 987654,
         'extra %s' % ('c' * (n % 5))) for n in range(400)]


class Bid:
    def __init__(self, auction, bidder, price, channel, url, time, extra):
        self.auction = auction
        self.bidder = bidder
        self.price = price
        self.channel = channel
        self.url = url
        self.time = time
        self.extra = extra

    def __str__(self):
        return f'Bid({self.auction}, {self.bidder}, {self.price}, {self.channel})'


class PassThrough(MapFunction):
    def map(self, value):
        return value


class Convert(MapFunction):
    def map(self, value):
        auction, bidder, price, channel, url, time, extra = value
        return auction, bidder, 0.908 * price, time, extra


class ConvertBid(MapFunction):
    def map(self, bid):
        return bid.auction, bid.bidder, 0.908 * bid.price, bid.time, bid.extra


class Selected(FilterFunction):
    def filter(self, value):
        return value[0] % 123 == 0


class SelectedBid(FilterFunction):
    def filter(self, bid):
        return bid.auction % 123 == 0


def count_char(text, c):
    count = 0
    for letter in text:
        if letter == c:
            count += 1
    return count


class Calculation(FlatMapFunction):
    def flatMap(self, value, collector):
        price = 0.908 * value[2]
        if price <= 1000000 or price >= 50000000:
            return
        hour = value[5] // 3600000 % 24
        if 8 <= hour <= 18:
            kind = 'dayTime'
        elif hour <= 6 or hour >= 20:
            kind = 'nightTime'
        else:
            kind = 'otherTime'
        collector.collect((value[0], value[1], price, kind, value[5], value[6], count_char(value[6], 'c')))


class CalculationBid(FlatMapFunction):
    def flatMap(self, bid, collector):
        price = 0.908 * bid.price
        if 1000000 < price < 50000000:
            hour = bid.time // 3600000 % 24
            kind = 'dayTime' if 8 <= hour <= 18 else 'nightTime' if hour <= 6 or hour >= 20 else 'otherTime'
            collector.collect((bid.auction, bid.bidder, price, kind, bid.time, bid.extra.count('c')))


class Channel(FlatMapFunction):
    NUMBERS = {'apple': '0', 'google': '1', 'facebook': '2', 'baidu': '3'}

    def flatMap(self, value, collector):
        channel = value[3].lower()
        if channel in self.NUMBERS:
            collector.collect((value[0], value[1], value[2], value[3], self.NUMBERS[channel]))
            return
        found = re.search(r'(&|^)channel_id=([^&]*)', value[4])
        if found:
            collector.collect((value[0], value[1], value[2], value[3], found.group(2)))


class Directories(FlatMapFunction):
    def flatMap(self, value, collector):
        parts = value[4].split('/')
        if len(parts) > 5:
            collector.collect((value[0], value[1], value[2], value[3], parts[3], parts[4], parts[5]))


class DirectoriesOf(MapFunction):
    def map(self, bid):
        parts = bid.url.split('/', 6)
        return bid.auction, parts[3] if len(parts) > 3 else None, parts[4] if len(parts) > 4 else None


def main(factory):
    env = factory.get_execution_environment()
    bids = env.from_collection(BIDS)
    bids.map(PassThrough()).output('q0')
    bids.map(Convert()).output('q1')
    bids.filter(Selected()).map(lambda bid: (bid[0], bid[2])).output('q2')
    bids.flat_map(Calculation()).output('q14')
    bids.flat_map(Channel()).output('q21')
    bids.flat_map(Directories()).output('q22')
    records = bids.map(lambda bid: Bid(*bid))
    records.map(lambda bid: bid).output('q0 of records')
    records.map(ConvertBid()).output('q1 of records')
    records.filter(SelectedBid()).map(lambda bid: (bid.auction, bid.price)).output('q2 of records')
    records.flat_map(CalculationBid()).output('q14 of records')
    records.map(DirectoriesOf()).output('q22 of records')
    env.execute('Nexmark')
