"""What may leave, what must be hidden, whom to trust; pure."""
