"""Corpus of really produced music: the songs of a band, and songs of others, from Debian packages.

    python -m tools benchmark real corpus --band obsidian --size small --out real/obsidian
    python -m tools benchmark real corpus --band muldjord --size full --out real/muldjord --debs downloads/

Bands: muldjord (death metal, 4 songs), obsidian (metal with singing, 12 songs), singularity (electronic, 16
songs). Packages are downloaded by apt-get, which needs no root, and unpacked by dpkg-deb into a cache folder;
--debs takes .deb files that were fetched otherwise. An interrupted run continues. A package that cannot be
had is reported, and the rest goes on.

OUT/content and OUT/band have folders train, valid and test, which `coverband prepare` keeps. The splits are
by song and seeded; small has fewer songs to train on than full, and the same held-out songs. OUT/songs.csv
lists all songs with artist and licence. docs/real_recordings.md says more.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from absl import flags

from pipelines import console, outputs
from pipelines.data.schema import DOMAINS, SPLITS
from pipelines.errors import UserError
from tools.benchmarks.real import corpus, fetch, songs
from tools.benchmarks.real.packages import BANDS, CONTENT, Package
from tools.benchmarks.tables import Cell, Table


def main(argv: list[str]) -> None:
    """Makes the folders of songs and prints what they hold."""
    values = flags.FlagValues()
    band = flags.DEFINE_enum("band", None, sorted(BANDS), "The band.", required=True, flag_values=values)
    size = flags.DEFINE_enum(
        "size",
        "small",
        sorted(corpus.TRAIN_MINUTES, reverse=True),
        "small for about 20 minutes of the band and 40 of content to train on, full for all songs.",
        flag_values=values,
    )
    out = flags.DEFINE_string("out", None, "Folder for the corpus.", required=True, flag_values=values)
    cache = flags.DEFINE_string(
        "cache",
        None,
        "Folder for downloaded and unpacked packages (default: coverband/real in the user's cache folder).",
        flag_values=values,
    )
    debs = flags.DEFINE_string("debs", None, "Folder with .deb files to use first.", flag_values=values)
    seed = flags.DEFINE_integer("seed", 0, "Seed of the splits.", flag_values=values)
    console.parse(values, argv, __doc__)
    target, packages = Path(out.value), Path(cache.value) if cache.value else outputs.user_cache() / "real"
    outputs.require_writable(target, "--out")
    outputs.require_writable(packages, "--cache")
    folder = Path(debs.value) if debs.value else None
    if folder and not folder.is_dir():
        raise UserError(f"--debs {folder} is no folder: name one with .deb files")
    found = _songs(BANDS[band.value], packages, folder)
    entries = corpus.choose(found, size.value, seed.value)
    corpus.write(entries, target)
    print(summary(f"{band.value}, {size.value}", entries))
    print(f"Next: {_next_command(target)}")


def _songs(band: Package, cache: Path, debs: Path | None) -> dict[str, list[songs.Song]]:
    """Songs of both domains; a package that fails is reported.

    Raises:
        UserError: if a domain has no songs.
    """
    found: dict[str, list[songs.Song]] = {}
    with fetch.opened(cache):
        for domain, packages in zip(DOMAINS, (CONTENT, (band,)), strict=True):
            found[domain] = []
            for package in packages:
                try:
                    unpacked = fetch.fetch(package.name, cache, debs)
                    found[domain] += songs.find(package, unpacked, cache / "mixes")
                except UserError as error:
                    console.say(str(error))
            if not found[domain]:
                raise UserError(f"there are no songs for {domain}: the lines above say why")
    missing = {package.name for package in CONTENT} - {song.package for song in found["content"]}
    if missing:
        console.say(
            f"without {', '.join(sorted(missing))} the splits differ: compare no numbers with others'"
        )
    return found


def summary(title: str, entries: Sequence[corpus.Entry]) -> Table:
    """Table of the songs and minutes of each package by split.

    Args:
        title: heading.
        entries: of the corpus.
    """
    groups = list(dict.fromkeys((entry.domain, entry.song.package) for entry in entries))
    rows = [
        _row(domain, package, [e for e in entries if (e.domain, e.song.package) == (domain, package)])
        for domain, package in groups
    ]
    totals = [_row(domain, "all", [e for e in entries if e.domain == domain]) for domain in DOMAINS]
    return Table(title, (*rows, *totals))


def _row(domain: str, package: str, entries: Sequence[corpus.Entry]) -> dict[str, Cell]:
    row: dict[str, Cell] = {"domain": domain, "package": package}
    for split in SPLITS:
        seconds = [entry.song.seconds for entry in entries if entry.split == split]
        row[split] = f"{len(seconds)} song{'s' * (len(seconds) != 1)}, {sum(seconds) / 60:.1f} min"
    return row


def _next_command(out: Path) -> str:
    """Command that prepares the corpus for training."""
    paths = {flag: shlex.quote(str(out / flag)) for flag in (*DOMAINS, "data")}
    return f"coverband prepare --content {paths['content']} --band {paths['band']} --out {paths['data']}"
