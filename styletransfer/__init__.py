"""Style transfer without training: Gram matrices of random features, envelopes, and mosaics of the style."""
