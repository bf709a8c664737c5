"""The stages of a worker's journal, one module each, in the order of an attempt."""
