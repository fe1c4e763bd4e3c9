"""Measurements of `python -m tools benchmark speed`, part by part."""
