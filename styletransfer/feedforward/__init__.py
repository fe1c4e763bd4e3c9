"""A network that plays any song with the band's Gram matrices in one pass (Johnson et al. 2016)."""
