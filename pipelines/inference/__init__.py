"""Translation of songs with trained models, and their export."""
