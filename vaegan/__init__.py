"""VAE-GAN: the band's sound from what is played and a latent, told from the real one by a discriminator."""
