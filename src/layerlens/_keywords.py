"""Keyword arguments that several methods take, written down once as a typed dictionary."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, get_type_hints

Method = TypeVar("Method", bound=Callable[..., Any])


def spelled_out(keywords: type) -> Callable[[Method], Method]:
    """Have `help` name the keys of a method's `**view: Unpack[...]`, as type checkers do by themselves.

    Args:
        keywords: the typed dictionary, each key of which may be left out.
    """
    named = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in get_type_hints(keywords).items()
    ]

    def spell_out(method: Method) -> Method:
        signature = inspect.signature(method)
        own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
        vars(method)["__signature__"] = signature.replace(parameters=[*own, *named])
        return method

    return spell_out


def check_keywords(keywords: type, given: Iterable[str]) -> None:
    """Refuse a keyword that there is none of, as Python does where each is written down.

    Raises:
        TypeError: there is no such keyword.
    """
    known = keywords.__annotations__
    for name in given:
        if name not in known:
            raise TypeError(f"unexpected keyword argument {name!r}: there are {', '.join(known)}")
