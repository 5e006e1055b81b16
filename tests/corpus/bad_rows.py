"""Bad rows: what jobs do with lines that don't parse, keys that aren't known and divisors that are 0."""

import re

from org.apache.flink.api.common.functions import FlatMapFunction, MapFunction

RATES = {'EUR': 1.0, 'USD': 0.92, 'GBP': 1.17}
LINES = ['%s,%s,%s' % (['EUR', 'USD', 'XXX', ''][n % 4], ['12.5', 'n/a', '1e3', '7', ''][n % 5], n % 3) for n in range(120)] + [
    'EUR', 'EUR,1,2,3', '', 'USD, 5 ,1', 'GBP,ä,1', 'GBP,nan,2', 'EUR,1_000,9']


class BadLine(ValueError):
    pass


class Parse(FlatMapFunction):
    def flatMap(self, value, collector):
        try:
            currency, amount, count = value.split(',')
            collector.collect((currency, float(amount), int(count)))
        except ValueError:
            pass


def amount(line):
    parts = line.split(',')
    try:
        return float(parts[1])
    except (IndexError, ValueError):
        return 0.0


def rate(line):
    try:
        return RATES[line[:3]]
    except KeyError:
        return -1.0


def checked(line):
    fields = line.split(',')
    if len(fields) != 3:
        raise BadLine('%d fields' % len(fields))
    if not fields[0]:
        raise BadLine('no currency')
    return fields


class Convert(MapFunction):
    def __init__(self, default):
        self.default = default

    def map(self, value):
        try:
            currency, amount, _ = checked(value)
            return RATES[currency] * float(amount)
        except BadLine:
            return self.default
        except KeyError:
            return 2 * self.default
        except Exception:
            return 3 * self.default


class Numbers(FlatMapFunction):
    def flatMap(self, value, collector):
        for part in value.split(','):
            try:
                number = int(part)
            except ValueError:
                continue
            collector.collect(number)


def share(line):
    fields = line.split(',')
    try:
        return 100 // int(fields[-1] or 0)
    except ZeroDivisionError:
        return None
    except ValueError:
        return -1


def letters(line):
    try:
        return re.match('([A-Z]+),', line).group(1).lower()
    except AttributeError:
        return '?'


def counted(line):
    seen = bad = 0
    for part in line.split(','):
        try:
            float(part)
        except ValueError:
            bad += 1
        else:
            seen += 1
        finally:
            seen += 0
    return seen, bad


def logged(line):
    try:
        return int(line.split(',')[2])
    except (ValueError, IndexError) as error:
        return len(str(error))


def main(factory):
    env = factory.get_execution_environment()
    lines = env.from_collection(LINES)
    lines.flat_map(Parse()).output()
    lines.map(amount).output()
    lines.map(rate).output()
    lines.map(Convert(-1.0)).output()
    lines.flat_map(Numbers()).output()
    lines.map(share).output()
    lines.map(letters).output()
    lines.map(counted).output()
    lines.map(logged).output()
    env.execute()
