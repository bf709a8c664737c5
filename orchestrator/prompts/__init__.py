"""Prompts: templates as files, rendered strictly."""
