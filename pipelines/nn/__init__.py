"""Floor 1: layers, networks' parts, adversarial losses and their helpers."""
