"""The one place that knows jobs and adapters."""
