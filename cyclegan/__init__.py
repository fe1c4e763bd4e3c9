"""CycleGAN: generic songs to the band's, learnt from unpaired recordings (Zhu et al. 2017)."""

import pipelines  # noqa: F401  (quiets TensorFlow before a module of this family imports it)
