"""The generic channel: Standard Webhooks 1.0 in and out, so that anything can be plugged in. Importing it starts nothing."""

from connectors.contract import CONTRACT_VERSION, Manifest, Verification
from connectors.webhook.codec import parse
from connectors.webhook.connector import WebhookConfig, WebhookConnector

MANIFEST = Manifest(
    id="webhook",
    name="Webhook",
    contract=CONTRACT_VERSION,
    config=WebhookConfig,
    capabilities=WebhookConnector.capabilities,
    create=WebhookConnector,
    verification=Verification(scheme="standard-webhooks", secret="secrets"),  # noqa: S106  # the name of the config field
    parse=parse,
    max_body=8_388_608,
    docs="connectors/webhook/README.md",
)
