"""The public API, whose names `coverband` imports on first use."""
