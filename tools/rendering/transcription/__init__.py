"""Transcription data: scores of many kinds, rendered with random ensembles, with their notes."""
