"""Reading JSON bodies into structs: whatever is wrong with them, the answer is `Malformed` with the place. Pure."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from connectors.contract import Malformed

T = TypeVar("T")


def read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The decoded body; unknown fields are passed over. Raises `Malformed`."""
    try:
        return decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise Malformed.of(error) from error
    except UnicodeDecodeError as error:
        raise Malformed("The body is not UTF-8.") from error
    except RecursionError as error:
        raise Malformed("The body is nested too deeply.") from error
