"""Floor 1: from folders of songs to unpaired batches of log-mels."""
