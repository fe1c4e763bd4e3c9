"""Signal path of a translation in NumPy and SciPy: the functions of `pipelines.audio` without TensorFlow."""
