"""Planning a message from a channel's capabilities: text parts that fit, one part per file, a sentence for everything that is lost. Pure."""

from __future__ import annotations

from connectors.contract import Capabilities, Outbound, OutFile, Plan, PlannedPart
from connectors.kit.html import html_to_text
from connectors.kit.text import TooLong, Unit, split


def plan_message(message: Outbound, capabilities: Capabilities, unit: Unit = "characters") -> Plan:
    """Text first, then the files, in order. A message without text but with HTML is sent as the HTML's text."""
    lost: list[str] = []
    parts: list[PlannedPart] = []
    text = message.text or html_to_text(message.html)
    for piece in _pieces(text, capabilities.text_limit, unit, lost):
        html = message.html if capabilities.html else ""
        parts.append(PlannedPart(key=f"{message.id}:{len(parts)}", kind="text", text=piece, html=html))
    if message.html and not capabilities.html:
        lost.append("Formatting is not shown on this channel: the text goes without it.")
    for file in message.files:
        reason = _refused(file, capabilities)
        if reason:
            lost.append(reason)
        else:
            parts.append(PlannedPart(key=f"{message.id}:{len(parts)}", kind="file", file=file))
    return Plan(parts=tuple(parts), degraded=tuple(lost))


def _pieces(text: str, limit: int, unit: Unit, lost: list[str]) -> list[str]:
    if not text.strip():
        return []
    if not limit:
        return [text]
    try:
        pieces = split(text, limit, unit)
    except TooLong:
        lost.append("The text is too long for this channel and cannot be sent; send it as a file.")
        return []
    if len(pieces) > 1:
        lost.append(f"The text is sent as {len(pieces)} messages: one may have {limit} characters.")
    return pieces


def _refused(file: OutFile, capabilities: Capabilities) -> str:
    if not capabilities.files:
        return f"Files cannot be sent on this channel: {file.name} is left out."
    if capabilities.max_file_bytes and file.size > capabilities.max_file_bytes:
        return f"{file.name} is left out: a file may have {capabilities.max_file_bytes // 1_048_576} MB on this channel."
    return ""
