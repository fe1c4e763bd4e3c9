"""Coverband Studio: a page on this computer from two folders of songs to covers."""
