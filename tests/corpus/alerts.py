"""Card fraud and IoT sensor alerts, united into one alert stream."""

import json
from collections import namedtuple
from enum import Enum

from org.apache.flink.api.common.functions import (
    FilterFunction, FlatMapFunction, MapFunction, RichMapFunction,
)
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.sink import SinkFunction
from org.apache.flink.streaming.api.functions.windowing import WindowFunction
from org.apache.flink.streaming.api.windowing.time.Time import milliseconds


class Severity(Enum):
    INFO = 1
    WARN = 2
    CRITICAL = 3


Alert = namedtuple("Alert", "source severity message")

TRANSACTIONS = [
    {"card": "4111111111111111", "amount": 12.5, "country": "DE", "hour": 10},
    {"card": "4111111111111111", "amount": 0.5, "country": "DE", "hour": 11},
    {"card": "4111111111111111", "amount": 980.0, "country": "DE", "hour": 11},
    {"card": "5500005555555559", "amount": 44.0, "country": "US", "hour": 3},
    {"card": "5500005555555559", "amount": 40.0, "country": "BR", "hour": 3},
    {"card": "4111111111111112", "amount": 10.0, "country": "FR", "hour": 15},
    {"card": "5500005555555559", "amount": 2500.0, "country": "RU", "hour": 4},
    {"card": "4111111111111111", "amount": 20.0, "country": "FR", "hour": 18},
    {"card": "340000000000009", "amount": 0.99, "country": "GB", "hour": 23},
    {"card": "340000000000009", "amount": 640.0, "country": "GB", "hour": 23},
]

MESSAGES = [
    '{"device": "boiler-1", "temp": 71.2, "battery": 90}',
    '{"device": "boiler-1", "temp": 78.9, "battery": 89}',
    '{"device": "fridge-3", "temp": 4.1, "battery": 12}',
    '{"device": "boiler-1", "temp": 96.4, "battery": 89}',
    '{"device": "fridge-3", "temp": "err", "battery": 11}',
    'not json at all',
    '{"device": "fridge-3", "temp": 9.7, "battery": 4}',
    '{"device": "boiler-1", "temp": 99.5, "battery": 88}',
    '{"device": "fridge-3", "temp": 10.2, "battery": 3}',
    '{"device": "boiler-1", "temp": 84.0, "battery": 88}',
]

LIMITS = {"boiler": (10.0, 95.0), "fridge": (0.0, 8.0)}


def luhn_ok(number):
    total = 0
    for i, ch in enumerate(reversed(number)):
        digit = int(ch)
        if i % 2 == 1:
            digit *= 2
            if digit > 9:
                digit -= 9
        total += digit
    return total % 10 == 0


def mask(card):
    return "*" * (len(card) - 4) + card[-4:]


class ValidCard(FilterFunction):
    def filter(self, tx):
        return luhn_ok(tx["card"])


class RiskScore(MapFunction):
    def __init__(self, home="DE", night=(0, 5)):
        self.home = home
        self.night = night

    def map(self, tx):
        score = 0
        if tx["amount"] > 500:
            score += 40
        if tx["country"] != self.home:
            score += 25
        start, end = self.night
        if start <= tx["hour"] < end:
            score += 20
        return dict(tx, score=min(score, 100))


class ByCard(KeySelector):
    def getKey(self, tx):
        return tx["card"]


class SmallThenLarge(WindowFunction):
    """The classic: a tiny test payment, then a large one."""

    def apply(self, card, window, txs, collector):
        txs = list(txs)
        if len(txs) == 2 and txs[0]["amount"] < 1 and txs[1]["amount"] > 500:
            collector.collect(Alert("fraud", Severity.CRITICAL,
                                    "%s: %.2f then %.2f" % (mask(card), txs[0]["amount"], txs[1]["amount"])))


class Roaming(WindowFunction):
    def apply(self, card, window, txs, collector):
        countries = {tx["country"] for tx in txs}
        if len(countries) > 1:
            collector.collect(Alert("fraud", Severity.WARN, f"{mask(card)} used in {'/'.join(sorted(countries))}"))


class Decode(FlatMapFunction):
    def flatMap(self, message, collector):
        try:
            data = json.loads(message)
            collector.collect((data["device"], float(data["temp"]), data["battery"]))
        except (ValueError, KeyError):
            pass


class CheckLimits(FlatMapFunction):
    def __init__(self, limits, low_battery=10):
        self.limits = limits
        self.low_battery = low_battery

    def flatMap(self, reading, collector):
        device, temp, battery = reading
        kind = device.partition("-")[0]
        low, high = self.limits[kind]
        if temp > high:
            collector.collect(Alert("iot", Severity.CRITICAL, "%s too hot: %.1f > %.1f" % (device, temp, high)))
        elif temp < low:
            collector.collect(Alert("iot", Severity.WARN, "%s too cold: %.1f < %.1f" % (device, temp, low)))
        if battery < self.low_battery:
            collector.collect(Alert("iot", Severity.INFO, "%s battery at %d%%" % (device, battery)))


def hottest(a, b):
    if b[1] > a[1]:
        return b
    return a


class BySeverity(OutputSelector):
    def select(self, alert):
        if alert.severity == Severity.CRITICAL:
            yield "page"
        yield "log"


class Numbered(RichMapFunction):  # not pure
    def open(self, config):  # not pure
        self.count = 0

    def map(self, alert):  # not pure
        self.count += 1
        return "#%d [%s] %s: %s" % (self.count, alert.severity.name, alert.source, alert.message)


class Pager(SinkFunction):  # not pure
    def invoke(self, alert):  # not pure
        print("PAGE! " + alert.message)


def main(factory):
    env = factory.get_execution_environment()

    scored = env.from_collection(TRANSACTIONS).filter(ValidCard()).map(RiskScore())
    risky = scored.filter(lambda tx: tx["score"] >= 60) \
        .map(lambda tx: Alert("fraud", Severity.WARN, "score %d for %s" % (tx["score"], mask(tx["card"]))))
    tested = scored.key_by(ByCard()).count_window(2, 1).apply(SmallThenLarge())
    roaming = scored.key_by(ByCard()).time_window(milliseconds(10)).apply(Roaming())

    readings = env.from_collection(MESSAGES).flat_map(Decode())
    iot = readings.flat_map(CheckLimits(LIMITS))
    readings.key_by(lambda r: r[0]).reduce(hottest).map(lambda r: (r[0], r[1])).output("hottest")

    alerts = risky.union(tested, roaming, iot).split(BySeverity())
    alerts.select("log").map(Numbered()).output()
    alerts.select("page").add_sink(Pager())

    env.execute("Alerts")
