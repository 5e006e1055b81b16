"""Positions: distances, bearings, grid cells, boxes, tracks."""

import math

from org.apache.flink.api.common.functions import FilterFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

RADIUS = 6371.0088
POINTS = [('taxi%d' % (n % 5), 40.5 + n * 37 % 500 / 1000, -74.2 + n * 91 % 700 / 1000) for n in range(300)]
CODES = '0123456789bcdefghjkmnpqrstuvwxyz'


def haversine(lat1, lon1, lat2, lon2):
    a = math.radians(lat2 - lat1)
    b = math.radians(lon2 - lon1)
    h = math.sin(a / 2) ** 2 + math.cos(math.radians(lat1)) * math.cos(math.radians(lat2)) * math.sin(b / 2) ** 2
    return 2 * RADIUS * math.asin(math.sqrt(h))


class FromCentre(MapFunction):
    def __init__(self, lat, lon):
        self.lat = lat
        self.lon = lon

    def map(self, value):
        name, lat, lon = value
        return name, round(haversine(self.lat, self.lon, lat, lon), 3)


class InBox(FilterFunction):
    def __init__(self, south, west, north, east):
        self.box = (south, west, north, east)

    def filter(self, value):
        south, west, north, east = self.box
        return south <= value[1] <= north and west <= value[2] <= east


class Cell(KeySelector):
    def getKey(self, value):
        return int(math.floor(value[1] * 10)), int(math.floor(value[2] * 10))


class Bearing(MapFunction):
    def map(self, value):
        _, lat, lon = value
        a, b = math.radians(40.7), math.radians(lat)
        d = math.radians(lon + 74.0)
        y = math.sin(d) * math.cos(b)
        x = math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(d)
        degrees = (math.degrees(math.atan2(y, x)) + 360) % 360
        return ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'][int((degrees + 22.5) // 45) % 8]


class Geohash(MapFunction):
    def map(self, value):
        south, north, west, east = -90.0, 90.0, -180.0, 180.0
        code, bits, n = '', 0, 0
        even = True
        while len(code) < 7:
            if even:
                middle = (west + east) / 2
                if value[2] >= middle:
                    n = n * 2 + 1
                    west = middle
                else:
                    n = n * 2
                    east = middle
            else:
                middle = (south + north) / 2
                if value[1] >= middle:
                    n = n * 2 + 1
                    south = middle
                else:
                    n = n * 2
                    north = middle
            even = not even
            bits += 1
            if bits == 5:
                code += CODES[n]
                bits = n = 0
        return code


class North(ReduceFunction):
    def reduce(self, a, b):
        return a if a[1] >= b[1] else b


class Track(WindowFunction):
    def apply(self, key, window, values, collector):
        length = 0.0
        previous = None
        for value in values:
            if previous is not None:
                length += haversine(previous[1], previous[2], value[1], value[2])
            previous = value
        collector.collect((key, len(values), round(length, 2)))


def degrees_minutes(value):
    degrees = int(abs(value[1]))
    minutes = (abs(value[1]) - degrees) * 60
    return f"{degrees:02d}°{minutes:06.3f}'{'N' if value[1] >= 0 else 'S'}"


def manhattan(value):
    return abs(value[1] - 40.7) + abs(value[2] + 74)


def main(factory):
    env = factory.get_execution_environment()
    points = env.from_collection(POINTS)
    points.map(FromCentre(40.7, -74.0)).output('distance')
    points.filter(InBox(40.6, -74.1, 40.8, -73.9)).map(Bearing()).output('bearing')
    points.key_by(Cell()).reduce(North()).output('north')
    points.map(Geohash()).output('geohash')
    points.key_by(lambda point: point[0]).count_window(10).apply(Track()).output('track')
    points.map(degrees_minutes).output('text')
    points.map(manhattan).filter(lambda d: d < 0.3).output('near')
    env.execute('Positions')
