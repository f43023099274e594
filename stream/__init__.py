"""The ground floor: what was said, by whom, in which order, and how it is kept. Knows nobody above it."""
