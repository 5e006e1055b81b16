class Rows:
    """Random values with the edges of every type. Same seed, same values."""

    INTS = [0, 1, -1, 2, 7, 10, 63, 64, 255, 2**31, -(2**31), 2**53, 2**53 + 1, -(2**53) - 1, 2**62, 2**63 - 1,
            2**63 - 2, -(2**63), -(2**63) + 1, 3037000499, 3037000500, 10**18]
    FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 2.5, 1e16, 123456789012345680.0, 1e-5, 0.0001, 1e22, 5e-324,
              1.7976931348623157e308, float("inf"), float("-inf"), float("nan"), 9007199254740993.0,
              9.223372036854775e18, -9.223372036854776e18, 0.1, 1 / 3, 2.675, 1e100]
    WORDS = ["", "a", "Error", "warn", "GET /index.html", "k=v;x=1", "12", "-3", " 42 ", "3.5", "1e5", "nan", "0x1f",
             "1_000", "a,b,,c", "  two  words ", "tab\tand\nline\r\nend", "abcabcabc", "{}%s", "The Quick brown fox",
             "user@example.org", "2019-05-01", "'quoted'", 'both \'"', "back\\slash", "007", "ABC", "x" * 30]
    ODD = ["Straße", "café", "cafe\u0301", "İstanbul", "ﬁn", "٣٤", "ǆ", "😀 ok", "\u2028line\u2029", "a\x1cb\x1d",
           "\x85next", "\x00nul", "\u00a0nbsp\u00a0", "ΑΣ", "日本 語", "½", "²", "\ud800", "a\udcff", "\ufeffbom", "\x7f"]
    MOMENTS = [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999), datetime(2000, 2, 29), datetime(999, 1, 1),
               datetime(2020, 10, 25, 2, 30, fold=1), datetime(1900, 2, 28, 12)]
    BYTES = [b"", b"a", b"GET /", b"\x00\xff\x80", b"key: value\r\n", b"12", "é".encode(), b"ABC abc", b"a,b,c", b"\xc3"]

    def __init__(self, seed, odd):
        self.state = seed * 2654435761 % 2**32 + 1
        self.odd = odd
        # Some take their types by turns, so many rows each.
        self.turn = [0, 0, 3, 10, 40, 100][seed % 6]
        self.at = 0

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit

    def one(self, of):
        return of[self.below(len(of))]

    def int(self):
        kind = self.below(10)
        if kind < 6:
            return self.below(41) - 12
        if kind < 8:
            return self.below(2000000) - 500000
        return self.one(Rows.INTS)

    def float(self):
        kind = self.below(10)
        if kind < 4:
            return (self.below(400) - 100) / 4
        if kind < 6:
            return (self.below(2000000) - 500000) / 1000
        if kind == 6:
            return float(self.int())
        if kind == 7:
            bits = (self.below(2**31) << 33) | (self.below(2**31) << 2)
            return struct.unpack("<d", struct.pack("<Q", bits))[0]
        return self.one(Rows.FLOATS)

    def bool(self):
        return self.below(2) == 0

    def str(self):
        kind = self.below(12)
        if kind < 6:
            return self.one(Rows.WORDS)
        if kind < 9:
            return "".join(chr(32 + self.below(95)) for _ in range(self.below(12)))
        if kind < 11:
            return " ".join(self.one(Rows.WORDS) for _ in range(self.below(4)))
        return self.one(Rows.ODD) + self.one(["", " ", self.one(Rows.WORDS)])

    def moment(self):
        if self.below(4) == 0:
            return self.one(Rows.MOMENTS)
        return datetime(1970, 1, 1) + timedelta(seconds=self.below(2**31), microseconds=self.one([0, 0, 500000, 1]))

    def delta(self):
        return timedelta(days=self.one([0, 0, 1, -1, 400]), seconds=self.below(200000) - 50000, microseconds=self.one([0, 0, 1]))

    def bytes(self):
        if self.below(2):
            return self.one(Rows.BYTES)
        return bytes(self.below(256) if self.below(6) == 0 else 32 + self.below(95) for _ in range(self.below(10)))

    def kinds(self, of):
        return of[self.at // self.turn % len(of)] if self.turn else self.one(of)

    def maybe(self, of):
        if self.turn:
            return of() if self.at // self.turn % 2 else None
        return None if self.below(4) == 0 else of()

    def list(self, of):
        return [of() for _ in range(self.below(6))]

    def anything(self):
        return self.one([None, True, 2**63, -(2**63) - 1, 2**200, "7", b"7", 1.5, 4, (), (1, "a"), [], [1, 2], {"a": 1}])

    def row(self, of):
        self.at += 1
        return self.anything() if self.odd and self.below(self.odd) == 0 else of(self)


def rows(seed, start, end, odd, of):
    """A generator, so that nobody asks for rows before the job runs."""
    r = Rows(seed, odd)
    for at in range(end):
        row = r.row(of)
        if at >= start:
            yield row


class Word(str):
    """Text of `show` itself, not of the value that it shows."""


def show(value):
    """A value and the types of all its parts, in ASCII. Looks at them directly: methods of a script's class aren't called."""
    text, rest = [], [value]
    while rest:
        part = rest.pop()
        kind = type(part)
        if kind is Word:
            text.append(str(part))
            continue
        if isinstance(part, Enum):
            text.append(kind.__name__ + "." + part.name)
            continue
        if kind is dict:
            parts = [one for item in part.items() for one in item]
        elif isinstance(part, (tuple, list)):
            parts = part
        elif hasattr(part, "__dict__"):
            parts = [one for item in vars(part).items() for one in item]
        elif hasattr(part, "__slots__"):
            parts = [(name, getattr(part, name)) for name in part.__slots__]
        else:
            text.append(ascii(part))
            continue
        text.append(kind.__name__ + "(")
        rest.append(Word(")"))
        for one in reversed(list(parts)):
            rest.append(Word(", "))
            rest.append(one)
    return "".join(text)
