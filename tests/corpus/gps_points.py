"""GPS points: haversine distances, geofences, grid cells, speed and trip length."""

from dataclasses import dataclass
from math import asin, atan2, cos, degrees, radians, sin, sqrt
from typing import NamedTuple

from org.apache.flink.api.common.functions import FlatMapFunction, MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.collector.selector import OutputSelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

EARTH_RADIUS_KM = 6371.0088


class Point(NamedTuple):
    vehicle: str
    ts: int
    lat: float
    lon: float


@dataclass
class Trip:
    vehicle: str
    last: Point
    km: float = 0.0
    top_speed: float = 0.0

    def __str__(self):
        return f"{self.vehicle}: {self.km:.3f} km, top {self.top_speed:.1f} km/h"


FIXES = [
    "$GPRMC,van1,0,52.5200,13.4050,A",
    "$GPRMC,van2,5,48.1372,11.5756,A",
    "$GPRMC,van1,60,52.5163,13.3777,A",
    "$GPRMC,van1,120,52.5145,13.3501,A",
    "$GPRMC,bike,130,52.5070,13.4240,A",
    "$GPRMC,van2,140,48.1500,11.5810,A",
    "$GPRMC,van1,180,99.0000,13.3000,A",
    "$GPRMC,van2,200,48.1700,11.5900,V",
    "$GPRMC,bike,190,52.5081,13.4262,A",
    "$GPRMC,van2,260,48.1899,11.6010,A",
    "$GPRMC,van1,300,52.5112,13.2850,A",
    "$GPGSV,3,1,11",
    "$GPRMC,bike,310,52.5105,13.4349,A",
    "$GPRMC,van2,320,48.2188,11.6247,A",
]

FENCES = {
    "mitte": (52.5200, 13.4050, 2.5),
    "tiergarten": (52.5145, 13.3501, 1.5),
    "schwabing": (48.1650, 11.5860, 3.0),
}


def haversine(lat1, lon1, lat2, lon2):
    p1, p2 = radians(lat1), radians(lat2)
    dp = p2 - p1
    dl = radians(lon2 - lon1)
    a = sin(dp / 2) ** 2 + cos(p1) * cos(p2) * sin(dl / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(a))


def bearing(a, b):
    p1, p2 = radians(a.lat), radians(b.lat)
    dl = radians(b.lon - a.lon)
    y = sin(dl) * cos(p2)
    x = cos(p1) * sin(p2) - sin(p1) * cos(p2) * cos(dl)
    return (degrees(atan2(y, x)) + 360) % 360


def compass(angle):
    names = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
    return names[int((angle + 22.5) // 45) % 8]


class ParseFix(FlatMapFunction):
    def flatMap(self, sentence, collector):
        parts = sentence.split(",")
        if parts[0] != "$GPRMC" or parts[-1] != "A":
            return
        _, vehicle, ts, lat, lon, _ = parts
        collector.collect(Point(vehicle, int(ts), float(lat), float(lon)))


def valid_coordinates(p):
    return -90 <= p.lat <= 90 and -180 <= p.lon <= 180


class ByVehicle(KeySelector):
    def getKey(self, p):
        return p.vehicle


class StartTrip(MapFunction):
    def map(self, p):
        return Trip(p.vehicle, p)


class ExtendTrip(ReduceFunction):
    def reduce(self, trip, other):
        a, b = trip.last, other.last
        km = haversine(a.lat, a.lon, b.lat, b.lon)
        hours = (b.ts - a.ts) / 3600
        speed = km / hours if hours > 0 else 0.0
        return Trip(trip.vehicle, b, trip.km + km, max(trip.top_speed, speed))


class Fences(OutputSelector):
    def __init__(self, fences):
        self.fences = fences

    def select(self, p):
        return [name for name, (lat, lon, radius) in self.fences.items()
                if haversine(p.lat, p.lon, lat, lon) <= radius]


class GridCell(MapFunction):
    def __init__(self, size):
        self.size = size

    def map(self, p):
        row = int(p.lat // self.size)
        col = int(p.lon // self.size)
        return (row, col), 1, {p.vehicle}


class Heading(WindowFunction):
    def apply(self, vehicle, window, points, collector):
        fixes = list(points)
        if len(fixes) < 2:
            return
        angle = bearing(fixes[0], fixes[-1])
        collector.collect("%s heading %s (%03.0f)" % (vehicle, compass(angle), angle))


class BoundingBox(WindowFunction):
    def apply(self, vehicle, window, points, collector):
        lats = [p.lat for p in points]
        lons = [p.lon for p in points]
        collector.collect((vehicle, (min(lats), min(lons)), (max(lats), max(lons))))


def main(factory):
    env = factory.get_execution_environment()
    points = env.from_collection(FIXES).flat_map(ParseFix()).filter(valid_coordinates)

    points.map(StartTrip()).key_by(lambda t: t.vehicle).reduce(ExtendTrip()).output("trip")

    fenced = points.split(Fences(FENCES))
    for name in FENCES:
        fenced.select(name).map(lambda p: "%s@%d" % (p.vehicle, p.ts)).output(name)

    points.map(GridCell(0.05)) \
        .key_by(lambda c: c[0]) \
        .reduce(lambda a, b: (a[0], a[1] + b[1], a[2] | b[2])) \
        .map(lambda c: (c[0], c[1], sorted(c[2]))) \
        .output("cell")

    by_vehicle = points.key_by(ByVehicle())
    by_vehicle.count_window(2, 1).apply(Heading()).output()
    by_vehicle.count_window(3).apply(BoundingBox()).output("bbox")

    env.execute("GPS points")
