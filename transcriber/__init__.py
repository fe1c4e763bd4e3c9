"""Hears what is played in any recording: notes, their onsets, and drums, frame by frame.

A content encoder taught by rendered scores; the other families and the evaluation stand on it.
"""
