"""The factory that `main` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional

from _pyflink.environment import StreamExecutionEnvironment
from _pyflink.nearest import no_attribute


class PythonEnvironmentFactory:
    """Makes environments: `env = factory.get_execution_environment()`."""

    def get_execution_environment(self) -> StreamExecutionEnvironment:
        """An environment that runs jobs in this process."""
        return StreamExecutionEnvironment()

    def create_local_execution_environment(self, *arguments: Any) -> StreamExecutionEnvironment:
        """An environment that runs jobs in this process: `()`, `(config)` or `(parallelism, config)`."""
        parallelism: Optional[int] = None
        config: Any = None
        if len(arguments) > 2:
            raise TypeError("create_local_execution_environment() takes (), (config) or (parallelism, config)")
        for argument in arguments:
            if isinstance(argument, int) and not isinstance(argument, bool) and parallelism is None and config is None:
                parallelism = argument
            elif argument is None or isinstance(argument, Mapping) or hasattr(argument, "toMap"):
                config = argument
            else:
                raise TypeError(
                    "create_local_execution_environment() takes (), (config) or (parallelism, config), and a config "
                    f"is a mapping, not {type(argument).__name__}"
                )
        if parallelism is None and config is not None:
            default = (config.toMap() if hasattr(config, "toMap") else config).get("parallelism.default")
            parallelism = None if default is None else int(default)
        return StreamExecutionEnvironment(parallelism)

    def create_remote_execution_environment(self, host: str, port: int, *arguments: Any) -> StreamExecutionEnvironment:
        """An environment whose jobs run on a Flink cluster; it isn't there yet."""
        raise NotImplementedError(
            f"create_remote_execution_environment({host!r}, {port!r}): remote clusters aren't there yet; "
            f"use get_execution_environment()"
        )

    if not TYPE_CHECKING:  # a checker is to find unknown names by itself

        def __getattr__(self, name: str) -> Any:
            raise no_attribute("the factory", type(self), name)
