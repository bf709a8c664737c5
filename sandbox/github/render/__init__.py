"""From state to the JSON shapes of the published description, one module per subject."""
