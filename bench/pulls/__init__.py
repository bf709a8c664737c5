"""Many pull requests at once: what bringing ten of them to main costs in CI, and what fifty cost while nothing happens."""
