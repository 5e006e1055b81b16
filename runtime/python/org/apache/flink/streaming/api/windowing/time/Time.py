"""``from …windowing.time.Time import milliseconds``, as in Jython, where `Time` is a class with static methods."""

import sys

from org.apache.flink.streaming.api.windowing.time import Time

milliseconds = Time.milliseconds
seconds = Time.seconds
minutes = Time.minutes
hours = Time.hours
days = Time.days
of = Time.of

# The class takes the module's place, so that both ways of importing give one and the same thing.
sys.modules[__name__] = Time  # type: ignore[assignment]
