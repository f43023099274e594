"""The HTTP API: one file per noun. Each handler says by its annotations what it takes and gives; `inbox/routes.py` says where it is."""
