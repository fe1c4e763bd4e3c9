"""The parts of `python -m tools benchmark serving`."""
