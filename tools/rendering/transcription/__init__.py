"""The transcriber's lessons: scores of many kinds, played by random ensembles, with their notes."""
