"""Style latents in TensorBoard: songs in the projector, and interpolation from their style to the band's."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorboard.plugins import projector

from pipelines.audio.features import log_mel
from pipelines.data.corpus import Corpus
from pipelines.data.excerpts import middle_excerpt
from pipelines.data.schema import DOMAINS, SongRecord
from pipelines.literal_path import literal
from pipelines.nn.fixed_latent import fixed_latent
from pipelines.nn.model import TranslationModel
from pipelines.training.summaries import Summaries

SEGMENTS = 4
"""Longest excerpt of a song, in segments of the data: 24 seconds at the default spec."""
MOST = 250
"""Songs of a domain; of larger ones every second, third... is shown."""

STEPS = 5
"""Styles of an interpolation, both ends included."""

_VECTORS, _SONGS, _TITLE = "latents.tsv", "songs.tsv", "songs"


def project(logs: Path, corpus: Corpus, latents: Callable[[tf.Tensor], tf.Tensor], multiple: int) -> None:
    """Writes where every song lies, with its domain and split to colour it by.

    Args:
        logs: TensorBoard's folder of the run.
        corpus: the songs.
        latents: log-mel [1, frames, n_mels, 1] -> latents [1, positions, numbers]; a song has their mean.
        multiple: the frames are a multiple of this.
    """
    rows = [(domain, song) for domain in DOMAINS for song in _chosen(corpus, domain)]
    places = [place(corpus, song, latents, multiple) for _, song in rows]
    with open(logs / _VECTORS, "w", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows(places)
    # Song names may hold bytes that are no text.
    with open(logs / _SONGS, "w", newline="", encoding="utf-8", errors="replace") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["song", "domain", "split"])
        writer.writerows([song.name, domain, song.split] for domain, song in rows)
    config = projector.ProjectorConfig()
    config.embeddings.add(tensor_name=_TITLE, tensor_path=_VECTORS, metadata_path=_SONGS)
    with literal(logs) as path:
        projector.visualize_embeddings(str(path), config)


def _chosen(corpus: Corpus, domain: str) -> tuple[SongRecord, ...]:
    songs = corpus.manifest.domains[domain].songs
    return songs[:: -(-len(songs) // MOST)]


def place(
    corpus: Corpus,
    song: SongRecord,
    latents: Callable[[tf.Tensor], tf.Tensor],
    multiple: int,
) -> np.ndarray:
    """Latent vector of a song, float [numbers]: mean over an excerpt from its middle; see `project`."""
    found: np.ndarray = np.asarray(latents(excerpt(corpus, song, multiple))).mean(axis=(0, 1))
    return found


def excerpt(corpus: Corpus, song: SongRecord, multiple: int) -> tf.Tensor:
    """A song's middle as log-mel [1, frames, n_mels, 1]; silence fills up what is short of a multiple."""
    waveform = middle_excerpt(corpus, song, segments=SEGMENTS)
    mel = log_mel(corpus.spec, tf.constant(waveform[None]))
    frames = max(mel.shape[1] // multiple, 1) * multiple
    short = tf.pad(mel, [[0, 0], [0, max(frames - mel.shape[1], 0)], [0, 0], [0, 0]], constant_values=-1.0)
    return short[:, :frames]


def interpolate(logs: Path, corpus: Corpus, model: TranslationModel, clips: Mapping[str, np.ndarray]) -> None:
    """Logs the first content clip with its own song's style, with the band's, and with styles between them.

    Args:
        logs: TensorBoard's folder of the run.
        corpus: the songs.
        model: with a `style_encoder`; its translator keeps the band's style.
        clips: see `pipelines.data.excerpts.validation_clips`.
    """
    multiple = model.frame_geometry[1]
    song = corpus.songs("content", "valid")[0]
    layer = fixed_latent(model.translator)
    band = np.array(layer.latent)
    own = place(corpus, song, model.style_encoder, multiple)
    summaries = Summaries(logs, corpus.spec, {domain: clip[:1] for domain, clip in clips.items()})
    try:
        for share in np.linspace(0.0, 1.0, STEPS):
            layer.set_latent((1 - share) * own + share * band)
            translation = model(summaries.log_mels["content"])
            description = f"{song.name} with a style {share:.0%} of the way from its own to the band's."
            tag = f"interpolation/{share:.2f}"
            summaries.translated(int(model.step.numpy()), tag, translation, description)
    finally:
        layer.set_latent(band)
        summaries.close()
