"""Form bodies with files (RFC 7578), made in one piece. Pure: the boundary comes in."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class FilePart(msgspec.Struct, frozen=True):
    """A file in a form. `name` must be safe already (`kit.names`)."""

    field: str
    name: str
    content_type: str
    content: bytes


def multipart(fields: Mapping[str, str], file: FilePart, boundary: str) -> tuple[str, bytes]:
    """The `Content-Type` and the body. Raises `ValueError` when the boundary occurs in the file."""
    mark = boundary.encode("ascii")
    if mark in file.content:
        raise ValueError("the boundary occurs in the file")
    lines = []
    for name, value in fields.items():
        lines.append(
            b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
            % (mark, _quoted(name), value.encode())
        )
    lines.append(
        b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n'
        % (mark, _quoted(file.field), _quoted(file.name), _quoted(file.content_type))
    )
    lines.append(file.content)
    lines.append(b"\r\n--%s--\r\n" % mark)
    return f"multipart/form-data; boundary={boundary}", b"".join(lines)


def _quoted(text: str) -> bytes:
    """As browsers write it: UTF-8, with quotes and line ends as percent codes."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").encode()
