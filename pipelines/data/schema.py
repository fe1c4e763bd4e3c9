"""File formats of data folders: settings, record of a song, manifest, and tf.train.Example of a segment."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

DOMAINS = ("content", "band")
SPLITS = ("train", "valid", "test")
SEGMENT_FRAMES = 512
MANIFEST_FILE = "manifest.json"
SETTINGS_FILE = "settings.json"
PCM_SCALE = 32768.0
"""Value of an int16 sample at full scale."""

# Keys of augmented copies in manifests and sidecars; data folders of earlier versions have them.
_COPIES_KEY, _COPY_OF_KEY = "variants", "variant_of"


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings common to all shards of a data folder.

    Attributes:
        spec: sample rate and frames.
        target_lufs: integrated loudness (BS.1770) of every song's mono downmix after normalisation.
        segment_frames: stride of the segments in hops, and number of uncentred frames of each.
    """

    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    target_lufs: float = TRAINING_LUFS
    segment_frames: int = SEGMENT_FRAMES

    @property
    def segment_samples(self) -> int:
        """Length of a segment in samples."""
        return self.spec.span(self.segment_frames)

    def to_dict(self) -> dict[str, Any]:
        """JSON values of the settings."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """Settings from the values of `to_dict`."""
        return cls(**{**values, "spec": AudioSpec.from_dict(values["spec"])})


@dataclasses.dataclass(frozen=True)
class SongRecord:
    """Record of a song, or of a part of a long recording.

    Attributes:
        name: path relative to the domain's folder, with forward slashes.
        split: train, valid or test.
        seconds: length of the song.
        loudness: integrated loudness of the mono downmix before normalisation, LUFS.
        gain_db: gain of the normalisation, dB.
        peak_limited: true if the gain is smaller than the target loudness requires, to avoid clipping.
        segments: number of segments, which is the number of records in the shard.
        shard: the TFRecord file, relative to the data folder.
        first: first record in the shard, of a part of a long recording (see `splits.cut_long`).
        damage: missing part of the file, a clause that follows its name; empty if nothing is missing.
    """

    name: str
    split: str
    seconds: float
    loudness: float
    gain_db: float
    peak_limited: bool
    segments: int
    shard: str
    first: int = 0
    damage: str = ""

    @property
    def key(self) -> str:
        """Unique key within the data folder."""
        return f"{self.shard}#{self.first}"

    def to_dict(self) -> dict[str, Any]:
        """JSON values of the record."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class AugmentedCopy(SongRecord):
    """Record of a training song at another pitch and tempo, used for training only.

    Attributes:
        copy_of: name of the song.
        semitones: pitch shift, positive for higher.
        tempo: factor of the tempo, above 1 for faster.
    """

    copy_of: str = ""
    semitones: float = 0.0
    tempo: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        """JSON values of the record."""
        values = super().to_dict()
        return {_COPY_OF_KEY if key == "copy_of" else key: value for key, value in values.items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> AugmentedCopy:
        """Record from the values of `to_dict`."""
        return cls(**{"copy_of" if key == _COPY_OF_KEY else key: value for key, value in values.items()})


@dataclasses.dataclass(frozen=True)
class StemRecord(SongRecord):
    """Record of the stem of a song, or of the same range of it as that of a part of a long recording.

    Attributes:
        stem_of: name of the song or of the part.
        role: value of a `stems.files.Role`.
    """

    stem_of: str = ""
    role: str = ""


@dataclasses.dataclass(frozen=True)
class Skipped:
    """Record of a file that could not be used.

    Attributes:
        file: path relative to the domain's folder.
        why: reason, a clause that follows the name.
    """

    file: str
    why: str


@dataclasses.dataclass(frozen=True)
class DomainManifest:
    """Songs of one domain.

    Attributes:
        songs: songs that are used, sorted by name.
        skipped: files that are not used.
        copies: augmented copies of the songs of the train split.
        stems: of the songs, for evaluation.
    """

    songs: tuple[SongRecord, ...]
    skipped: tuple[Skipped, ...] = ()
    copies: tuple[AugmentedCopy, ...] = ()
    stems: tuple[StemRecord, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON values of the manifest."""
        return {
            "songs": [song.to_dict() for song in self.songs],
            "skipped": [dataclasses.asdict(skipped) for skipped in self.skipped],
            _COPIES_KEY: [copy.to_dict() for copy in self.copies],
            "stems": [stem.to_dict() for stem in self.stems],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> DomainManifest:
        """Manifest from the values of `to_dict`."""
        songs = tuple(SongRecord(**song) for song in values["songs"])
        copies = tuple(AugmentedCopy.from_dict(copy) for copy in values.get(_COPIES_KEY, ()))
        stems = tuple(StemRecord(**stem) for stem in values.get("stems", ()))
        return cls(songs, tuple(Skipped(**skipped) for skipped in values["skipped"]), copies, stems)


@dataclasses.dataclass(frozen=True)
class Manifest:
    """Contents of a data folder. It is written last: where it exists, `prepare` has finished.

    Attributes:
        settings: common to all shards.
        domains: the manifest of each of DOMAINS.
    """

    settings: Settings
    domains: dict[str, DomainManifest]

    def save(self, folder: Path) -> None:
        """Writes manifest.json atomically."""
        domains = {name: domain.to_dict() for name, domain in self.domains.items()}
        write_json(folder / MANIFEST_FILE, {"settings": self.settings.to_dict(), "domains": domains})

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Reads the manifest of a data folder.

        Raises:
            UserError: if it is missing or damaged.
        """
        path = folder / MANIFEST_FILE
        if not path.is_file():
            raise UserError(
                f"{folder} holds no {MANIFEST_FILE}: make it (or finish it) with `coverband prepare`"
            )
        try:
            values = json.loads(path.read_text())
            domains = {name: DomainManifest.from_dict(values["domains"][name]) for name in DOMAINS}
            return cls(Settings.from_dict(values["settings"]), domains)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{path} is damaged ({error!r}): run `coverband prepare` again") from error


def write_json(path: Path, values: Any, attempt: str = "") -> None:
    """Writes a JSON file atomically.

    Args:
        path: the file.
        values: JSON values.
        attempt: part of the temporary name, if several processes may write the same file at once.
    """
    temporary = path.with_name(f"{path.name}{attempt}.tmp")
    temporary.write_text(json.dumps(values, indent=2) + "\n")
    os.replace(temporary, path)


def serialise_segment(pcm: np.ndarray, valid: int) -> bytes:
    """Serialised tf.train.Example of a segment.

    Args:
        pcm: int16 [segment_samples].
        valid: number of samples before the zero padding.
    """
    import tensorflow as tf  # here, so that the workers of `prepare` start without it

    features = {
        "pcm": tf.train.Feature(bytes_list=tf.train.BytesList(value=[pcm.astype("<i2").tobytes()])),
        "valid": tf.train.Feature(int64_list=tf.train.Int64List(value=[valid])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString(
        deterministic=True
    )


def parse_segment(serialised: tf.Tensor, segment_samples: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Segment of a serialised tf.train.Example, in the graph.

    Args:
        serialised: string scalar.
        segment_samples: length of a segment.

    Returns:
        int16 [segment_samples], and the number of samples before the padding (int64 scalar).
    """
    import tensorflow as tf

    schema = {"pcm": tf.io.FixedLenFeature([], tf.string), "valid": tf.io.FixedLenFeature([], tf.int64)}
    example = tf.io.parse_single_example(serialised, schema)
    pcm = tf.io.decode_raw(example["pcm"], tf.int16, little_endian=True)
    return tf.ensure_shape(pcm, [segment_samples]), example["valid"]
