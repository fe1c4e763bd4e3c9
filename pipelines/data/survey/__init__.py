"""Dataset report: measurements of two folders of songs, made before a model is trained on them."""
