"""TensorBoard summaries of a run: settings, scalars, text, and audio and images of fixed validation clips."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorboard.plugins.hparams import api as hparams

from pipelines import configuration
from pipelines.audio.features import stft_to_log_mel
from pipelines.audio.inversion import GriffinLim, Inverter
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft
from pipelines.training import pictures

MAX_CLIPS = 3
_HELP = {
    "source": "A content clip, as recorded.",
    "source_inverted": "The source's own log-mel, inverted: an upper bound on the sound quality of "
    "translations.",
    "band": "A clip of the band, other music.",
    "translation": "Translation of the source into the band's sound.",
    "cycle": "Translation back into the content domain: it should sound like the source.",
}


class Events:
    """Event files of a run, with its settings, scalars, text, images and sounds."""

    def __init__(self, folder: Path) -> None:
        """Opens them, in the folder of the run's logs."""
        self._writer = tf.summary.create_file_writer(os.fsencode(folder))

    def opening(self, config: Mapping[str, Any], curves: Mapping[str, str]) -> None:
        """Logs once what stays the same: the settings, and the guide to the curves."""
        with self._writer.as_default(step=0):
            _write_hparams(config)
            tf.summary.text("about/config", table(configuration.flat(config), "setting", "value"))
            tf.summary.text(
                "about/what_each_curve_should_look_like", table(curves, "curve", "what to expect")
            )
        self._writer.flush()

    def scalars(
        self, step: int, values: Mapping[str, float], curves: Mapping[str, str] | None = None
    ) -> None:
        """Logs scalars; a name without a group goes under "loss".

        Args:
            step: the training step.
            values: by name.
            curves: by name, what the curve should look like; TensorBoard shows it beside the panel.
        """
        with self._writer.as_default(step=step):
            for name, value in values.items():
                tag = name if "/" in name else f"loss/{name}"
                tf.summary.scalar(tag, value, description=(curves or {}).get(name))

    def images(self, step: int, tag: str, pictures: Sequence[np.ndarray], description: str) -> None:
        """Logs pictures of one size, uint8 [height, width, 3] each."""
        with self._writer.as_default(step=step):
            tf.summary.image(tag, np.stack(pictures), max_outputs=len(pictures), description=description)
        self._writer.flush()

    def sounds(self, step: int, tag: str, waveforms: np.ndarray, sample_rate: int, description: str) -> None:
        """Logs sounds, float32 [count, samples]; at most three of them."""
        with self._writer.as_default(step=step):
            clipped = np.clip(waveforms[..., None], -1.0, 1.0)
            tf.summary.audio(tag, clipped, sample_rate, max_outputs=3, description=description)
        self._writer.flush()

    def text(self, step: int, tag: str, markdown: str) -> None:
        """Logs words."""
        with self._writer.as_default(step=step):
            tf.summary.text(tag, markdown)
        self._writer.flush()

    def close(self) -> None:
        """Writes what is still in memory."""
        self._writer.close()


class Summaries(Events):
    """Event files of a run with previews of fixed validation clips.

    Attributes:
        log_mels: of the fixed clips: "content" and "band", float32 [count, frames, n_mels, 1].
    """

    def __init__(
        self,
        folder: Path,
        spec: AudioSpec,
        clips: Mapping[str, np.ndarray],
        inverter: Inverter | None = None,
    ) -> None:
        """Prepares the fixed clips.

        Args:
            folder: the run's logs.
            spec: of the model.
            clips: "content" and "band", waveforms float32 [count, samples].
            inverter: of log-mels to waveforms; None for Griffin-Lim.
        """
        super().__init__(folder)
        self._spec, self._clips = spec, clips
        self._inverter = inverter or GriffinLim(spec)
        self._spectra = {domain: stft(spec, tf.constant(clip)) for domain, clip in clips.items()}
        self.log_mels = {domain: stft_to_log_mel(spec, spectra) for domain, spectra in self._spectra.items()}
        self._limits = pictures.value_range(
            np.concatenate([mel.numpy().ravel() for mel in self.log_mels.values()])
        )
        self._invert = tf.function(self._inverted)

    def reference(self) -> None:
        """Logs once the reference audio."""
        content = self._invert(self.log_mels["content"])
        with self._writer.as_default(step=0):
            self._audio("reference/source", self._clips["content"])
            self._audio("reference/source_inverted", content.numpy())
            self._audio("reference/band", self._clips["band"])
        self._writer.flush()

    def preview(self, step: int, outputs: Mapping[str, tf.Tensor]) -> None:
        """Logs audio and images of the networks' outputs for the fixed clips.

        Args:
            step: the training step.
            outputs: "translation" and perhaps "cycle" of the content clips, [count, frames, n_mels, 1].
        """
        with self._writer.as_default(step=step):
            for name, log_mels in outputs.items():
                self._audio(f"preview/{name}", self._invert(log_mels).numpy())
            names = ["source", *outputs, "band"]
            tf.summary.image(
                "preview/spectrograms",
                self._pictures(outputs),
                max_outputs=MAX_CLIPS,
                description=f"Top to bottom: {', '.join(names)} (other music). Low notes are at the bottom.",
            )
        self._writer.flush()

    def translated(self, step: int, tag: str, log_mels: tf.Tensor, description: str) -> None:
        """Logs translations of the content clips, log-mels [count, frames, n_mels, 1], as audio."""
        with self._writer.as_default(step=step):
            self._audio(tag, self._invert(log_mels).numpy(), description)
        self._writer.flush()

    def _inverted(self, log_mels: tf.Tensor) -> tf.Tensor:
        length = self._clips["content"].shape[1]
        clean = tf.where(tf.math.is_finite(log_mels), log_mels, -1.0)
        return self._inverter(
            tf.clip_by_value(clean, -1.0, 1.0), source_stft=self._spectra["content"], length=length
        )

    def _audio(self, tag: str, waveforms: np.ndarray, description: str | None = None) -> None:
        tf.summary.audio(
            tag,
            np.clip(waveforms[..., None], -1.0, 1.0),
            self._spec.sample_rate,
            max_outputs=MAX_CLIPS,
            description=description or _HELP.get(tag.rpartition("/")[2]),
        )

    def _pictures(self, outputs: Mapping[str, tf.Tensor]) -> np.ndarray:
        columns = [self.log_mels["content"], *outputs.values(), self.log_mels["band"]]
        clips = zip(*(np.asarray(column)[:MAX_CLIPS, ..., 0] for column in columns), strict=False)
        return np.stack([pictures.stacked(rows, self._limits) for rows in clips])


def table(rows: Mapping[str, Any], key: str, value: str) -> str:
    """A markdown table of two columns."""
    lines = [f"| {key} | {value} |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {cell} |" for name, cell in rows.items()])


def _write_hparams(config: Mapping[str, Any]) -> None:
    """Logs a run's settings, the columns of TensorBoard's table of runs, to the default summary writer.

    No list of columns is written, so that TensorBoard finds the settings and curves of all families itself.

    Args:
        config: nested settings, as JSON values.
    """
    hparams.hparams({key: _plain(value) for key, value in configuration.flat(config).items()})


def _plain(value: Any) -> bool | int | float | str:
    """Setting as a value that the HParams plugin supports: lists as text with commas, None as "none"."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "none" if value is None else value
