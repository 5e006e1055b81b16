"""Counts the words of a text file (--input) as they come, to a file (--output) or to standard output.

For each word, its count so far: the last line of a word holds how often it is there.
"""

import argparse

from org.apache.flink.api.common.functions import FlatMapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector

TEXT = [
    "To be, or not to be,--that is the question:--",
    "Whether 'tis nobler in the mind to suffer",
    "The slings and arrows of outrageous fortune",
]


class Tokenizer(FlatMapFunction):
    def flatMap(self, value, collector):
        for word in value.lower().split():
            collector.collect((1, word))


class ByWord(KeySelector):
    def getKey(self, value):
        return value[1]


class Sum(ReduceFunction):
    def reduce(self, a, b):
        return a[0] + b[0], a[1]


def main(factory):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", help="the text file to read; without it, three lines of Hamlet")
    parser.add_argument("--output", help="the file to write; without it, standard output")
    args = parser.parse_args()

    env = factory.get_execution_environment()
    text = env.read_text_file(args.input) if args.input else env.from_collection(TEXT)
    counts = text.flat_map(Tokenizer()).key_by(ByWord()).reduce(Sum())
    if args.output:
        counts.write_as_text(args.output)
    else:
        counts.output()
    env.execute("Word count")
