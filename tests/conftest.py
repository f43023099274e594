"""What every test stands on: the guard of the network and the real servers. Fixtures of one room live in its own folder."""

pytest_plugins = ["tests.guard", "tests.servers.needed", "tests.servers.fixtures", "tests.opened"]
