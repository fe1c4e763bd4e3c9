"""Supervised decoder of note posteriors, trained by L1 alone: the baseline of all translators."""
