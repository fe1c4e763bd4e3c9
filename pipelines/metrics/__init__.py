"""Floor 2: how far a song is from another."""
