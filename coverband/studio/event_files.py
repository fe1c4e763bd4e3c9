"""TensorBoard's event files, read without TensorFlow, as far as they are written.

A file is a sequence of records: length (uint64), its checksum (uint32), an `Event` message, its checksum. The
last record may be incomplete; it is read the next time. Checksums are not verified: the files are local.
"""

from __future__ import annotations

import dataclasses
import struct
from collections import defaultdict
from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2

_HEAD, _CHECKSUM_BYTES = struct.Struct("<QI"), 4
_MEDIA = ("audio", "images")
"""Plugins whose values are large and stay in the file."""


@dataclasses.dataclass(frozen=True)
class Position:
    """Record of an event file.

    Attributes:
        file: the file.
        offset: of the message in it, bytes.
        length: of the message, bytes.
    """

    file: Path
    offset: int
    length: int

    def values(self, tag: str) -> list[bytes]:
        """Strings of a summary: for sounds and images the encoded files, with other strings among them.

        Raises:
            OSError: if the file cannot be read.
        """
        with self.file.open("rb") as file:
            file.seek(self.offset)
            event = event_pb2.Event.FromString(file.read(self.length))
        return [text for value in event.summary.value if value.tag == tag for text in value.tensor.string_val]


class EventLog:
    """Event files of a run.

    Attributes:
        scalars: value by step, by tag.
        texts: newest text by tag.
        media: record by step, by tag of sounds and images.
        times: wall-clock time by step at which a sound was logged, seconds since 1970.
    """

    def __init__(self, folder: Path) -> None:
        """Reads nothing yet; see `update`."""
        self._folder, self._offsets = folder, defaultdict[Path, int](int)
        self.scalars: dict[str, dict[int, float]] = defaultdict(dict)
        self.texts: dict[str, str] = {}
        self.media: dict[str, dict[int, Position]] = defaultdict(dict)
        self.times: dict[int, float] = {}

    def update(self) -> None:
        """Reads what was written since the last call; later files and records replace earlier ones."""
        for path in sorted(self._folder.rglob("events.out.tfevents.*")):
            with path.open("rb") as file:
                self._read(path, file.seek(0, 2))

    def _read(self, path: Path, size: int) -> None:
        with path.open("rb") as file:
            while (start := self._offsets[path]) + _HEAD.size <= size:
                file.seek(start)
                length, _ = _HEAD.unpack(file.read(_HEAD.size))
                end = start + _HEAD.size + length + _CHECKSUM_BYTES
                if end > size:
                    return
                event = event_pb2.Event.FromString(file.read(length))
                for value in event.summary.value:
                    self._add(event, value, Position(path, start + _HEAD.size, length))
                self._offsets[path] = end

    def _add(self, event: event_pb2.Event, value: summary_pb2.Summary.Value, position: Position) -> None:
        plugin = value.metadata.plugin_data.plugin_name
        if plugin in _MEDIA:
            self.media[value.tag][event.step] = position
            self.times[event.step] = event.wall_time
        elif plugin == "text" and value.tensor.string_val:
            self.texts[value.tag] = value.tensor.string_val[0].decode("utf-8", "replace")
        elif plugin == "scalars":
            found = value.tensor.float_val or struct.unpack_from(
                "<f", value.tensor.tensor_content or bytes(4)
            )
            self.scalars[value.tag][event.step] = found[0]
