"""Cache of note logits of a data folder, so that training steps need not compute them.

The transcriber's forward pass costs as much as the rest of a decoder's training step.
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
from transcriber.content import NOTE_LOGITS
from transcriber.transcriber import Transcriber

NAME = "note_logits"

_BATCH = 8
"""Segments of a forward pass."""


def cached_logits(transcriber: Transcriber, corpus: Corpus, spare: Path) -> FrameFeatures:
    """Note logits of every frame of the training songs; missing ones are computed.

    They are stored in the data folder, where other runs find them, or in `spare` if that cannot be written. A
    transcriber with other weights has a folder of its own.

    Args:
        transcriber: of the data folder's spec.
        corpus: the data folder.
        spare: folder of the run.

    Raises:
        UserError: if neither folder can be written.
    """
    name = f"{NAME}-{_digest(transcriber, corpus)}"
    try:
        return _filled(transcriber, corpus, FrameFeatures(NAME, corpus.folder / name, NOTE_LOGITS))
    except OSError as error:
        console.say(
            f"{corpus.folder} cannot be written ({error.strerror}): the note logits are stored in {spare}"
        )
    try:
        return _filled(transcriber, corpus, FrameFeatures(NAME, spare / name, NOTE_LOGITS))
    except OSError as error:
        raise UserError(
            f"{spare} cannot be written ({error.strerror}): make room or choose another"
        ) from error


def _filled(transcriber: Transcriber, corpus: Corpus, frame_features: FrameFeatures) -> FrameFeatures:
    songs = [song for domain in DOMAINS for song in corpus.songs(domain, "train", augmented_copies=True)]
    # One for each shard, of which parts of a long recording share one.
    missing = {song.shard: song for song in songs if not frame_features.path(song).is_file()}
    forward = tf.function(transcriber.logits, reduce_retracing=True)
    count = sum(song.segments for song in songs if song.shard in missing)
    with console.progress(count, "transcribing", unit="segments") as bar:
        for song in missing.values():
            frame_features.write(song, _counted(_logits(forward, transcriber, corpus, song), bar))
    return frame_features


def _counted(logits: Iterator[np.ndarray], bar: tqdm) -> Iterator[np.ndarray]:
    for segment in logits:
        yield segment
        bar.update()


def _logits(
    forward: TranslateFn, transcriber: Transcriber, corpus: Corpus, song: SongRecord
) -> Iterator[np.ndarray]:
    """Logits of each segment of a song's shard, [segment_frames, NOTE_LOGITS]."""
    records = corpus.records(corpus.address(song))
    for pcm in records.map(lambda record: corpus.parse(record)[0]).batch(_BATCH):
        waveforms = tf.cast(pcm, tf.float32) / PCM_SCALE
        mel = log_mel(corpus.spec, waveforms, center=False)
        yield from translate_whole(tf, forward, mel, transcriber.windows.multiple).numpy()


def _digest(transcriber: Transcriber, corpus: Corpus) -> str:
    """Digest of all that the logits depend on except the songs, which their shards' names identify."""
    digest = hashlib.sha256(json.dumps(corpus.manifest.settings.to_dict(), sort_keys=True).encode())
    for weight in transcriber.network.get_weights():
        digest.update(weight.tobytes())
    return digest.hexdigest()[:12]
