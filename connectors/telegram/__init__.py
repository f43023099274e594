"""The Telegram channel: a bot, by webhook or by long polling. Importing it starts nothing."""

from connectors.contract import CONTRACT_VERSION, Manifest, RateLimit, Verification
from connectors.telegram.codec import parse
from connectors.telegram.connector import TelegramConfig, TelegramConnector, active

MANIFEST = Manifest(
    id="telegram",
    name="Telegram",
    contract=CONTRACT_VERSION,
    config=TelegramConfig,
    capabilities=TelegramConnector.capabilities,
    create=TelegramConnector,
    verification=Verification(
        scheme="header-secret",
        secret="secrets",  # noqa: S106  # the name of the config field
        header="X-Telegram-Bot-Api-Secret-Token",
    ),
    rates=(RateLimit(count=30, seconds=1.0), RateLimit(count=1, seconds=1.0, scope="conversation")),
    parse=parse,
    active=active,
    docs="connectors/telegram/README.md",
)
