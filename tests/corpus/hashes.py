"""Checksums, hashes, codes and bytes; Python's ints are masked to the width of a machine's."""

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction

TEXTS = ['item %d of %d' % (n, n * n) for n in range(200)] + ['', 'a', 'größer', '😀', 'x' * 100]
FRAMES = [bytes([n % 256, n * 7 % 256, 0x7E if n % 9 == 0 else n * 13 % 256, n * 31 % 256]) for n in range(200)] + [b'', b'\x7e']


def fnv1a(text):
    h = 0xCBF29CE484222325
    for byte in text.encode('utf-8'):
        h ^= byte
        h = h * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def fnv32(text):
    h = 0x811C9DC5
    for byte in text.encode():
        h = (h ^ byte) * 0x01000193 & 0xFFFFFFFF
    return h


def adler32(text):
    a, b = 1, 0
    for byte in text.encode():
        a = (a + byte) % 65521
        b = (b + a) % 65521
    return b << 16 | a


class Crc32(MapFunction):
    def map(self, value):
        crc = 0xFFFFFFFF
        for byte in value:
            crc ^= byte
            for _ in range(8):
                crc = crc >> 1 ^ 0xEDB88320 if crc & 1 else crc >> 1
        return '%08x' % (crc ^ 0xFFFFFFFF)


def crc16(value):
    crc = 0
    for byte in value:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1 & 0xFFFF
    return crc


def djb2(text):
    h = 5381
    for c in text:
        h = (h * 33 + ord(c)) % 2 ** 32
    return h


def java_hash(text):
    h = 0
    for c in text:
        h = 31 * h + ord(c) & 0xFFFFFFFF
    return h - 2 ** 32 if h >= 2 ** 31 else h


def mix(n):
    n = (n ^ n >> 16) * 0x45D9F3B & 0xFFFFFFFF
    n = (n ^ n >> 16) * 0x45D9F3B & 0xFFFFFFFF
    return n ^ n >> 16


class Hex(MapFunction):
    def map(self, value):
        return ' '.join(['%02x' % byte for byte in value])


class Escape(MapFunction):
    def map(self, value):
        return value.replace(b'\x7d', b'\x7d\x5d').replace(b'\x7e', b'\x7d\x5e')


class Parity(FilterFunction):
    def filter(self, value):
        ones = 0
        for byte in value:
            while byte:
                ones += byte & 1
                byte >>= 1
        return ones % 2 == 0


class Header(MapFunction):
    def map(self, value):
        if len(value) < 4:
            return -1, -1, False
        return value[0] << 8 | value[1], value[2], value.startswith(b'\x00') or value[-1] > 127


class Chunks(FlatMapFunction):
    def __init__(self, size):
        self.size = size

    def flatMap(self, value, collector):
        for at in range(0, len(value), self.size):
            collector.collect(value[at:at + self.size])


class Xor(ReduceFunction):
    def reduce(self, a, b):
        return a ^ b


def readable(value):
    return ''.join(chr(byte) if 32 <= byte < 127 else '.' for byte in value)


def decoded(value):
    try:
        return value.decode('utf-8')
    except UnicodeDecodeError:
        return '?'


def caesar(value, shift=3):
    return bytes([(byte + shift) % 256 for byte in value])


def gray(n):
    return n ^ n >> 1


def main(factory):
    env = factory.get_execution_environment()
    texts, frames = env.from_collection(TEXTS), env.from_collection(FRAMES)
    texts.map(fnv1a).output('fnv1a')
    texts.map(fnv32).map(lambda h: '%x' % h).output('fnv32')
    texts.map(adler32).output('adler32')
    texts.map(djb2).output('djb2')
    texts.map(java_hash).key_by(lambda h: h % 8).reduce(Xor()).output('java')
    texts.map(lambda text: text.encode('utf-8')).flat_map(Chunks(5)).output('chunks')
    frames.map(Crc32()).output('crc32')
    frames.map(crc16).output('crc16')
    frames.map(Hex()).output('hex')
    frames.map(Escape()).output('escaped')
    frames.filter(Parity()).output('parity')
    frames.map(Header()).output('header')
    frames.map(readable).output('readable')
    frames.map(decoded).output('decoded')
    frames.map(caesar).output('caesar')
    env.generate_sequence(1, 200).map(mix).map(gray).output('mix')
    env.execute('Hashes')
