"""VAE-GAN: decodes the band's sound from content and a latent; reconstructs discriminator features."""
