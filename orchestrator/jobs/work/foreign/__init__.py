"""The worker's stages for the review of somebody else's pull request: nothing is committed, and nothing is pushed."""
