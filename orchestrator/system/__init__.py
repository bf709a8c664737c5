"""Durable files, locks, processes and guarded YAML; no word of the domain."""
