"""Transcriber: posteriors of notes, onsets and drums of any recording, frame by frame.

It is trained on rendered scores, and is the content encoder of other families and of the evaluation.
"""
