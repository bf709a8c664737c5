"""Task files: their text, their folders, the result contract and the outbox."""
