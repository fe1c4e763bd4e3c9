"""Configuration of a Beam job."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Job:
    """Beam job that prepares songs: the runner and the options that the user named.

    Attributes:
        runner: its name, as Beam knows it.
        options: Beam's own, each "name=value" or "name".
        jobs: processes of the direct runner; other runners have options for that.
    """

    runner: str
    options: tuple[str, ...]
    jobs: int

    @property
    def flags(self) -> list[str]:
        """The command line that Beam parses."""
        return [f"--direct_num_workers={self.jobs}", *(f"--{option}" for option in self.options)]
