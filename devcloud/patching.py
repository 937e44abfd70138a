"""The one way in which functions of MiniStack are replaced by those of this package.

An assignment to a name that MiniStack has since renamed would go unnoticed: MiniStack would answer again, and let
through what this package refuses. Here that is an error, and the local AWS does not start.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

REPLACED: dict[tuple[str, str], object] = {}
"""What was replaced in this process: by module and name, what MiniStack had there."""


class DoesNotFit(TypeError):
    """MiniStack does not have what was to be replaced, or calls it in another way."""


def replace(module: ModuleType, name: str, new: object) -> None:
    """Put ``new`` where ``module`` has ``name``.

    Raises DoesNotFit when the module has no such name, when ``new`` is a function and cannot be called as the old one
    is, and when it is no function and of another type.
    """
    if not hasattr(module, name):
        raise DoesNotFit(f"{module.__name__} has no {name} to replace.")
    old = getattr(module, name)
    if callable(old):
        _refuse_other_parameters(f"{module.__name__}.{name}", old, new)
    elif not isinstance(new, type(old)):
        raise DoesNotFit(f"{module.__name__}.{name} is of type {type(old).__name__}, not {type(new).__name__}.")
    REPLACED.setdefault((module.__name__, name), old)
    setattr(module, name, new)


def _refuse_other_parameters(name: str, old: Callable[..., Any], new: object) -> None:
    """Raise DoesNotFit unless ``new`` takes both the fullest and the shortest call that ``old`` takes."""
    if not callable(new):
        raise DoesNotFit(f"{name} is a function, and what is to replace it is not.")
    parameters = inspect.signature(old).parameters.values()
    for called in (list(parameters), [each for each in parameters if each.default is inspect.Parameter.empty]):
        by_position = [each.name for each in called if each.kind in _BY_POSITION]
        by_name = {each.name: each.name for each in called if each.kind is inspect.Parameter.KEYWORD_ONLY}
        try:
            inspect.signature(new).bind(*by_position, **by_name)
        except TypeError as error:
            raise DoesNotFit(f"{name} is called with other parameters than its replacement takes: {error}.") from error


_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
