"""Everything that the model families share; knows none of them."""
