"""Model families by the names that `coverband train` has for them."""

from __future__ import annotations

from coverband.dispatch import Command

FAMILIES = {
    "vaegan": Command("vaegan.train", "VAE-GAN: encoder and decoder of the band's sound, adversarial"),
    "cyclegan": Command("cyclegan.train", "CycleGAN: two generators, unpaired"),
    "disentangled": Command("vaegan.disentangled.train", "separate content and style encoders"),
    "content_decoder": Command("transcriber.content_decoder.train", "supervised decoder of note posteriors"),
    "styletransfer": Command("styletransfer.feedforward.train", "feed-forward Gram-matrix style transfer"),
    "transcriber": Command("transcriber.train", "note, onset and drum posteriors, from rendered scores"),
    "vocoder": Command("vocoder.train", "waveforms from log-mels and the source's phase"),
}
