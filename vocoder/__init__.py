"""A neural vocoder that corrects what it starts from: the mel's prior and the source's phase."""
