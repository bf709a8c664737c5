"""Append-only records: attempts, outcomes, events."""
