"""The parts of `coverband benchmark serving`."""
