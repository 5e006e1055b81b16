"""Top-n: best scores per game, leaderboards, most frequent items, bounded heaps."""

import heapq
from collections import Counter, OrderedDict
from functools import reduce as fold
from operator import itemgetter

from org.apache.flink.api.common.functions import FilterFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.functions.source import SourceFunction
from org.apache.flink.streaming.api.functions.windowing import WindowFunction
from org.apache.flink.streaming.api.windowing.time.Time import milliseconds

PLAYERS = ["ada", "bo", "cy", "dee", "eve", "flo"]
GAMES = ("chess", "go", "poker")


class ScoreSource(SourceFunction):  # not pure
    """A linear congruential generator, so that runs can be compared."""

    def __init__(self, count, seed=42):
        self._count = count
        self._seed = seed
        self._running = True

    def run(self, ctx):  # not pure
        x = self._seed
        n = 0
        while self._running and n < self._count:
            x = (1103515245 * x + 12345) % 2 ** 31
            player = PLAYERS[(x >> 8) % len(PLAYERS)]
            game = GAMES[(x >> 16) % len(GAMES)]
            ctx.collect((game, player, (x >> 4) % 1000))
            n += 1

    def cancel(self):  # not pure
        self._running = False


class PlausibleScore(FilterFunction):
    def __init__(self, low=10, high=990):
        self.low = low
        self.high = high

    def filter(self, score):
        return self.low <= score[2] <= self.high


class Score:
    __slots__ = ("player", "points")

    def __init__(self, player, points):
        self.player = player
        self.points = points

    def __repr__(self):
        return f"{self.player}={self.points}"


def insert_top(board, entry, n):
    """A new list: `board` with `entry`, best first, at most n long."""
    result = []
    placed = False
    for item in board:
        if not placed and entry[1] > item[1]:
            result.append(entry)
            placed = True
        result.append(item)
    if not placed:
        result.append(entry)
    return result[:n]


class StartBoard(MapFunction):
    def map(self, score):
        game, player, points = score
        return game, [(player, points)]


class KeepTop(ReduceFunction):
    def __init__(self, n):
        self.n = n

    def reduce(self, a, b):
        board = a[1]
        for entry in b[1]:
            board = insert_top(board, entry, self.n)
        return a[0], board


class ByGame(KeySelector):
    def getKey(self, score):
        return score[0]


class Leaders(WindowFunction):
    def __init__(self, n):
        self.n = n

    def apply(self, game, window, scores, collector):
        best = heapq.nlargest(self.n, scores, key=lambda s: (s[2], s[1]))
        for rank, (_, player, points) in enumerate(best, 1):
            collector.collect((window.start, game, rank, Score(player, points)))


class MostActive(WindowFunction):
    def apply(self, key, window, scores, collector):
        counts = Counter(player for _, player, _ in scores)
        ranked = sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))
        collector.collect("%s most active: %s" % (key, ", ".join("%s (%d)" % kv for kv in ranked[:3])))


class BestPerPlayer(WindowFunction):
    def apply(self, key, window, scores, collector):
        best = OrderedDict()
        for _, player, points in scores:
            if player not in best or best[player] < points:
                best[player] = points
        collector.collect((key, dict(sorted(best.items(), key=itemgetter(1), reverse=True))))


def medal(points):
    for limit, name in ((900, "gold"), (700, "silver"), (500, "bronze")):
        if points >= limit:
            return name
    return None


def medals(score, collector):
    name = medal(score[2])
    if name is not None:
        collector.collect(((score[1], name), 1))


def total_points(board):
    return fold(lambda acc, entry: acc + entry[1], board, 0)


def main(factory):
    env = factory.get_execution_environment()
    scores = env.create_python_source(ScoreSource(120)).filter(PlausibleScore())

    boards = scores.map(StartBoard()).key_by(ByGame()).reduce(KeepTop(3))
    boards.filter(lambda b: total_points(b[1]) > 2900).output("board")

    scores.key_by(ByGame()).time_window(milliseconds(60)).apply(Leaders(2)).output("leader")
    scores.key_by(ByGame()).count_window(20).apply(MostActive()).output()
    scores.key_by(lambda s: s[0]).count_window(15).apply(BestPerPlayer()).output("best")

    scores.flat_map(medals) \
        .key_by(lambda m: m[0]) \
        .reduce(lambda a, b: (a[0], a[1] + b[1])) \
        .filter(lambda m: m[1] >= 3) \
        .map(lambda m: "{0} has {2} {1} medals".format(*m[0], m[1])) \
        .output()

    env.execute("Top n")
