"""Parameters of a script."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional

from _pyflink.context import Configuration
from java.util import Properties


class ParameterTool:
    """Parameters given as `--key value`, `-key value`, or `--flag`.

    ::

        params = ParameterTool.fromArgs(sys.argv[1:])
        env.read_text_file(params.get("input"))
    """

    #: The value of a parameter that is given without one.
    NO_VALUE_KEY = "__NO_VALUE_KEY"

    def __init__(self, values: Dict[str, str]) -> None:
        self._values = values

    @staticmethod
    def fromArgs(arguments: Iterable[str]) -> "ParameterTool":
        """Reads `--key value` pairs; a key that another key or nothing follows has no value."""
        arguments = list(arguments)
        values: Dict[str, str] = {}
        at = 0
        while at < len(arguments):
            argument = arguments[at]
            key = argument[2:] if argument.startswith("--") else argument[1:] if argument.startswith("-") else ""
            if not key:
                raise ValueError(f"{argument!r} is not a key: keys begin with -- or -")
            at += 1
            if at < len(arguments) and (not arguments[at].startswith("-") or _is_number(arguments[at])):
                values[key] = arguments[at]
                at += 1
            else:
                values[key] = ParameterTool.NO_VALUE_KEY
        return ParameterTool(values)

    @staticmethod
    def fromMap(values: Dict[str, str]) -> "ParameterTool":
        """Takes the parameters from a dict."""
        return ParameterTool(dict(values))

    def has(self, key: str) -> bool:
        """Whether the parameter was given."""
        return key in self._values

    def get(self, key: str, default: Optional[str] = None) -> Optional[str]:
        """The parameter as text, or the default."""
        return self._values.get(key, default)

    def getRequired(self, key: str) -> str:
        """The parameter as text; an error if it was not given."""
        if key not in self._values:
            raise ValueError(f"the parameter --{key} is missing")
        return self._values[key]

    def getInt(self, key: str, default: Optional[int] = None) -> int:
        """The parameter as an int, or the default."""
        return self._number(key, default, int)

    getLong = getInt

    def getFloat(self, key: str, default: Optional[float] = None) -> float:
        """The parameter as a float, or the default."""
        return self._number(key, default, float)

    getDouble = getFloat

    def getBoolean(self, key: str, default: Optional[bool] = None) -> bool:
        """The parameter as a bool (`true` or not), or the default."""
        return self._number(key, default, lambda text: text.strip().lower() == "true")

    def getProperties(self) -> Properties:
        """All parameters as `Properties`."""
        properties = Properties()
        for key, value in self._values.items():
            properties.setProperty(key, value)
        return properties

    def getConfiguration(self) -> Configuration:
        """All parameters as a `Configuration`."""
        return Configuration(self._values)

    def toMap(self) -> Dict[str, str]:
        """All parameters as a dict."""
        return dict(self._values)

    def getNumberOfParameters(self) -> int:
        """How many parameters there are."""
        return len(self._values)

    def _number(self, key: str, default: Any, convert: Any) -> Any:
        if key in self._values:
            return convert(self._values[key])
        if default is None:
            raise ValueError(f"the parameter --{key} is missing")
        return default


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


__all__: List[str] = ["ParameterTool"]
