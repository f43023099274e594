"""What every test stands on: the guard of the network and the real servers. Fixtures of one room live in its own folder."""

from hypothesis import settings

pytest_plugins = ["tests.guard", "tests.servers.needed", "tests.servers.fixtures", "tests.opened"]

settings.register_profile("parley", deadline=None)  # a machine that is busy with other tests is no defect
settings.load_profile("parley")
