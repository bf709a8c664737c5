"""Agent OS: a software team that lives in crontab."""
