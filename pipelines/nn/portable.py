"""Plans of networks that every supported version of Keras can load."""

from __future__ import annotations

import json
from typing import Any

# Arguments that Keras 3.15 writes and 3.12 refuses, with the values that mean nothing.
_NEWER = {"input_axes": None, "output_axes": None, "quantization_config": None, "optional": False}


def portable(plan: str) -> str:
    """A plan, as JSON, without arguments that an older Keras does not know and that have no effect."""
    return json.dumps(json.loads(plan, object_hook=_without_newer))


def _without_newer(arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in arguments.items() if not (name in _NEWER and value == _NEWER[name])
    }
