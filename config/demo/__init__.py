"""The demo's configuration (`*.yaml`) and its busy customers (`busy`, a program of its own that uses public interfaces only)."""
