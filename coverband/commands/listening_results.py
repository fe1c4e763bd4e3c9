"""Turns the answers of a listening test into a table: mean ratings with 95 % intervals.

    coverband listening-results --test listening/ answers/
    coverband listening-results --test listening/ ann.json bob.json --screening none

The test is a folder by `coverband evaluate --listening_test`; the answers are the files that participants
saved, or folders of them. Every system gets the means of both questions and their harmonic mean, with
intervals over participants and songs. Participants who miss the hidden reference are excluded (BS.1534): in
"Is it the same song?" it is the song itself, in "Is it this band?" the band's own recording, where there is
one. The same numbers are written to listening.md and listening.json.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console, outputs
from pipelines.evaluation.listening.screening import CHOICES


def main(argv: list[str]) -> None:
    """Reads answers, prints the table and writes it."""
    values = flags.FlagValues()
    test = flags.DEFINE_string(
        "test", None, "A folder by `coverband evaluate --listening_test`.", required=True, flag_values=values
    )
    screening = flags.DEFINE_enum(
        "screening",
        "both",
        list(CHOICES),
        "Questions whose hidden reference excludes participants: both, content, style or none.",
        flag_values=values,
    )
    out = flags.DEFINE_string(
        "out", None, "The folder for listening.md and listening.json (default: --test).", flag_values=values
    )
    paths = console.parse(values, argv, __doc__, positional=True)
    # SciPy takes a second to load; a mistyped flag should not cost it.
    from pipelines.evaluation.listening import tables
    from pipelines.evaluation.listening.answers import find_files, read_answers
    from pipelines.evaluation.listening.key import Key
    from pipelines.evaluation.listening.summary import summarise

    folder = Path(out.value or test.value)
    key = Key.load(Path(test.value))
    outputs.require_writable(folder, "--out")
    participants = read_answers(find_files(map(Path, paths)), key)
    result = summarise(participants, key, CHOICES[screening.value])
    folder.mkdir(parents=True, exist_ok=True)
    written = tables.write(result, folder)
    print(f"\n{tables.terminal(result)}\n\nWritten: {written[0]} and {written[1]}")


if __name__ == "__main__":
    console.run(main)
