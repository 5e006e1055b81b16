"""Orders as dicts, from lines of a file to sums per country: cleaned, enriched, formatted."""

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

COLUMNS = ['order', 'country', 'sku', 'qty', 'price']
RATES = {'EUR': 1.0, 'USD': 0.92, 'CHF': 1.05}
SETTINGS = {'currency': 'EUR', 'limit': 400, 'digits': 2}
COUNTRIES = ['de', 'fr', ' ch', 'us', 'DE']
LINES = ['%d,%s,sku-%02d,%d,%d.%02d' % (n, COUNTRIES[n * 3 % 5], n * 7 % 11, n % 4 + 1, n * 13 % 97, n % 100)
         for n in range(300)] + ['order,country', '17,at,x,many,1.5', '18,at,x,2,1.5,late', '19,it,caffè,1,2.0']


class Orders(FlatMapFunction):
    def flatMap(self, line, collector):
        parts = line.split(',')
        if len(parts) != 5 or not parts[3].isdigit():
            return
        qty = int(parts[3])
        collector.collect({
            'order': int(parts[0]),
            'country': parts[1].strip().upper(),
            'sku': parts[2],
            'qty': qty,
            'price': float(parts[4]),
            'gift': None if qty < 3 else 'card',
        })


class Row(MapFunction):
    def map(self, line):
        row = dict(zip(COLUMNS, line.split(',')))
        row['length'] = len(line)
        return row


class Worth(FilterFunction):
    def __init__(self, least):
        self.least = least

    def filter(self, row):
        return row['qty'] * row['price'] >= self.least and row.get('country') not in ('', None)


class Priced(MapFunction):
    def __init__(self, rates):
        self.rates = rates

    def map(self, row):
        priced = dict(row)
        priced['currency'] = 'USD' if row['country'] == 'US' else SETTINGS['currency']
        priced['net'] = round(row['qty'] * row['price'] * self.rates[priced['currency']], SETTINGS['digits'])
        priced['price'] = str(priced['price'])
        priced.update(checked=True, sku=row['sku'].upper())
        return priced


class Country(KeySelector):
    def getKey(self, row):
        return row['country']


class Sums(ReduceFunction):
    def reduce(self, a, b):
        return {**b, 'qty': a['qty'] + b['qty'], 'net': a['net'] + b['net'], 'gift': a['gift'] or b['gift']}


class Summary(WindowFunction):
    def apply(self, key, window, rows, collector):
        best = None
        total = 0
        for row in rows:
            total += row['qty']
            if best is None or row['price'] > best['price']:
                best = row
        collector.collect({'country': key, 'total': total, 'best': best['sku'], 'more': total > 10})


def ticket(row):
    return '{order:05d} {country:<3}|{sku!r}|{price:>8.2f}'.format(**row)


def label(row):
    return '%(sku)s x %(qty)d (%(gift)s)' % row


def flat(row):
    return ' '.join('%s=%s' % item for item in sorted(row.items()))


def as_json(row):
    parts = []
    for key in sorted(row):
        value = row[key]
        if value is None:
            parts.append('"%s": null' % key)
        elif isinstance(value, str):
            parts.append('"%s": "%s"' % (key, value.replace('"', '\\"')))
        else:
            parts.append('"%s": %s' % (key, value))
    return '{' + ', '.join(parts) + '}'


def csv(row):
    return ','.join('"%s"' % str(row[name]).replace('"', '""') for name in COLUMNS)


def lines_of(row):
    lines = []
    for n in range(row['qty']):
        line = {'order': row['order'], 'line': n, 'sku': row['sku']}
        line['last'] = n + 1 == row['qty']
        lines.append(line)
    return lines


def problems(row):
    found = []
    if row['price'] == 0:
        found.append('no price')
    if 'vat' not in row and len(row) == 6:
        found.append('no vat')
    return {'order': row['order'], 'problems': found, 'n': len(found)}


def main(factory):
    env = factory.get_execution_environment()
    lines = env.from_collection(LINES)
    orders = lines.flat_map(Orders())
    orders.output('order')
    for function in [ticket, label, flat, as_json, csv, lines_of, problems]:
        orders.map(function).output(function.__name__)
    lines.filter(lambda line: line.count(',') == 4).map(Row()).output('row')
    priced = orders.filter(Worth(20)).map(Priced(RATES))
    priced.output('priced')
    priced.key_by(Country()).reduce(Sums()).output('sum')
    orders.key_by(lambda row: row['country']).count_window(8).apply(Summary()).output('summary')
    env.from_collection([{'host': 'a', 'load': n / 4, 'up': n % 3 > 0} for n in range(40)]).filter(
        lambda row: row['up']).map(lambda row: (row['host'], row['load'] * 100)).output('load')
    env.execute()
