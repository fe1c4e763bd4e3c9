"""Songs that are decoded inside the graph, crop by crop: nothing is written, and memory holds crops only."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines import console
from pipelines.audio import resampling, tfio
from pipelines.data.reader import Corpus, Cut
from pipelines.data.schema import PCM_SCALE, SongRecord
from pipelines.data.shards import segment_starts
from pipelines.errors import UserError

_AHEAD = 2
"""Crops that each reader decodes in advance."""
_MOST_READERS = 8
"""One for each core up to this, since decoding is what takes the time; the order does not depend on them."""
_SPARE = 16
"""Records that it remembers, for when a song can no longer be read."""


@dataclasses.dataclass(frozen=True)
class Recording:
    """How a song is decoded.

    Attributes:
        path: the file.
        facts: what tensorflow-io finds in it.
        samples: of the song at the corpus's rate.
        gain: that brings it to the target loudness, a factor.
        state: size and time of the file when it was measured.
    """

    path: Path
    facts: tfio.Facts
    samples: int
    gain: float
    state: tuple[int, int]

    def trouble(self) -> str | None:
        """Why the file can no longer be read, in words that follow its name; None if it can."""
        try:
            stat = self.path.stat()
        except OSError:
            return "is gone: it was moved or removed meanwhile"
        same = (stat.st_size, stat.st_mtime_ns) == self.state
        return None if same else "was changed meanwhile: it takes part again when the run is resumed"


@dataclasses.dataclass(frozen=True)
class CompressedCorpus(Corpus):
    """Two folders of songs, with the manifest that `prepare` would have written.

    A record is "N K": segment K of recording N.

    Attributes:
        recordings: by the name that the song's shard would have.
    """

    recordings: Mapping[str, Recording]

    @property
    def travels(self) -> bool:
        """No: Python looks whether each song is as it was."""
        return False

    def address(self, song: SongRecord) -> str:
        """The number of the song's recording."""
        return str(self._numbers[song.shard])

    def records(self, address: str | bytes | tf.Tensor) -> tf.data.Dataset:
        """The names of a song's segments; nothing is decoded."""
        segments = tf.constant([self._segments(item.samples) for item in self._listed], tf.int64)
        count = tf.gather(segments, tf.strings.to_number(address, tf.int64))
        return tf.data.Dataset.range(count).map(
            lambda number: tf.strings.join([address, tf.strings.as_string(number)], " ")
        )

    def parse(self, record: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """One segment, decoded: see `Corpus.parse`."""
        _, _, valid = self._found(record)
        whole = self.manifest.settings.segment_samples
        pcm, _ = self.cut(record, whole, lambda _: tf.constant(0, tf.int64))
        return pcm, valid

    def cut(
        self, record: tf.Tensor, count: int, place: Callable[[tf.Tensor], tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Decodes no more of a segment than is wanted: see `Corpus.cut`."""
        song, first, valid = self._found(record)
        start = place(valid)
        sound = self._decoded(song, first + start, count)
        gain = tf.gather(tf.constant([item.gain * PCM_SCALE for item in self._listed], tf.float32), song)
        pcm = tf.where(tf.range(count, dtype=tf.int64) < valid - start, tf.round(sound * gain), 0.0)
        return tf.cast(tf.clip_by_value(pcm, -PCM_SCALE, PCM_SCALE - 1), tf.int16), start

    def mapped(self, records: tf.data.Dataset, cut: Cut, workers: int) -> tf.data.Dataset:
        """Deals the records out to readers of their own: see `Corpus.mapped`.

        A song that can no longer be read is told of once; in its place is read what was read before.
        """
        # Not a parallel map: tfio.read must not run twice at the same time.
        count = max(workers, min(os.cpu_count() or 1, _MOST_READERS))
        shares = [records.shard(count, number) for number in range(count)]
        readers = [share.map(self._reader(cut)).prefetch(_AHEAD) for share in shares]
        return tf.data.Dataset.choose_from_datasets(readers, tf.data.Dataset.range(count).repeat())

    def read(self, song: SongRecord, first: int = 0, count: int = -1) -> list[tuple[np.ndarray, int]]:
        """Segments of a song, decoded eagerly: see `Corpus.read`.

        Raises:
            UserError: if the file can no longer be read.
        """
        recording = self.recordings[song.shard]
        if trouble := recording.trouble():
            raise UserError(f"{recording.path} {trouble}")
        records = self.records(self.address(song)).skip(first).take(count)
        return [(pcm.numpy(), int(valid)) for pcm, valid in map(self._eagerly, records)]

    @functools.cached_property
    def _eagerly(self) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
        found: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]] = tf.function(
            self.parse, input_signature=[tf.TensorSpec([], tf.string)]
        )
        return found

    @functools.cached_property
    def _listed(self) -> tuple[Recording, ...]:
        return tuple(self.recordings.values())

    @functools.cached_property
    def _told(self) -> set[int]:
        return set()

    @functools.cached_property
    def _numbers(self) -> dict[str, int]:
        return {shard: number for number, shard in enumerate(self.recordings)}

    def _segments(self, samples: int) -> int:
        return len(segment_starts(samples, self.manifest.settings))

    def _found(self, record: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """A record's recording, its segment's first sample in the song, and how many it has."""
        settings = self.manifest.settings
        numbers = tf.strings.to_number(tf.strings.split(record, " "), tf.int64)
        samples = tf.gather(tf.constant([item.samples for item in self._listed], tf.int64), numbers[0])
        last = tf.maximum(samples - settings.segment_samples, 0)
        first = tf.minimum(numbers[1] * settings.segment_frames * settings.spec.hop_length, last)
        return numbers[0], first, tf.minimum(samples - first, settings.segment_samples)

    def _decoded(self, song: tf.Tensor, start: tf.Tensor, count: int) -> tf.Tensor:
        """Mono samples of a recording at the corpus's rate, silence beyond its end: float32 [count]."""
        rates = sorted({item.facts.sample_rate for item in self._listed})
        own = tf.gather(tf.constant([rates.index(item.facts.sample_rate) for item in self._listed]), song)
        read, wanted = functools.partial(self._stretch, song), self.spec.sample_rate
        branches = [functools.partial(resampling.stretch, read, rate, wanted, start, count) for rate in rates]
        return tf.ensure_shape(tf.switch_case(own, branches), [count])

    def _stretch(self, song: tf.Tensor, first: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        """A recording's mono downmix at its own rate, silence where there is none."""
        frames = tf.gather(tf.constant([item.facts.frames for item in self._listed], tf.int64), song)
        begin, end = tf.clip_by_value(first, 0, frames), tf.clip_by_value(last, 0, frames)
        path = tf.gather(tf.constant([str(item.path) for item in self._listed]), song)
        kinds = sorted({item.facts.kind for item in self._listed})
        kind = tf.gather(tf.constant([kinds.index(item.facts.kind) for item in self._listed]), song)
        mono = tf.reduce_mean(tfio.read(path, kind, begin, end, kinds), axis=1)
        return tf.pad(mono, [[begin - first, last - end]])

    def _reader(self, cut: Cut) -> Cut:
        """`cut` of records that can be read."""
        recent: deque[np.ndarray] = deque(maxlen=_SPARE)

        def readable(records: np.ndarray) -> np.ndarray:
            if self._is_readable(records):
                recent.append(records)
                return records
            return next((spare for spare in reversed(recent) if self._is_readable(spare)), records)

        def of_readable(index: tf.Tensor, records: tf.Tensor) -> dict[str, tf.Tensor]:
            found = tf.numpy_function(readable, [records], tf.string)
            return cut(index, tf.ensure_shape(found, records.shape))

        return of_readable

    def _is_readable(self, records: np.ndarray) -> bool:
        """Whether the song is as it was when it was measured; if not, says so once."""
        recording = self._listed[number := int(records[0].split()[0])]
        trouble = recording.trouble()
        if trouble is not None and number not in self._told:
            self._told.add(number)
            console.say(f"{recording.path} {trouble}; the other songs go on")
        return trouble is None
