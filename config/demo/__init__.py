"""The demo: its files (`*.yaml`), what the server does for it (`stage`), its customers (`busy`, a program that uses public interfaces)."""
