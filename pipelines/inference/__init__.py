"""Floor 2: translating whole songs, and the served graph."""
