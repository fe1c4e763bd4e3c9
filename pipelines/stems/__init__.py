"""Stems of songs: files, alignment with the song, and separation by other programs."""
