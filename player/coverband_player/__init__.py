"""Player of exported models: covers without TensorFlow."""
