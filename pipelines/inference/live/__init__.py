"""Translation of sound while it is played, with a constant delay."""
