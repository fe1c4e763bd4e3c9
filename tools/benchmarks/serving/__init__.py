"""Load test and malformed songs of `python -m tools benchmark serving`."""
