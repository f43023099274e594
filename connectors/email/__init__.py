"""The email channel: any mail in by IMAP, answers that thread out by SMTP. Importing it starts nothing."""

from connectors.email.manifest import MANIFEST

__all__ = ["MANIFEST"]
