"""The environment under its own name, whose static methods make environments as the factory does."""

from __future__ import annotations

from typing import Any

from _pyflink.environment import StreamExecutionEnvironment
from _pyflink.factory import PythonEnvironmentFactory


class PythonStreamExecutionEnvironment(StreamExecutionEnvironment):
    """`PythonStreamExecutionEnvironment.get_execution_environment()` is what the factory gives."""

    @staticmethod
    def get_execution_environment() -> StreamExecutionEnvironment:
        """An environment that runs jobs in this process."""
        return PythonEnvironmentFactory().get_execution_environment()

    @staticmethod
    def create_local_execution_environment(*arguments: Any) -> StreamExecutionEnvironment:
        """As the factory's."""
        return PythonEnvironmentFactory().create_local_execution_environment(*arguments)

    @staticmethod
    def create_remote_execution_environment(host: str, port: int, *arguments: Any) -> StreamExecutionEnvironment:
        """As the factory's."""
        return PythonEnvironmentFactory().create_remote_execution_environment(host, port, *arguments)
