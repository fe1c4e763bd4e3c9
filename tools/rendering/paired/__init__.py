"""The rendered benchmark: what is played, by whom, how it is checked."""
