"""Text: clean-up, tokens, n-grams, counts, palindromes, ciphers; over Shakespeare's lines and odd ones."""

import os
import re

from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

STOP = {'the', 'and', 'of', 'to', 'a', 'in', 'that', 'is', 'my', 'i'}
ODD = ['', '   ', 'Straße und Öl', 'cafe\u0301', 'ΑΣ', 'a\tb\x1cc', 'İi', 'tab\tsep', '"quoted"', 'x' * 60, 'nul\x00']
PLAIN = ['The quick brown fox jumps over the lazy dog', 'A man, a plan, a canal: Panama', "it's 5 o'clock", 'No. 42!']


class Words(FlatMapFunction):
    def flatMap(self, value, collector):
        for word in value.lower().split():
            word = word.strip('.,;:!?\'"-[]()')
            if word and word not in STOP:
                collector.collect((word, 1))


class Add(ReduceFunction):
    def reduce(self, a, b):
        return a[0], a[1] + b[1]


class Clean(MapFunction):
    def map(self, value):
        text = value.strip().replace('\t', ' ')
        while '  ' in text:
            text = text.replace('  ', ' ')
        return text


class Squeeze(MapFunction):
    def map(self, value):
        return re.sub(r'\s+', ' ', value).strip()


class Bigrams(FlatMapFunction):
    def flatMap(self, value, collector):
        words = value.split()
        for first, second in zip(words, words[1:]):
            collector.collect(first + ' ' + second)


class Trigrams(FlatMapFunction):
    def __init__(self, size):
        self.size = size

    def flatMap(self, value, collector):
        for at in range(len(value) - self.size + 1):
            collector.collect(value[at:at + self.size])


class Letters(MapFunction):
    def map(self, value):
        vowels = consonants = others = 0
        for letter in value.lower():
            if letter in 'aeiou':
                vowels += 1
            elif letter.isalpha():
                consonants += 1
            else:
                others += 1
        return vowels, consonants, others


class Palindrome(FilterFunction):
    def filter(self, value):
        letters = [c for c in value.lower() if c.isalnum()]
        return len(letters) > 2 and letters == letters[::-1]


def rot13(value):
    out = ''
    for c in value:
        if 'a' <= c <= 'z':
            out += chr((ord(c) - 97 + 13) % 26 + 97)
        elif 'A' <= c <= 'Z':
            out += chr((ord(c) - 65 + 13) % 26 + 65)
        else:
            out += c
    return out


def run_lengths(value):
    runs = []
    last, count = '', 0
    for c in value:
        if c == last:
            count += 1
        else:
            if count:
                runs.append('%s%d' % (last, count) if count > 1 else last)
            last, count = c, 1
    if count:
        runs.append('%s%d' % (last, count) if count > 1 else last)
    return ''.join(runs)


class Tokens(FlatMapFunction):
    """Numbers, words and signs, as (kind, text)."""

    def flatMap(self, value, collector):
        at = 0
        while at < len(value):
            c = value[at]
            end = at + 1
            if c.isspace():
                at = end
                continue
            if c.isdigit():
                kind = 'number'
                while end < len(value) and value[end].isdigit():
                    end += 1
            elif c.isalpha():
                kind = 'word'
                while end < len(value) and value[end].isalnum():
                    end += 1
            else:
                kind = 'sign'
            collector.collect((kind, value[at:end]))
            at = end


class Shape(MapFunction):
    def map(self, value):
        return ''.join(['A' if c.isupper() else 'a' if c.islower() else '0' if c.isdigit() else c for c in value])


class Capital(MapFunction):
    def map(self, value):
        return ' '.join(word[0].upper() + word[1:] for word in value.split(' ') if word)


class Longest(WindowFunction):
    def apply(self, key, window, values, collector):
        best = ''
        for value in values:
            if len(value) > len(best):
                best = value
        collector.collect((key, best, len(values)))


def acronym(value):
    return ''.join(word[0] for word in value.split()).upper()


def anagram_key(value):
    return ''.join(sorted(value.lower().replace(' ', '')))


def sentence(value):
    return value[:1].upper() + value[1:].rstrip('.') + '.'


def main(factory):
    env = factory.get_execution_environment()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'examples', 'data', 'shakespeare.txt')
    lines = env.read_text_file(path)
    lines.flat_map(Words()).key_by(lambda pair: pair[0]).reduce(Add()).filter(lambda pair: pair[1] % 20 == 0).output('words')
    lines.filter(lambda line: line.startswith('  ')).map(Clean()).output('clean')
    lines.map(Squeeze()).filter(lambda line: len(line) > 60).output('squeezed')
    lines.flat_map(Bigrams()).filter(lambda pair: pair.startswith('my ')).output('bigrams')
    lines.map(Letters()).filter(lambda counts: counts[0] > 20).output('letters')
    lines.filter(lambda line: line.isupper()).map(Capital()).map(acronym).output('acronym')
    lines.flat_map(lambda line: line.split()).key_by(lambda word: word[:1]).count_window(40).apply(Longest()).output('longest')
    odd = env.from_collection(ODD + PLAIN * 30)
    odd.map(Clean()).map(Shape()).output('shape')
    odd.filter(Palindrome()).output('palindromes')
    odd.map(rot13).output('rot13')
    odd.map(run_lengths).output('runs')
    odd.flat_map(Tokens()).output('tokens')
    odd.flat_map(Trigrams(3)).filter(lambda gram: gram[0] == gram[2]).output('trigrams')
    odd.map(anagram_key).output('anagram')
    odd.map(sentence).output('sentence')
    env.execute('Text')
