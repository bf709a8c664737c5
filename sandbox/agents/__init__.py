"""Scripted agents: small programs that behave like coding-agent CLIs, well and badly, for demo and tests."""
