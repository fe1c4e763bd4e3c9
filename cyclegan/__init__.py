"""CycleGAN: generic songs to the band's, learnt from unpaired recordings (Zhu et al. 2017)."""
