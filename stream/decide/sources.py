"""Deciding what is kept of a delivery whatever it says: its deduplication key with the raw input, and the poller's place."""

from __future__ import annotations

from stream import commands as cmd
from stream.decide import bounds
from stream.decide.draft import Draft


def keep_source(draft: Draft, command: cmd.Receive, ref: str) -> None:
    """Write the deduplication row with the raw input, and the checkpoint that belongs to it. `ref` is the answer now and to a repeat."""
    bounds.key_fits(draft, "deduplication key", command.source_key)
    draft.extras.sources[(command.channel, command.source_key)] = (ref, command.raw)
    draft.result_id = ref
    if command.checkpoint is not None:
        keep_checkpoint(draft, command.checkpoint)


def keep_checkpoint(draft: Draft, checkpoint: cmd.Checkpoint) -> None:
    """Keep a poller's place, if its lease still holds."""
    if draft.world.leases.get(checkpoint.lease) != checkpoint.epoch:
        draft.refuse(
            "lease",
            f"Another process polls {checkpoint.channel} now: the lease {checkpoint.lease} has moved on.",
        )
    draft.seldom.checkpoints.append(checkpoint)
