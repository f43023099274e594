"""The socket's `do`: the same verbs, bodies and rights as the API's, answered by `done`."""

from __future__ import annotations

from inbox.decode import decode_fields
from inbox.errors import ApiError
from inbox.live.frames import Do, Done
from inbox.policy import Person
from inbox.ports import Services
from inbox.verbs import WORK, work
from stream.store.ports import Unavailable


async def do(services: Services, person: Person, frame: Do) -> Done:
    """Do it and say what came of it. Raises `StoreError` only when nobody knows."""
    entry = WORK.get(frame.verb)
    if entry is None:
        return Done(
            id=frame.id, ok=False, code="malformed", message=f"there is no verb {frame.verb}", field="verb"
        )
    try:
        body = decode_fields(frame.fields, entry.body)
        result = await work(services, person, frame.verb, frame.conversation, body)
    except ApiError as error:
        said = error.body
        return Done(
            id=frame.id,
            ok=False,
            code=said.code,
            message=said.message,
            field=said.field,
            conversation=said.conversation,
        )
    except Unavailable as error:
        return Done(id=frame.id, ok=False, code="unavailable", message=str(error))
    return Done(id=frame.id, ok=True, n=result.n)
