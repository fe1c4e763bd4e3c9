"""Base: a VAE-GAN of many bands, which plays in any band's style and from which a band's run starts."""
