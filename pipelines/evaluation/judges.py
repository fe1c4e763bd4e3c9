"""Columns of `coverband evaluate --judges`: published networks that no model is trained with.

Note F1 by basic-pitch (the extra `judges`), and distances of musicnn's features. Their weights are fetched
once, see `pipelines.metrics.published_weights`.
"""

from __future__ import annotations

from pipelines.errors import UserError
from pipelines.evaluation.columns import AnyColumn, Comparison, SetColumn, SongColumn
from pipelines.evaluation.context import WarningLog
from pipelines.evaluation.results import Column
from pipelines.metrics import basic_pitch, frechet, musicnn


def note_f1(comparison: Comparison) -> float:
    """`basic_pitch.note_f1` against the source."""
    return basic_pitch.note_f1(comparison.source.notes, comparison.translation.notes)


NOTE_F1 = SongColumn(
    Column(
        "note_f1",
        "note F1",
        "",
        True,
        "content",
        "F1 of the notes that basic-pitch transcribes against the source's: onset within 50 ms, equal pitch.",
        3,
    ),
    note_f1,
)

MUSICNN = (
    SetColumn(
        Column(
            "kad_musicnn",
            "KAD (musicnn)",
            "",
            False,
            "style",
            "Kernel distance of musicnn's features, a network trained to tag music, to the band's.",
        ),
        "musicnn",
        frechet.kernel_audio_distance,
    ),
    SetColumn(
        Column(
            "fad_musicnn",
            "FAD-infinity (musicnn)",
            "",
            False,
            "style",
            "Frechet distance of musicnn's features to the band's, extrapolated to infinitely many windows.",
        ),
        "musicnn",
        frechet.frechet_distance_infinity,
    ),
)


def available_columns(warn: WarningLog) -> tuple[AnyColumn, ...]:
    """Columns of the judges that can be had; a warning says why another cannot.

    Fetches weights, and loads TensorFlow the first time; call it before workers need them.

    Args:
        warn: log of the warnings.
    """
    columns: list[AnyColumn] = []
    for judge, prepare, entries in (
        ("note F1", basic_pitch.load, (NOTE_F1,)),
        ("musicnn", musicnn.prepare, MUSICNN),
    ):
        try:
            prepare()
            columns += entries
        except UserError as error:
            warn(f"{judge} is left out: {error}")
    return tuple(columns)
