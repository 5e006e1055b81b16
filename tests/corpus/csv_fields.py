"""CSV clean-up: splits quoted rows, types the fields, validates and reports per department."""

import csv
import io

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

COLUMNS = ["id", "name", "dept", "salary", "start", "remote"]

ROWS = [
    "id,name,dept,salary,start,remote",
    '1,"Meyer, Hans",Sales,"52,000",2019-04-01,yes',
    "2,Ann Lee,Engineering,71000.50,2020-11-15,no",
    '3,"O""Neil, Pat",Engineering,68500,2018-02-28,Y',
    "# a comment that somebody left",
    "4,Zoë Åkerlund, sales ,49000,2021-07-01,",
    "5,Short Row,HR",
    "6,Kim Bad,HR,n/a,2021-13-01,no",
    "",
    "7,Ravi Patel,hr,45 000,2022-01-10,TRUE",
    '8,"Quote ""Q"" Quinn",Engineering,83000,2015-09-30,no',
    "9,Lou Extra,Sales,50000,2020-01-01,no,surprise",
]


def split_row(line, delimiter=","):
    """A small splitter for quoted fields; doubled quotes stand for one."""
    fields = []
    current = ""
    quoted = False
    i = 0
    while i < len(line):
        ch = line[i]
        if quoted:
            if ch == '"':
                if i + 1 < len(line) and line[i + 1] == '"':
                    current += '"'
                    i += 1
                else:
                    quoted = False
            else:
                current += ch
        elif ch == '"':
            quoted = True
        elif ch == delimiter:
            fields.append(current)
            current = ""
        else:
            current += ch
        i += 1
    fields.append(current)
    return fields


class DataLine(FilterFunction):
    def __init__(self, header, comment="#"):
        self.header = header
        self.comment = comment

    def filter(self, line):
        stripped = line.strip()
        return bool(stripped) and not stripped.startswith(self.comment) and stripped != self.header


def parse_amount(text):
    cleaned = text.replace(",", "").replace(" ", "")
    try:
        return float(cleaned)
    except ValueError:
        return None


def is_date(text):
    parts = text.split("-")
    if len(parts) != 3 or not all(p.isdigit() for p in parts):
        return False
    year, month, day = map(int, parts)
    return 1900 <= year < 2100 and 1 <= month <= 12 and 1 <= day <= 31


class ToRecord(MapFunction):
    def __init__(self, columns):
        self.columns = columns

    def map(self, fields):
        record = dict(zip(self.columns, [f.strip() for f in fields]))
        record["errors"] = []
        if len(fields) < len(self.columns):
            record["errors"].append("missing " + "/".join(self.columns[len(fields):]))
        elif len(fields) > len(self.columns):
            record["errors"].append("%d extra" % (len(fields) - len(self.columns)))
        return record


class TypeFields(MapFunction):
    TRUE = {"y", "yes", "true", "1"}

    def map(self, record):
        errors = list(record["errors"])
        salary = parse_amount(record.get("salary", ""))
        if salary is None:
            errors.append("salary")
        if not is_date(record.get("start", "")):
            errors.append("start")
        return {
            **record,
            "id": int(record["id"]),
            "dept": record["dept"].title() if len(record["dept"]) > 2 else record["dept"].upper(),
            "salary": salary,
            "remote": record.get("remote", "").lower() in self.TRUE,
            "errors": errors,
        }


class GoodOrBad(OutputSelector):
    def select(self, record):
        return "bad" if record["errors"] else "good"


class ByDept(KeySelector):
    def getKey(self, record):
        return record["dept"]


class HigherPaid(ReduceFunction):
    def reduce(self, a, b):
        return b if b["salary"] > a["salary"] else a


class DeptReport(WindowFunction):
    def apply(self, dept, window, records, collector):
        total = 0.0
        names = []
        for r in records:
            total += r["salary"]
            names.append(r["name"])
        collector.collect((dept, len(names), round(total / len(names), 2), "; ".join(sorted(names))))


class Unpivot(FlatMapFunction):
    def __init__(self, key, *columns):
        self.key = key
        self.columns = columns

    def flatMap(self, record, collector):
        for column in self.columns:
            value = record[column]
            if value is not None and value != "":
                collector.collect((record[self.key], column, value))


def to_csv(record):
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([record.get(c) for c in COLUMNS])
    return out.getvalue()


def main(factory):
    env = factory.get_execution_environment()
    records = env.from_collection(ROWS) \
        .filter(DataLine(",".join(COLUMNS))) \
        .map(split_row) \
        .map(ToRecord(COLUMNS)) \
        .map(TypeFields())

    checked = records.split(GoodOrBad())
    good = checked.select("good")
    checked.select("bad").map(lambda r: f"row {r['id']:>3}: {', '.join(r['errors'])}").output("rejected")

    good.map(to_csv).output("csv")
    good.key_by(ByDept()).count_window(2).apply(DeptReport()).output("dept")
    good.key_by(ByDept()).reduce(HigherPaid()).map(lambda r: (r["dept"], r["name"], r["salary"])).output("top")
    good.filter(lambda r: r["remote"]).flat_map(Unpivot("id", "name", "start", "salary")).output("cell")

    env.execute("CSV fields")
