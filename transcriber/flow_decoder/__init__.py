"""Flow-matching decoder of content with a view: the generative alternative to the VAE-GAN's decoder."""
