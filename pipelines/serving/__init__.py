"""The server: what `coverband serve` runs."""
