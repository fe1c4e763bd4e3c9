"""Debian packages of music: where their songs are, who made them, and under which licence.

Artists and licences are those of each package's usr/share/doc/PACKAGE/copyright, read by hand for Debian 12.
"""

from __future__ import annotations

import dataclasses
from fnmatch import fnmatchcase

BY_SA = "CC-BY-SA-3.0"


@dataclasses.dataclass(frozen=True)
class Credit:
    """Artist and licence of some songs.

    Attributes:
        pattern: shell pattern of the songs' names, in which * also stands for slashes.
        artist: as the copyright file names it; empty where it names none, so that the song's tag decides.
        licence: SPDX identifier.
    """

    pattern: str
    artist: str
    licence: str


@dataclasses.dataclass(frozen=True)
class Package:
    """Package of songs.

    Attributes:
        name: of the Debian package.
        root: folder in the package to which the names of songs are relative.
        songs: glob patterns of song files below the root; of folders, if `stems` is true.
        credits: the first that matches a song's name holds; together they match all songs.
        source: statement of the package on which the credits are based.
        stems: true if a song is a folder of simultaneous recordings, which are mixed to one.
    """

    name: str
    root: str
    songs: tuple[str, ...]
    credits: tuple[Credit, ...]
    source: str
    stems: bool = False

    def credit(self, song: str) -> Credit:
        """Credit of a song.

        Args:
            song: its name, relative to the root, with forward slashes.
        """
        return next(each for each in self.credits if fnmatchcase(song, each.pattern))


BANDS = {
    "muldjord": Package(
        "fretsonfire-songs-muldjord",
        "usr/share/games/fretsonfire/data/songs/muldjord",
        ("*",),
        (Credit("*", "Muldjord", BY_SA),),
        "songs, performances and fret files are Copyright 2009 El Senator, CC BY-SA 3.0; each song's "
        "readme.txt asks to credit Muldjord as the author",
        stems=True,
    ),
    "obsidian": Package(
        "marsshooter-data",
        "usr/share/games/marsshooter/audio",
        ("music/*.ogg", "menu.ogg", "tutorial.ogg"),
        (Credit("*", "Obsidian Shell", BY_SA),),
        "data/audio/music/*, menu.ogg and tutorial.ogg are Copyright 2011 Obsidian Shell, CC-BY-SA-3.0",
    ),
    "singularity": Package(
        "singularity-music",
        "usr/share/games/singularity/music",
        ("**/*.ogg",),
        (Credit("*", "Max McCracken", BY_SA),),
        "Copyright 2007-2008, 2012 Max McCracken, with the text of the licence; README and the files' tags "
        "call it BY-SA 3.0",
    ),
}
"""Package of each band, by the band's name in commands."""

CONTENT = (
    Package(
        "wesnoth-1.16-music",
        "usr/share/games/wesnoth/1.16/data/core/music",
        ("*.ogg",),
        (Credit("*", "", "GPL-2.0-or-later"),),
        "the package as a whole is GPL-2+; no song or composer is named (the files' tags name them, and GPL)",
    ),
    Package(
        "hyperrogue-music",
        "usr/share/hyperrogue/music",
        ("*.ogg",),
        (
            Credit("hr3-*", "Shawn Parrotte", BY_SA),
            Credit("hr-domina-*", "Lincoln Domina", BY_SA),
            Credit("hr-savino-*", "Will Savino", BY_SA),
            Credit("*", "", "GPL-2.0-or-later"),
        ),
        "every file of music/ is listed by its name under one of three composers, all CC-BY-SA-3.0; other "
        "files are GPL-2+",
    ),
    Package(
        "fillets-ng-data",
        "usr/share/games/fillets-ng/music",
        ("*.ogg",),
        (Credit("*", "", "GPL-2.0-only"),),
        "the package as a whole is GPL version 2 of June 1991; the authors are listed, ALTAR interactive "
        "among them, but nobody is named as the composer",
    ),
    Package(
        "asc-music",
        "usr/share/games/asc/music",
        ("*.mp3",),
        (Credit("*", "Michael Kievernagel", "GPL-2.0-or-later"),),
        "all files are Copyright 2002 Michael Kievernagel, GPL-2+",
    ),
)
"""Packages of generic songs."""
