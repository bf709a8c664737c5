"""`agentos doctor`: what is missing, and how to get it."""
