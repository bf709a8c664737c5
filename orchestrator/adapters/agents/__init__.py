"""Coding agents as sandboxed processes."""
