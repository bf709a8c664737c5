"""python -m orchestrator <job>: exit codes and the only catch-all."""
