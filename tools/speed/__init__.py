"""Measurements of `coverband benchmark speed`, part by part."""
