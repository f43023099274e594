"""The echo channel: the smallest whole channel, made to be copied. Importing it starts nothing."""

from connectors.contract import CONTRACT_VERSION, Manifest, NoConfig
from connectors.echo.codec import parse
from connectors.echo.connector import EchoConnector

MANIFEST = Manifest(
    id="echo",
    name="Echo",
    contract=CONTRACT_VERSION,
    config=NoConfig,
    capabilities=EchoConnector.capabilities,
    create=EchoConnector,
    parse=parse,
    docs="connectors/echo/README.md",
)
