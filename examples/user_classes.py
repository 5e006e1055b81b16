"""Elements may be objects of a script's own classes."""

from org.apache.flink.api.common.functions import MapFunction, ReduceFunction
from org.apache.flink.api.java.functions import KeySelector


class Order:
    def __init__(self, customer, amount):
        self.customer = customer
        self.amount = amount

    def __str__(self):
        return "{}: {:.2f}".format(self.customer, self.amount)


class WithTax(MapFunction):
    def __init__(self, rate):
        self.rate = rate

    def map(self, value):
        return Order(value.customer, value.amount * (1 + self.rate))


class ByCustomer(KeySelector):
    def getKey(self, value):
        return value.customer


class Total(ReduceFunction):
    def reduce(self, a, b):
        return Order(a.customer, a.amount + b.amount)


def main(factory):
    env = factory.get_execution_environment()
    orders = env.from_elements(Order("ann", 10), Order("bob", 4.5), Order("ann", 2.5))
    orders.map(WithTax(0.2)).key_by(ByCustomer()).reduce(Total()).output()
    env.execute("Orders")
