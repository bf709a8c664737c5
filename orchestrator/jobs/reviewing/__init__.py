"""What the PR monitor looks at and does, one subject a module."""
