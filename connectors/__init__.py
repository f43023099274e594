"""The outside world and the stream: one folder per channel, what they share in `kit`. Decides nothing about routing."""
