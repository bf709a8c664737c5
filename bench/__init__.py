"""Measures what the system costs: `python -m bench.ticks` for an idle minute, `python -m bench.task` for one task."""
