"""The folder of one training run: what lies where, and whose it is."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines import configuration, locks, outputs
from pipelines.audio.spec import SPEC_FILE, AudioSpec
from pipelines.errors import UserError

CONFIG_FILE = "config.json"
CHECKPOINTS = "checkpoints"
_LOCK_FILE = ".lock"


@dataclasses.dataclass(frozen=True)
class RunRecord:
    """Settings of a run; two runs are the same run if their records are equal apart from `execution`.

    Attributes:
        family: "cyclegan", for instance.
        preset: the preset that the configuration was made from.
        seed: of the weights, the data's order and every draw.
        config: the resolved configuration, as JSON values.
        execution: fields of an `Execution`: how its steps are carried out, which may change.
        init: weights that it starts from, as its family names them; None for random ones.
    """

    family: str
    preset: str
    seed: int
    config: Mapping[str, Any]
    execution: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    init: str | None = None


@dataclasses.dataclass(frozen=True)
class Workdir:
    """The folder of a run.

    Attributes:
        path: the folder. Inside it: config.json and audio_spec.json; checkpoints/, from which to resume;
            translator/, the newest network for translate and export; onnx/, the ONNX export of the last one;
            best/, the best one, if it is wanted, and best.json, why it is; logs/, for TensorBoard.
    """

    path: Path

    @property
    def config(self) -> Path:
        """The file that holds the `RunRecord`."""
        return self.path / CONFIG_FILE

    @property
    def checkpoints(self) -> Path:
        """The folder from which a run resumes."""
        return self.path / CHECKPOINTS

    @property
    def translator(self) -> Path:
        """The folder of the newest translator."""
        return self.path / "translator"

    @property
    def best(self) -> Path:
        """The folder of the best translator."""
        return self.path / "best"

    @property
    def best_record(self) -> Path:
        """The file that says by which metric it is the best."""
        return self.path / "best.json"

    @property
    def logs(self) -> Path:
        """TensorBoard's folder."""
        return self.path / "logs"

    def record(self) -> RunRecord:
        """Reads what the run was started with.

        Raises:
            UserError: if there is no run here, or its record is damaged.
        """
        if not self.config.exists():
            raise UserError(f"{self.path} holds no run to resume: leave --resume out to start one")
        try:
            return RunRecord(**json.loads(self.config.read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise UserError(f"{self.config} is damaged: train in a new --workdir") from error

    def start(self, record: RunRecord, spec: AudioSpec) -> None:
        """Makes the folder of a new run.

        Raises:
            UserError: if a run, or something else, is there already.
        """
        if self.config.exists():
            raise UserError(
                f"{self.path} already holds a run: add --resume to go on with it, or name a new --workdir"
            )
        if self.path.exists() and not all(map(_is_of_a_start, self.path.iterdir())):
            raise UserError(f"{self.path} is not empty and holds no run: name a new --workdir")
        with self._writing():
            self.path.mkdir(parents=True, exist_ok=True)
            try:
                spec.save(self.path)
                # Last, for its presence is what makes the folder a run.
                self._replace(record)
            except OSError:
                (self.path / SPEC_FILE).unlink(missing_ok=True)
                raise

    def abandon(self) -> None:
        """Takes back the start of a run that could not begin, so that it can be started again, corrected.

        A run that has begun, with checkpoints or logs, stays.
        """
        if self.checkpoints.exists() or self.logs.exists():
            return
        for item in self.path.iterdir():
            if item.is_dir():
                shutil.rmtree(item)
            elif item.name != _LOCK_FILE:
                item.unlink()

    def write(self, record: RunRecord) -> None:
        """Writes the record, whole or not at all.

        Raises:
            UserError: if it cannot be written.
        """
        with self._writing():
            self._replace(record)

    def _replace(self, record: RunRecord) -> None:
        with outputs.whole(self.config) as draft:
            draft.write_text(json.dumps(dataclasses.asdict(record), indent=2) + "\n")

    def require_same(self, record: RunRecord, spec: AudioSpec, data: str) -> None:
        """Refuses to go on with another run than the one that is here.

        Raises:
            UserError: naming the fields that differ.
        """
        AudioSpec.load(self.path).require_equal(spec, str(self.path), data)
        runs = (dataclasses.replace(run, execution={}) for run in (self.record(), record))
        ours, theirs = (configuration.flat(dataclasses.asdict(run)) for run in runs)
        missing = "nothing"
        fields = [
            f"{key.removeprefix('config.')} {ours.get(key, missing)} against {theirs.get(key, missing)}"
            for key in ours | theirs
            if ours.get(key, missing) != theirs.get(key, missing)
        ]
        if fields:
            raise UserError(
                f"{self.path} holds a run with other settings ({', '.join(fields)}): "
                "resume it with its own, or name a new --workdir"
            )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the folder for this process alone; the system releases it even after a kill.

        Raises:
            UserError: if another process is training here, or the folder cannot be made.
        """
        with contextlib.ExitStack() as held:
            with self._writing():
                self.path.mkdir(parents=True, exist_ok=True)
                held.enter_context(locks.exclusive(self.path / _LOCK_FILE, self._busy))
            yield

    def _busy(self, holder: str) -> str:
        return (
            f"another process (pid {holder}) is training in {self.path}: wait for it, or name a new --workdir"
        )

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            if full and self.config.exists():
                raise  # What is intact is said by who knows.
            then = "free some space, or name another --workdir" if full else "name another --workdir"
            raise UserError(f"{self.path} cannot be written ({error.strerror}): {then}") from error


def _is_of_a_start(item: Path) -> bool:
    """True for what a start that was killed may leave."""
    return item.name in (_LOCK_FILE, SPEC_FILE) or outputs.is_temporary(item)
