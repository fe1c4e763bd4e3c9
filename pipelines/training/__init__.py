"""Floor 2: the training loop and what a person sees of it."""
