"""Orders and invoices as records; currencies; CSV fields; reports in all the ways to format."""

from org.apache.flink.api.common.functions import FilterFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

RATES = {'EUR': 1.0, 'USD': 0.89, 'GBP': 1.15, 'JPY': 0.0082}
CSV = ['%d;%s;%s;%s;%d' % (n, ['Ann', 'Bob', 'Ünal', "O'Neil", ''][n % 5], ['EUR', 'USD', 'GBP', 'JPY', 'XXX'][n * 3 % 5],
                           '%d,%02d' % (n * 37 % 900, n % 100), n % 7) for n in range(300)]
BROKEN = ['', ';;', 'a;b;c;d;e', '5;Eve;EUR;1.5e3;2', '6;Eve;EUR;12,50;zwei', '7;Eve;EUR;９,00;1']


class Order:
    def __init__(self, number, customer, amount, currency):
        self.number = number
        self.customer = customer
        self.amount = amount
        self.currency = currency

    def total(self, tax):
        return round(self.amount * (1 + tax), 2)

    def is_large(self):
        return self.amount > 300

    def __str__(self):
        return 'Order {} of {}: {:.2f} {}'.format(self.number, self.customer, self.amount, self.currency)

    def __repr__(self):
        return f'Order({self.number!r}, {self.customer!r}, {self.amount!r}, {self.currency!r})'

    def __eq__(self, other):
        return isinstance(other, Order) and self.number == other.number


class Invoice:
    def __init__(self, customer, lines, total):
        self.customer = customer
        self.lines = lines
        self.total = total

    def __str__(self):
        return '%-10s %3d %10.2f' % (self.customer, self.lines, self.total)


def parse_amount(text):
    return float(text.replace('.', '').replace(',', '.'))


class Parse(MapFunction):
    def map(self, value):
        try:
            number, customer, currency, amount, count = value.split(';')
            return Order(int(number), customer or 'unknown', parse_amount(amount) * int(count), currency)
        except ValueError:
            return None


class ToEuro(MapFunction):
    def __init__(self, rates):
        self.rates = rates

    def map(self, value):
        if value.currency in self.rates:
            return Order(value.number, value.customer, value.amount * self.rates[value.currency], 'EUR')
        return value


class IsKnown(FilterFunction):
    def filter(self, value):
        return value is not None and value.currency != 'XXX'


class Size(OutputSelector):
    def select(self, value):
        names = ['large'] if value.is_large() else ['small']
        if value.customer == 'unknown':
            names.append('nobody')
        return names


class ByCustomer(KeySelector):
    def getKey(self, value):
        return value.customer


class ToInvoice(MapFunction):
    def map(self, value):
        return Invoice(value.customer, 1, value.total(0.19))


class Merge(ReduceFunction):
    def reduce(self, a, b):
        return Invoice(a.customer, a.lines + b.lines, a.total + b.total)


class Dearest(ReduceFunction):
    def reduce(self, a, b):
        return b if b.amount > a.amount else a


class Report(WindowFunction):
    def apply(self, key, window, values, collector):
        total = 0.0
        names = []
        for order in values:
            total += order.amount
            names.append(str(order.number))
        collector.collect(f'{key:<8}|{len(values):>3}|{total:>12,.2f}|{",".join(names)}')


class Fields(MapFunction):
    def map(self, value):
        fields = [field.strip() for field in value.split(';')]
        return tuple([fields[0], fields[-1], len(fields)])


class Padded(MapFunction):
    def map(self, value):
        return value.number, value.customer.ljust(8, '.') + str(round(value.amount)).rjust(8) + value.currency.center(7)


class Percent(MapFunction):
    def __init__(self, whole):
        self.whole = whole

    def map(self, value):
        share = value.amount / self.whole
        bar = '#' * int(share * 20)
        return '{:>6.1%} {:<20}'.format(share, bar)


class Cents(MapFunction):
    def map(self, value):
        cents = int(round(value.amount * 100))
        return '%d.%02d' % divmod(cents, 100) if cents >= 0 else '-%d.%02d' % divmod(-cents, 100)


class Discount(MapFunction):
    STEPS = ((1000, 0.1), (500, 0.05), (100, 0.01))

    def map(self, value):
        for least, rate in self.STEPS:
            if value.amount >= least:
                return value.number, round(value.amount * (1 - rate), 2)
        return value.number, round(value.amount, 2)


def same_as_first(value):
    return value == Order(7, '', 0.0, 'EUR')


def luhn(text):
    total = 0
    for at, digit in enumerate(reversed(text)):
        n = ord(digit) - ord('0')
        if at % 2 == 1:
            n *= 2
            if n > 9:
                n -= 9
        total += n
    return total % 10 == 0


def iban_like(text):
    moved = text[4:] + text[:4]
    return int(''.join([str(int(c, 36)) for c in moved])) % 97


def main(factory):
    env = factory.get_execution_environment()
    lines = env.from_collection(CSV + BROKEN)
    orders = lines.map(Parse()).filter(IsKnown())
    euros = orders.map(ToEuro(RATES))
    euros.output('euros')
    euros.map(lambda order: repr(order)).output('repr')
    euros.split(Size()).select('large', 'nobody').map(Padded()).output('padded')
    euros.map(ToInvoice()).key_by(ByCustomer()).reduce(Merge()).output('invoices')
    euros.key_by(ByCustomer()).count_window(9).reduce(Dearest()).output('dearest')
    euros.key_by(ByCustomer()).count_window(12).apply(Report()).output('report')
    euros.map(Percent(900.0)).output('percent')
    euros.map(Cents()).output('cents')
    euros.map(Discount()).output('discount')
    euros.filter(same_as_first).output('same')
    lines.map(Fields()).output('fields')
    cards = env.generate_sequence(4000000000, 4000000300).map(lambda n: str(n * 7) + '0')
    cards.filter(luhn).output('luhn')
    cards.map(lambda text: 'GB82WEST' + text).map(iban_like).output('iban')
    env.execute('Money')
