"""Recorded traffic through another plan: what the journal tells is read, played on the engine that serves, and compared."""
