"""Short work on untrusted files in a process of its own, which ends alone if a file crashes the decoder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

_processes = asyncio.Semaphore(os.cpu_count() or 1)


async def run(module: str, *arguments: str, seconds: float) -> tuple[int, str]:
    """Runs a module, with one process per core at most.

    Args:
        module: see `python -m`.
        arguments: its command line.
        seconds: after which it is killed.

    Returns:
        Exit code, negative after a signal, and the output.
    """
    async with _processes:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        output = b""
        try:
            output, _ = await asyncio.wait_for(process.communicate(), seconds)
        except asyncio.TimeoutError:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode or 0, output.decode("utf-8", "replace").strip()
