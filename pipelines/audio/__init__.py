"""Floor 0, signal only: files, spectrograms, inversion, stereo and loudness."""
