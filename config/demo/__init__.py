"""The demo's configuration (`*.yaml`) and its busy customers (`busy`). Only public interfaces are used; nothing imports from here."""
