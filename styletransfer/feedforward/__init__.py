"""Feed-forward network of style transfer, trained on the band's Gram matrices (Johnson et al. 2016)."""
