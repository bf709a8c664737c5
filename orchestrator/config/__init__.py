"""Settings: declared once; loaded strictly; resolved repo, project, global, default."""
