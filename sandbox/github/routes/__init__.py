"""The served operations, one module per subject."""
