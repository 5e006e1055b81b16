"""Text clean-up: strips markup, normalises, tokenises, and counts words, bigrams and hashtags."""

import re
import string
import unicodedata

from org.apache.flink.api.common.functions import (
    FlatMapFunction, MapFunction, ReduceFunction, RichFilterFunction,
)
from org.apache.flink.api.java.functions import KeySelector
from org.apache.flink.streaming.api.functions.windowing import WindowFunction

POSTS = (
    "<p>The Quick   brown fox &amp; the lazy dog!</p>",
    "RT @alice: Streaming #data is FUN, isn't it? https://example.com/a?b=c",
    "Café crème -- naïve façade; the the fox...",
    "   ",
    "Email me: bob@example.org #Data #streaming #DATA",
    "<b>Fox</b> and dog: 12 foxes, 3.5 dogs, and one cat-like thing",
    "The quick brown fox returns. The dog doesn't.",
    "RT @alice: Streaming #data is FUN, isn't it? https://example.com/a?b=c",
)

STOPWORDS = frozenset("a an and are as at be by for in is it me of on or one the to with".split())

TAG = re.compile(r"<[^>]+>")
URL = re.compile(r"https?://\S+")
WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")

ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"'}


def unescape(text):
    for entity, char in ENTITIES.items():
        text = text.replace(entity, char)
    return text


def strip_accents(text):
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


class CleanUp(MapFunction):
    def map(self, text):
        text = URL.sub("", TAG.sub(" ", text))
        text = unescape(text)
        return " ".join(text.split())


class Tokenise(FlatMapFunction):
    def __init__(self, stopwords, min_length=2):
        self.stopwords = stopwords
        self.min_length = min_length

    def flatMap(self, text, collector):
        for word in WORD.findall(strip_accents(text).lower()):
            if len(word) >= self.min_length and word not in self.stopwords:
                collector.collect(word)


def stem(word):
    """Very small stemmer: plurals and possessives only."""
    if word.endswith("'s"):
        word = word[:-2]
    if word.endswith("xes"):
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return word[:-1]
    return word


class CountWords(ReduceFunction):
    def reduce(self, a, b):
        return (a[0], a[1] + b[1])


def hashtags(text, collector):
    seen = set()
    for token in text.split():
        if token.startswith("#"):
            tag = token[1:].strip(string.punctuation).lower()
            if tag and tag not in seen:
                seen.add(tag)
                collector.collect((tag, 1))


class Bigrams(FlatMapFunction):
    def flatMap(self, text, collector):
        words = [w.strip(string.punctuation).lower() for w in text.split()]
        words = [w for w in words if w]
        for i in range(len(words) - 1):
            collector.collect("%s_%s" % (words[i], words[i + 1]))


class FirstLetter(KeySelector):
    def getKey(self, word):
        return word[0].upper()


class Glossary(WindowFunction):
    def apply(self, letter, window, words, collector):
        unique = sorted(set(words))
        longest = max(unique, key=len)
        collector.collect("{}: {} (longest {!r})".format(letter, ", ".join(unique), longest))


class Dedupe(RichFilterFunction):  # not pure
    def open(self, config):  # not pure
        self.seen = set()

    def filter(self, text):  # not pure
        if text in self.seen:
            return False
        self.seen.add(text)
        return True


def profile(text):
    letters = sum(1 for c in text if c.isalpha())
    digits = sum(1 for c in text if c.isdigit())
    upper = len([c for c in text if c.isupper()])
    ratio = upper / letters if letters else 0.0
    return {"length": len(text), "letters": letters, "digits": digits, "shouting": ratio > 0.2}


class Slug(MapFunction):
    def __init__(self, max_words):
        self.max_words = max_words

    def map(self, text):
        table = str.maketrans("", "", string.punctuation)
        words = strip_accents(text).translate(table).lower().split()
        return "-".join(words[:self.max_words])


def main(factory):
    env = factory.get_execution_environment()
    posts = env.from_elements(*POSTS).map(CleanUp()).filter(lambda t: len(t) > 0)
    fresh = posts.filter(Dedupe())

    words = fresh.flat_map(Tokenise(STOPWORDS))
    words.map(stem).map(lambda w: (w, 1)).key_by(lambda wc: wc[0]).reduce(CountWords()) \
        .filter(lambda wc: wc[1] > 1).output("word")
    words.key_by(FirstLetter()).count_window(3).apply(Glossary()).output("glossary")

    posts.flat_map(hashtags).key_by(lambda t: t[0]).reduce(lambda a, b: (a[0], a[1] + b[1])).output("tag")
    fresh.flat_map(Bigrams()).filter(lambda b: b.count("_") == 1 and b.startswith("the_")).output("bigram")
    fresh.map(profile).output("profile")
    fresh.map(Slug(4)).output("slug")

    env.execute("Text clean-up")
