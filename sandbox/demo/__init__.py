"""The demo: the whole loop on a small repository, with the real scripts against the local stand-ins."""
