"""Parts of `python -m tools benchmark speed`: features, reading, steps, translation and inversion."""
