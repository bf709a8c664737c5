"""One story per cron line."""
