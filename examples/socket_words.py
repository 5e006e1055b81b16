"""Reads lines from a socket and writes upper case words to another; serves both ends itself, for show."""

import socket
import threading

from org.apache.flink.api.common.functions import FlatMapFunction
from org.apache.flink.api.common.serialization import SerializationSchema


class Server(threading.Thread):
    """Takes one connection; sends what it has, or gathers what it is sent."""

    def __init__(self, data=None):
        super().__init__()
        self.data = data
        self.received = b""
        self.listener = socket.create_server(("localhost", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        connection, _ = self.listener.accept()
        with connection, self.listener:
            if self.data is not None:
                connection.sendall(self.data)
                return
            while chunk := connection.recv(4096):
                self.received += chunk


class Words(FlatMapFunction):
    def flatMap(self, value, collector):
        for word in value.split():
            collector.collect(word.upper())


class Line(SerializationSchema):
    def serialize(self, value):
        return value + "\n"


def main(factory):
    sender, receiver = Server(b"some words\nfrom a socket\n"), Server()
    sender.start()
    receiver.start()
    env = factory.get_execution_environment()
    env.socket_text_stream("localhost", sender.port).flat_map(Words()).write_to_socket("localhost", receiver.port, Line())
    env.execute("Socket words")
    receiver.join()
    print(receiver.received.decode(), end="")
