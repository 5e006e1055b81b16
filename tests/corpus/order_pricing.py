"""Order pricing: converts currencies, applies volume discounts and VAT, totals by customer and country."""

from decimal import ROUND_HALF_UP, Decimal

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

RATES_TO_EUR = {
    "EUR": 1.0,
    "USD": 0.9174,
    "GBP": 1.1532,
    "CHF": 1.0291,
    "JPY": 0.0062,
}

VAT = {"DE": 0.19, "FR": 0.20, "CH": 0.077, "GB": 0.20}

ORDERS = [
    {"id": 1, "customer": "acme", "country": "DE", "currency": "EUR",
     "lines": [("bolt", 500, 0.12), ("nut", 500, 0.08)]},
    {"id": 2, "customer": "globex", "country": "FR", "currency": "USD", "lines": [("motor", 3, 249.5)]},
    {"id": 3, "customer": "acme", "country": "DE", "currency": "EUR", "lines": []},
    {"id": 4, "customer": "initech", "country": "GB", "currency": "GBP",
     "lines": [("stapler", 1, 18.99), ("toner", 4, 61.25)], "coupon": "SPRING10"},
    {"id": 5, "customer": "globex", "country": "FR", "currency": "XXX", "lines": [("motor", 1, 249.5)]},
    {"id": 6, "customer": "umbrella", "country": "US", "currency": "USD", "lines": [("mask", 1200, 1.1)]},
    {"id": 7, "customer": "acme", "country": "CH", "currency": "CHF",
     "lines": [("gear", 12, 33.0)], "coupon": "FREESHIP"},
    {"id": 8, "customer": "hooli", "country": "DE", "currency": "JPY", "lines": [("phone", 2, 89800)]},
]


class Line:
    def __init__(self, order_id, customer, country, sku, qty, amount):
        self.order_id = order_id
        self.customer = customer
        self.country = country
        self.sku = sku
        self.qty = qty
        self.amount = amount

    def with_amount(self, amount):
        return Line(self.order_id, self.customer, self.country, self.sku, self.qty, amount)

    def __repr__(self):
        return "Line(#%d %s %s x%d %.2f)" % (self.order_id, self.customer, self.sku, self.qty, self.amount)


def to_eur(amount, currency):
    return amount * RATES_TO_EUR[currency]


def discount_for(qty):
    if qty >= 1000:
        return 0.15
    elif qty >= 100:
        return 0.05
    return 0.0


class KnownCurrency(FilterFunction):
    def __init__(self, rates):
        self.rates = rates

    def filter(self, order):
        return order["currency"] in self.rates


class ExplodeLines(FlatMapFunction):
    """One element per order line, in EUR."""

    def flatMap(self, order, collector):
        currency = order["currency"]
        coupon = order.get("coupon", "")
        factor = 1.0
        if coupon.startswith("SPRING"):
            factor -= int(coupon[6:]) / 100.0
        for sku, qty, price in order["lines"]:
            gross = to_eur(qty * price, currency) * factor
            collector.collect(Line(order["id"], order["customer"], order["country"], sku, qty, gross))


class VolumeDiscount(MapFunction):
    def map(self, line):
        rate = discount_for(line.qty)
        if not rate:
            return line
        return line.with_amount(line.amount * (1 - rate))


def add_vat(line):
    rate = VAT.get(line.country, 0)
    return line.customer, line.country, round(line.amount, 2), round(line.amount * rate, 2)


class ByCustomer(KeySelector):
    def getKey(self, priced):
        return priced[0]


class Totals(ReduceFunction):
    def reduce(self, left, right):
        customer, country, net, vat = left
        _, country2, net2, vat2 = right
        if country2 not in country.split("+"):
            country = country + "+" + country2
        return customer, country, round(net + net2, 2), round(vat + vat2, 2)


class Tier(OutputSelector):
    def select(self, priced):
        net = priced[2]
        if net > 1000:
            return ["gold", "any"]
        if net > 100:
            return ["silver", "any"]
        return ["any"]


def money(amount, currency="EUR"):
    cents = Decimal(str(amount)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return "{:,} {}".format(cents, currency)


class Invoice(WindowFunction):
    def apply(self, key, window, values, collector):
        net = sum(v[2] for v in values)
        vat = sum(v[3] for v in values)
        collector.collect(f"{key}: {len(values)} items, net {money(net)}, vat {money(vat)}, total {money(net + vat)}")


class Describe(MapFunction):
    def __init__(self, label, width=10):
        self.label = label
        self.width = width

    def map(self, priced):
        return "%s %s %10.2f" % (self.label, priced[0].ljust(self.width, "."), priced[2] + priced[3])


def main(factory):
    env = factory.get_execution_environment()
    orders = env.from_collection(ORDERS)

    orders.filter(lambda o: o["currency"] not in RATES_TO_EUR) \
        .map(lambda o: "rejected order %(id)d: unknown currency %(currency)s" % o) \
        .output()

    lines = orders.filter(KnownCurrency(RATES_TO_EUR)).flat_map(ExplodeLines()).map(VolumeDiscount())
    lines.output("line")

    priced = lines.map(add_vat)
    priced.key_by(ByCustomer()).reduce(Totals()).output("total")
    priced.key_by(lambda p: p[1]).count_window(2).apply(Invoice()).output("invoice")

    tiers = priced.split(Tier())
    tiers.select("gold").map(Describe("GOLD")).output()
    tiers.select("silver").map(Describe("SILVER", 12)).output()

    env.execute("Order pricing")
