"""Model families, by their names in `coverband train`."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

from coverband.dispatch import Command


@dataclasses.dataclass(frozen=True)
class Family(Command):
    """Command that trains the models of one class.

    Attributes:
        model: the class, as "module:name".
    """

    model: str = ""

    def load(self) -> type[Any]:
        """The class, a `pipelines.nn.model.BaseModel`; imports TensorFlow."""
        module, name = self.model.split(":")
        return getattr(importlib.import_module(module), name)


FAMILIES = {
    "vaegan": Family(
        "vaegan.train",
        "VAE-GAN: encoder and decoder of the band's sound, adversarial",
        model="vaegan.model:VAEGAN",
    ),
    "base": Family(
        "vaegan.base.train",
        "VAE-GAN of many bands, from rendered scores, for others to start from",
        model="vaegan.base.model:Base",
    ),
    "cyclegan": Family(
        "cyclegan.train", "CycleGAN: two generators, unpaired", model="cyclegan.model:CycleGAN"
    ),
    "disentangled": Family(
        "vaegan.disentangled.train",
        "separate content and style encoders",
        model="vaegan.disentangled.model:Disentangled",
    ),
    "shared_latent": Family(
        "vaegan.shared_latent.train",
        "VAE-GAN without a transcriber: one latent space, a decoder for each domain",
        model="vaegan.shared_latent.model:SharedLatent",
    ),
    "content_decoder": Family(
        "transcriber.content_decoder.train",
        "supervised decoder of note posteriors",
        model="transcriber.content_decoder.model:ContentDecoder",
    ),
    "flow_decoder": Family(
        "transcriber.flow_decoder.train",
        "flow-matching decoder of note posteriors and a view of the source",
        model="transcriber.flow_decoder.model:FlowDecoder",
    ),
    "seq2seq": Family(
        "transcriber.seq2seq.train",
        "Transformer from note posteriors to the band's log-mel, patch by patch",
        model="transcriber.seq2seq.model:Seq2Seq",
    ),
    "styletransfer": Family(
        "styletransfer.feedforward.train",
        "feed-forward Gram-matrix style transfer",
        model="styletransfer.feedforward.model:FeedForward",
    ),
    "transcriber": Family(
        "transcriber.train",
        "note, onset and drum posteriors, from rendered scores",
        model="transcriber.model:TranscriberModel",
    ),
    "vocoder": Family(
        "vocoder.train", "waveforms from log-mels and the source's phase", model="vocoder.model:VocoderModel"
    ),
}
