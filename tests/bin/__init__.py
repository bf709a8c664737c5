"""The scripts in bin/ as cron and a person start them: real processes in a scratch checkout."""
