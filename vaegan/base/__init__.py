"""Base: a VAE-GAN of many bands, for translations into any style, and for a band's run to start from."""
