"""Hearing a data folder once, so that no training step has to do it again.

A transcriber's forward pass costs as much as all else in a decoder's step.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from pipelines import console
from pipelines.audio.features import log_mel
from pipelines.data.corpus import Corpus
from pipelines.data.feature_cache import FrameFeatures
from pipelines.data.schema import DOMAINS, PCM_SCALE, SongRecord
from pipelines.errors import UserError
from pipelines.inference.windows import TranslateFn, translate_whole
from transcriber.content import HEARD
from transcriber.transcriber import Transcriber

NAME = "heard"

_AT_ONCE = 8
"""Segments."""


def remembered(transcriber: Transcriber, corpus: Corpus, spare: Path) -> FrameFeatures:
    """The logits of every frame of the training songs: of those not heard yet, hears them.

    They lie in the data folder, where other runs find them, or if that cannot be written, in `spare`. A
    transcriber with other weights has a folder of its own.

    Args:
        transcriber: of the data folder's spec.
        corpus: the data folder.
        spare: the run's own folder.

    Raises:
        UserError: if neither folder can be written.
    """
    name = f"{NAME}-{_digest(transcriber, corpus)}"
    try:
        return _filled(transcriber, corpus, FrameFeatures(NAME, corpus.folder / name, HEARD))
    except OSError as error:
        console.say(f"{corpus.folder} cannot be written ({error.strerror}): what is heard goes to {spare}")
    try:
        return _filled(transcriber, corpus, FrameFeatures(NAME, spare / name, HEARD))
    except OSError as error:
        raise UserError(
            f"{spare} cannot be written ({error.strerror}): make room or choose another"
        ) from error


def _filled(transcriber: Transcriber, corpus: Corpus, frame_features: FrameFeatures) -> FrameFeatures:
    songs = [song for domain in DOMAINS for song in corpus.songs(domain, "train", augmented_copies=True)]
    # One for each shard, of which parts of a long recording share one.
    missing = {song.shard: song for song in songs if not frame_features.path(song).is_file()}
    hearing = tf.function(transcriber.logits, reduce_retracing=True)
    count = sum(song.segments for song in songs if song.shard in missing)
    with console.progress(count, "listening", unit="segments") as bar:
        for song in missing.values():
            frame_features.write(song, _counted(_heard(hearing, transcriber, corpus, song), bar))
    return frame_features


def _counted(logits: Iterator[np.ndarray], bar: tqdm) -> Iterator[np.ndarray]:
    for segment in logits:
        yield segment
        bar.update()


def _heard(
    hearing: TranslateFn, transcriber: Transcriber, corpus: Corpus, song: SongRecord
) -> Iterator[np.ndarray]:
    """Logits of each segment of a song's shard, [segment_frames, HEARD]."""
    records = corpus.records(corpus.address(song))
    for pcm in records.map(lambda record: corpus.parse(record)[0]).batch(_AT_ONCE):
        waveforms = tf.cast(pcm, tf.float32) / PCM_SCALE
        mel = log_mel(corpus.spec, waveforms, center=False)
        yield from translate_whole(hearing, mel, transcriber.windows.multiple).numpy()


def _digest(transcriber: Transcriber, corpus: Corpus) -> str:
    """Stands for all that the logits depend on, beside the songs: their shards' names stand for them."""
    digest = hashlib.sha256(json.dumps(corpus.manifest.settings.to_dict(), sort_keys=True).encode())
    for weight in transcriber.network.get_weights():
        digest.update(weight.tobytes())
    return digest.hexdigest()[:12]
