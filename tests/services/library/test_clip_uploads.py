"""Adding a clip is one act at every door: permission, unit, audit entry, thumbnail requests, change counter."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from PIL import Image

from signage.faults import Refused
from signage.library.service import Library
from signage.library.settings import LibraryConfig
from signage.model.users import FOLDER_ACTOR, Actor
from signage.services.bootstrap import attach_library
from signage.services.context import AppContext
from signage.services.library import clip_uploads
from signage.store import change_counter
from signage.store.library import clips, renditions
from tests.support.app_context import create_app_context, list_audit_entries
from tests.support.clocks import ManualClock

WANG = Actor("wang", frozenset({"operator"}), "bureau", "api")
SUN = Actor("sun", frozenset({"operator"}))
ZHAO = Actor("zhao", frozenset({"auditor"}), channel="console")


def _encode_png() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (64, 32), "navy").save(target, "PNG")
    return target.getvalue()


PNG = _encode_png()


@pytest.fixture
def context(tmp_path: Path) -> AppContext:
    return create_app_context(tmp_path, ManualClock())


@pytest.fixture
def library(context: AppContext):
    library = Library(context.store, context.state, LibraryConfig(reserve_mb=0), context.clock)
    yield library
    library.sandbox.close()


def add_stream(context: AppContext, library: Library, actor: Actor, unit: str | None = None) -> str:
    """Add ``PNG`` as one file; returns its sha256."""
    return clip_uploads.add_clip(context, library, actor, cast(BinaryIO, io.BytesIO(PNG)), "a.png", unit).sha256


def add_upload(context: AppContext, library: Library, actor: Actor, unit: str | None = None) -> str:
    """Add ``PNG`` as a resumable upload in two pieces; returns its sha256."""
    upload = clip_uploads.create_upload(context, library, actor, "a.png", len(PNG), unit)
    for begin, end in ((0, 50), (50, len(PNG))):
        upload = clip_uploads.write_upload(context, library, actor, upload.id, begin, io.BytesIO(PNG[begin:end]))
    assert upload.sha256
    return upload.sha256


def add_file(context: AppContext, library: Library, actor: Actor, unit: str | None = None) -> str:
    """Add ``PNG`` as a file of this machine; returns its sha256."""
    path = context.root / "a.png"
    path.write_bytes(PNG)
    return clip_uploads.add_clip(context, library, actor, path, "a.png", unit).sha256


Door = Callable[..., str]
each_door = pytest.mark.parametrize("door", [add_stream, add_upload, add_file])


@each_door
def test_a_new_clip_has_one_audit_entry_and_moves_the_change_counter(
    context: AppContext, library: Library, door: Door
) -> None:
    sha256 = door(context, library, WANG)
    [entry] = list_audit_entries(context)
    assert (entry["verb"], entry["who"], entry["object"]) == ("clip.add", "wang", sha256)
    assert entry["details"] == {"via": "api", "name": "a.png", "bytes": len(PNG), "kind": "picture", "fresh": True}
    with context.store.read() as connection:
        clip = clips.get_clip(connection, sha256)
        assert clip is not None and (clip.unit, clip.added_by) == ("bureau", "wang")
        assert change_counter.get_counters(connection)["clips"] == 1
        assert len(renditions.list_renditions_of_clip(connection, sha256)) == 2  # thumbnail and poster


@each_door
def test_the_same_bytes_again_are_logged_as_not_new(context: AppContext, library: Library, door: Door) -> None:
    assert door(context, library, WANG) == door(context, library, WANG)
    assert [entry["details"]["fresh"] for entry in list_audit_entries(context)] == [True, False]


@each_door
def test_without_the_permission_nothing_is_read_and_the_refusal_is_logged(
    context: AppContext, library: Library, door: Door
) -> None:
    with pytest.raises(Refused) as refused:
        door(context, library, ZHAO)
    assert [fault.code for fault in refused.value.faults] == ["duty-missing"]
    [entry] = list_audit_entries(context)
    assert (entry["verb"], entry["who"], entry["details"]["refused"]) == ("clip.add", "zhao", "duty-missing")
    assert not [path for path in library.blobs.folder.rglob("*") if path.is_file()]


def test_who_lost_the_permission_cannot_go_on_with_an_upload(context: AppContext, library: Library) -> None:
    upload = clip_uploads.create_upload(context, library, WANG, "a.png", len(PNG))
    former = replace(WANG, roles=frozenset({"duty"}))
    for act in (
        lambda: clip_uploads.write_upload(context, library, former, upload.id, 0, io.BytesIO(PNG)),
        lambda: clip_uploads.finish_upload(context, library, former, upload.id),
        lambda: clip_uploads.delete_upload(context, library, former, upload.id),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.faults[0].code == "duty-missing"
    assert library.uploads.get(upload.id, WANG).offset == 0


@each_door
@pytest.mark.parametrize("unit", ["station", "Not A Unit!", "x" * 500, "", "bureau "])
def test_a_clip_for_another_unit_is_refused_at_every_door(
    context: AppContext, library: Library, door: Door, unit: str
) -> None:
    with pytest.raises(Refused) as refused:
        door(context, library, WANG, unit)
    assert refused.value.faults[0].code == ("not-your-unit" if unit == "station" else "word-malformed")
    assert not [path for path in library.blobs.folder.rglob("*") if path.is_file()]


@each_door
@pytest.mark.parametrize(
    ("actor", "unit", "owner"),
    [(WANG, None, "bureau"), (WANG, "bureau", "bureau"), (SUN, "station", "station"), (FOLDER_ACTOR, None, None)],
)
def test_a_clip_belongs_to_the_named_unit_else_to_the_actors(
    context: AppContext, library: Library, door: Door, actor: Actor, unit: str | None, owner: str | None
) -> None:
    sha256 = door(context, library, actor, unit)
    with context.store.read() as connection:
        clip = clips.get_clip(connection, sha256)
    assert clip is not None and clip.unit == owner


def test_an_unchanged_file_of_the_folder_is_added_once(context: AppContext, library: Library) -> None:
    folder = attach_library(context, library).clips
    assert folder is not None
    path = context.root / "a.png"
    path.write_bytes(PNG)
    sha256 = folder.ingest(path, "a.png")
    assert folder.ingest(path, "a.png") == sha256
    assert folder.get_kind(sha256) == "picture"
    assert [(entry["verb"], entry["who"]) for entry in list_audit_entries(context)] == [("clip.add", "folder")]
    path.unlink()
    with pytest.raises(Refused) as refused:
        folder.ingest(path, "a.png")
    assert refused.value.faults[0].code == "clip-no-file"
