"""The operator's verbs: what a person asks of the office, and what it answers."""
