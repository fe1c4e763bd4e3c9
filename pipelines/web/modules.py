"""Bundle of JavaScript modules: one classic script, for workers and pages that load nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "[^"]*?(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)


def bundle(modules: Iterable[tuple[str, str]]) -> str:
    """Script that runs modules in turn, each in a scope of its own.

    Args:
        modules: names and texts, each behind those that it imports; named imports and exports only.
    """
    return "\n".join(_scoped(name, text) for name, text in modules)


def _scoped(name: str, text: str) -> str:
    exported = ", ".join(_EXPORT.findall(text))
    text = _EXPORT.sub("", _IMPORT.sub(r"const \1 = \2_js;", text))
    return f'const {name}_js = (() => {{\n"use strict";\n{text}\nreturn {{ {exported} }};\n}})();'
