"""Training of the timbre embedding that `pipelines.metrics.embedding` uses."""
