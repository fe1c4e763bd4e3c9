"""Paired benchmark: training songs, and test pairs with equal notes, rendered from public-domain scores."""
