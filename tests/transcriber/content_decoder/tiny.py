"""An untrained transcriber, and the content decoder's preset, shrunk."""

from __future__ import annotations

import dataclasses

import keras

from pipelines.audio.spec import AudioSpec
from pipelines.nn.precision import EXACT, computing_in
from tests.contracts import randomize
from transcriber.content_decoder.config import Config, content_decoder_tiny
from transcriber.content_decoder.model import ContentDecoder
from transcriber.network_config import NetworkConfig
from transcriber.networks import build_network
from transcriber.transcriber import Transcriber

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=32, fmax=8000.0)
FRAMES = 32
NETWORK = NetworkConfig(harmonics=(1.0, 2.0), channels=4, width=8, dilations=(1,), contrast_width=9)


@computing_in(EXACT)
def transcriber(spec: AudioSpec = SPEC) -> Transcriber:
    """Its weights are random, but always the same; float32, as one from a file."""
    keras.utils.set_random_seed(0)
    network = build_network(NETWORK, spec)
    randomize(network)
    network.trainable = False
    return Transcriber(network, NETWORK, spec)


def undecided_transcriber() -> Transcriber:
    """One that is neither sure nor unsure, so that the presence of a view varies."""
    undecided = transcriber()
    head = undecided.network.get_layer("sounding_logits")
    head.kernel.assign(0.1 * head.kernel)
    head.bias.assign(0.4 + 0.0 * head.bias)
    return undecided


def config() -> Config:
    """The preset in small."""
    small = content_decoder_tiny()
    network = dataclasses.replace(small.network, width=16, blocks=1)
    data = dataclasses.replace(small.data, frames=FRAMES, batch_size=2)
    return dataclasses.replace(small, spec=SPEC, network=network, data=data)


def model(seed: int = 5) -> ContentDecoder:
    """A new model."""
    frozen = transcriber()
    keras.utils.set_random_seed(seed)
    built = ContentDecoder(config(), frozen)
    built.compile()
    return built
