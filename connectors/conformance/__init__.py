"""The conformance kit: what a connector's author runs against their own connector. README.md says how; nothing here knows a channel."""
