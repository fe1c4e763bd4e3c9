"""Small untrained translator with a time stride, and synthesised songs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np
from keras import layers

from pipelines.audio.inversion import GriffinLim
from pipelines.audio.spec import AudioSpec
from pipelines.inference.window_translator import WindowTranslator
from pipelines.nn.fixed_latent import FixedLatent
from pipelines.nn.position_noise import PositionNoise
from pipelines.nn.translator import Translator, load_translator, save_translator
from pipelines.nn.translator_card import CLOSENESS, FIRST_FRAME, LOG_MEL, STYLE_FILE, TranslatorCard

SPEC = AudioSpec(sample_rate=22050, n_fft=1024, hop_length=256, n_mels=64, fmax=11025.0)
CARD = TranslatorCard("tiny", "tiny", 7, context_frames=16, time_multiple=4)


def network() -> keras.Model:
    """Two strided convolutions, two upsamplings: context 12 frames, in multiples of 4."""
    keras.utils.set_random_seed(3)
    log_mel = keras.Input((None, SPEC.n_mels, 1))
    x = layers.Conv2D(8, 3, (2, 2), padding="same", activation="relu")(log_mel)
    x = layers.Conv2D(8, 3, (2, 2), padding="same", activation="relu")(x)
    x = layers.UpSampling2D((4, 4))(x)
    x = layers.Conv2D(1, 3, padding="same")(layers.Concatenate()([x, log_mel]))
    return keras.Model(log_mel, layers.Add()([log_mel, 0.3 * keras.ops.tanh(x)]))


def trained(folder: Path) -> Translator:
    """Translator of the network, saved and loaded."""
    save_translator(folder, network(), SPEC, CARD)
    return load_translator(folder)


def noisy_network() -> keras.Model:
    """Network with a dial of closeness, on which its noise depends."""
    log_mel = keras.Input((None, SPEC.n_mels, 1), name=LOG_MEL)
    closeness = keras.Input((), name=CLOSENESS)
    first_frame = keras.Input((), dtype="int32", name=FIRST_FRAME)
    noise = layers.Reshape((-1, SPEC.n_mels, 1))(PositionNoise(SPEC.n_mels, 3)([log_mel, first_frame]))
    freedom = layers.Reshape((1, 1, 1))(1.0 - closeness)
    return keras.Model([log_mel, closeness, first_frame], network()(log_mel) + 0.1 * freedom * noise)


def trained_noisy(folder: Path) -> Translator:
    """Translator of the noisy network, saved and loaded."""
    save_translator(folder, noisy_network(), SPEC, dataclasses.replace(CARD, closeness=True))
    return load_translator(folder)


def styled_network() -> keras.Model:
    """Network that adds the two numbers of a latent to the lower and the upper half of the log-mel."""
    log_mel = keras.Input((None, SPEC.n_mels, 1))
    latent = FixedLatent(2, CARD.time_multiple, name="latent")(log_mel)
    halves = layers.UpSampling2D((CARD.time_multiple, SPEC.n_mels // 2))(layers.Reshape((-1, 2, 1))(latent))
    return keras.Model(log_mel, layers.Add()([0.8 * log_mel, 0.2 * halves]))


def style_encoder() -> keras.Model:
    """Of every four frames, the means of the lower and the upper half: latents [batch, frames / 4, 2]."""
    log_mel = keras.Input((None, SPEC.n_mels, 1))
    halves = layers.AveragePooling2D((CARD.time_multiple, SPEC.n_mels // 2))(log_mel)
    return keras.Model(log_mel, layers.Reshape((-1, 2))(halves))


BAND = np.array([0.3, -0.9], np.float32)
"""Style latent of the styled network."""


def trained_styled(folder: Path) -> Translator:
    """Translator of the styled network with the latent `BAND`, saved with its style encoder and loaded."""
    model = styled_network()
    model.get_layer("latent").set_latent(BAND)
    save_translator(folder, model, SPEC, CARD, {STYLE_FILE: style_encoder()})
    return load_translator(folder)


def window_translator(translator: Translator, size: int = 64, iterations: int = 0) -> WindowTranslator:
    """Window translator with small windows."""
    return WindowTranslator.from_translator(translator, GriffinLim(translator.spec, iterations), size=size)


def song(seconds: float, channels: int = 2, sample_rate: int = SPEC.sample_rate) -> np.ndarray:
    """Decaying chords over soft noise, float32 [samples, channels]; the channels differ."""
    generator = np.random.default_rng(5)
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    decay = np.exp(-3 * (time % 0.5))
    voices = [
        sum(np.sin(2 * np.pi * note * overtone * time) / overtone for overtone in (1, 2, 3, 5)) * decay
        for note in (220.0, 277.2, 329.6, 440.0)
    ]
    pan = np.linspace(0.2, 0.8, len(voices)) if channels == 2 else np.full(len(voices), 0.5)
    sides = [1 - pan, pan][:channels]
    mix = np.stack([sum(g * v for g, v in zip(side, voices, strict=True)) for side in sides], axis=-1)
    return (0.1 * mix + 0.001 * generator.standard_normal(mix.shape)).astype(np.float32)
