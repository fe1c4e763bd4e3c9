"""Models of an evaluation: labels, loading and checks."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.evaluation import systems
from pipelines.evaluation.context import WarningLog
from pipelines.evaluation.results import Method
from pipelines.evaluation.store import file_identity
from pipelines.evaluation.systems import TrainedModel
from pipelines.inference.loading import load_window_translator
from pipelines.inference.model_folders import find_vocoder, is_export, load_translator_card, trained_folder
from pipelines.inference.translate import SongTranslator
from pipelines.nn.dials import AUTOMATIC, DIALS, Dials
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.translator_card import TranslatorCard

_RESERVED = (
    systems.COPY_SOURCE,
    systems.COPY_BAND,
    systems.EQ_MATCH,
    systems.MOMENT_MATCH,
    systems.ORACLE,
    systems.BAND_ORACLE,
)


@dataclasses.dataclass(frozen=True)
class ModelEntry:
    """A model that the user names, and the labels of its rows.

    Attributes:
        path: see `pipelines.inference.loading`.
        name: label of its row.
        dials: labels and dials of further rows.
        vocoder: label of a further row, and the path of its vocoder; None for no such row.
    """

    path: Path
    name: str
    dials: tuple[tuple[str, Dials], ...] = ()
    vocoder: tuple[str, Path] | None = None


def model_entries(
    paths: Sequence[str],
    names: Sequence[str],
    strengths: Sequence[float] = (),
    vocoder: str | None = None,
    closenesses: Sequence[float] = (),
) -> list[ModelEntry]:
    """Entries of models with unique labels: the user's, or the folders' names.

    Args:
        paths: the models.
        names: labels of the first of them.
        strengths: strengths of further rows of every model, beside the one at full strength.
        vocoder: vocoder of a further row of every model, beside the one by its own inverter.
        closenesses: closenesses of further rows of every model, beside the automatic one.

    Raises:
        UserError: if there are more names than models.
    """
    if len(names) > len(paths):
        raise UserError(
            f"there are {len(names)} --name for {len(paths)} --model: give one for each, in order"
        )
    labels = [*names, *(Path(path).resolve().name for path in paths[len(names) :])]
    used = {method.key for method in _RESERVED}
    unique = [_unique(label, used) for label in labels]
    return [
        ModelEntry(
            Path(path),
            label,
            _dial_rows(label, strengths, closenesses, used),
            _vocoder_row(label, vocoder, used),
        )
        for path, label in zip(paths, unique, strict=True)
    ]


def _dial_rows(
    label: str, strengths: Sequence[float], closenesses: Sequence[float], used: set[str]
) -> tuple[tuple[str, Dials], ...]:
    """Labels and dials of one model's further rows, each with one dial turned, in falling order."""
    turned = [
        (name, value)
        for name, values in (("strength", strengths), ("closeness", closenesses))
        for value in sorted(set(values), reverse=True)
        if value != getattr(DIALS, name)
    ]
    return tuple(
        (_unique(f"{label}, {name} {value:.2f}", used), DIALS._replace(**{name: value}))
        for name, value in turned
    )


def _vocoder_row(label: str, vocoder: str | None, used: set[str]) -> tuple[str, Path] | None:
    return (_unique(f"{label}, vocoder", used), Path(vocoder)) if vocoder else None


def load(entries: Sequence[ModelEntry], spec: AudioSpec, warn: WarningLog) -> Iterator[TrainedModel]:
    """Loads models; a warning names each one that cannot be loaded.

    Args:
        entries: the models.
        spec: of the evaluation; a model with another spec is evaluated, too, with a warning.
        warn: log of the warnings.
    """
    for entry in entries:
        try:
            yield from _load(entry, spec, warn)
        except UserError as error:
            warn(f"{entry.name} is left out: {error}")


def _load(entry: ModelEntry, spec: AudioSpec, warn: WarningLog) -> list[TrainedModel]:
    """Systems of one model; the first is the one at full strength."""
    window_translator, folder = load_window_translator(entry.path), _folder(entry.path)
    card = load_translator_card(folder)
    if differing := _differing(window_translator.spec, spec):
        warn(
            f"{entry.name} was trained with other audio settings than the data folder's ({differing}): it "
            "translates with its own, is measured with the data folder's, and has an oracle of its own"
        )
    method = Method(_key(entry.name), entry.name, "model", _explanation(entry.path, card))
    translator = SongTranslator(window_translator)
    full = TrainedModel(translator, window_translator.spec, spec.sample_rate, method, _identity(folder))
    rows = [full]
    for label, dials in entry.dials:
        if dials.closeness != AUTOMATIC and not card.closeness:
            warn(f"{label} is left out: a {card.family} model has no dial of closeness, a vaegan has")
        else:
            rows.append(_turned(full, label, dials))
    return [*rows, _with_vocoder(full, entry.path, *entry.vocoder)] if entry.vocoder else rows


def _with_vocoder(full: TrainedModel, path: Path, label: str, vocoder: Path) -> TrainedModel:
    """The model with another inverter."""
    explanation = f"{full.method.explanation} Its log-mels are inverted by the vocoder {vocoder}."
    return dataclasses.replace(
        full,
        translator=SongTranslator(load_window_translator(path, vocoder)),
        method=dataclasses.replace(full.method, key=_key(label), name=label, explanation=explanation),
        identity=f"{full.identity} {file_identity(checkpoint.find(vocoder))}",
    )


def _turned(full: TrainedModel, label: str, dials: Dials) -> TrainedModel:
    """The model with other dials; both rows share the loaded translator."""
    strength, closeness = dials
    settings = f"strength {strength:g} (0: the source), closeness {closeness:g} (0: free)"
    explanation = f"{full.method.explanation} Its dials: {settings}."
    method = dataclasses.replace(full.method, key=_key(label), name=label, explanation=explanation)
    return dataclasses.replace(full, method=method, identity=f"{full.identity} {settings}", dials=dials)


def _explanation(path: Path, card: TranslatorCard) -> str:
    return f"The {card.family} model {path}, preset {card.preset}, after {card.steps} steps."


def _differing(ours: AudioSpec, theirs: AudioSpec) -> str:
    one, other = ours.to_dict(), theirs.to_dict()
    return ", ".join(f"{key} {one[key]} against {other[key]}" for key in one if one[key] != other[key])


def _folder(path: Path) -> Path:
    return path if is_export(path) else trained_folder(path)


def _identity(folder: Path) -> str:
    """Identities of all files of a model."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    vocoder = find_vocoder(folder)
    return " ".join(map(file_identity, [*files, vocoder] if vocoder and vocoder not in files else files))


def _unique(label: str, used: set[str]) -> str:
    """The label, with a number if its key is used already; adds the key to `used`."""
    unique, number = label, 2
    while _key(unique) in used:
        unique, number = f"{label} ({number})", number + 1
    used.add(_key(unique))
    return unique


def _key(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-") or "model"
