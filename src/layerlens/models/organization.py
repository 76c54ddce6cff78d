"""Organisations and their projects."""

from __future__ import annotations

from pydantic import Field

from ._base import WireModel


class Project(WireModel):
    """A project of an organisation: the models and benchmarks it works with.

    Attributes:
        id: unique identifier.
        name: what people call it.
    """

    id: str
    name: str = ""


class Organization(WireModel):
    """The organisation an API key belongs to.

    Attributes:
        id: unique identifier.
        name: what people call it.
        projects: its projects, at least one; a client works in the first.
    """

    id: str
    name: str = ""
    projects: list[Project] = Field(min_length=1)


class ProjectUpdate(WireModel):
    """Body of `PATCH /organizations/{org}/projects/{proj}`: sets what is given, leaves what is not.

    Attributes:
        models: ids of all models the project shall have.
        benchmarks: ids of all benchmarks the project shall have (`datasets` on the wire).
        name: what the project is called, 1 to 100 characters.
    """

    name: str | None = Field(None, min_length=1, max_length=100, pattern=r"\S")
    models: list[str] | None = None
    benchmarks: list[str] | None = Field(None, alias="datasets")


class ProjectUpdated(WireModel):
    """Answer to a project update.

    Attributes:
        id: the project's id.
        data: the project once more, for readers that expect an envelope.
    """

    id: str
    data: Project | None = None
