"""What every channel needs once: signatures, the guarded HTTP client, back-off, text splitting, safe HTML, plans. Knows no channel."""
