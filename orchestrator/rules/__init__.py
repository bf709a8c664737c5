"""The decisions, pure: they get what was seen and the time, and return steps or verdicts."""
