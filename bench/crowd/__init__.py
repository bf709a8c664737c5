"""Many tasks over several repositories with agents that fail and workers that are killed: the load run."""
