"""GitHub over HTTP: the port made real."""
