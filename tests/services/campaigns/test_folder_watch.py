"""The watched folder: a settled file is loaded, or refused as a whole."""

import hashlib
import os
import sys
from pathlib import Path

import pytest

from signage.faults import Refused, refuse
from signage.model.users import Actor
from signage.services.campaigns import folder_watch
from signage.services.campaigns.approval_rules import record_approval, return_version
from signage.services.campaigns.drafts import save_draft, submit_draft
from signage.services.campaigns.file_import import CampaignFileReader
from signage.services.campaigns.folder_watch import FolderWatcher
from signage.services.settings import ApprovalConfig
from signage.store.campaigns import campaigns
from tests.support.app_context import create_app_context, list_audit_entries
from tests.support.clocks import ManualClock

CAMPAIGN = """\
format = "signage.campaign/1"
id = "spring"
title = "春季"
timezone = "Asia/Shanghai"
from = 2021-03-10T00:00:00
until = 2021-03-19T00:00:00

[[item]]
id = "one"
text = "诚信经营"

[[placement]]
screens = ["*"]
items = ["one"]
"""
WITH_CLIP = CAMPAIGN.replace('text = "诚信经营"', 'file = "assets/film.mp4"')


class FakeClips:
    """A library that keeps hashes only; a file of no bytes is no clip."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def ingest(self, path: Path, name: str) -> str:
        self.taken.append(name)
        data = path.read_bytes()
        if not data:
            raise refuse("clip-empty", name)
        return hashlib.sha256(data).hexdigest()

    def get_kind(self, sha256: str) -> str | None:
        return "film" if len(sha256) == 64 else None


class Desk:
    """An context with a folder under watch; ``look`` lets a second pass and scans."""

    def __init__(self, root: Path, **more) -> None:
        self.root, self.clock, self.clips = root, ManualClock(), FakeClips()
        (root / "playlists").mkdir()
        (root / "assets").mkdir()
        self.context = create_app_context(root, self.clock, clips=self.clips, **more)
        self.folder = FolderWatcher(self.context)

    def write(self, text: str, name: str = "spring.toml") -> None:
        (self.root / "playlists" / name).write_text(text, "utf-8")

    def look(self):
        outcomes = self.folder.scan()
        self.clock.move(1)
        return outcomes + self.folder.scan()

    def approved(self):
        with self.context.store.read() as connection:
            return {one.id: one for one in campaigns.list_approved_campaigns(connection)}

    def kept(self, name="spring"):
        with self.context.store.read() as connection:
            return campaigns.get_campaign(connection, name)

    def fault_codes(self):
        return [fault.code for fault in folder_watch.list_file_faults(self.context)]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_files_present_at_the_start_are_loaded_at_once(desk):
    desk.write(CAMPAIGN)
    assert desk.folder.scan()[0].changed
    assert desk.approved()["spring"].title == "春季"


def test_trusted_files_are_approved_with_an_entry_of_its_own(desk):
    desk.write(CAMPAIGN)
    desk.look()
    assert [(e["verb"], e["who"]) for e in list_audit_entries(desk.context)] == [
        ("campaign.approve", "folder"),
        ("campaign.load", "folder"),
    ]


def test_a_change_is_loaded_once_the_file_is_settled(desk):
    desk.look()
    desk.write(CAMPAIGN)
    assert desk.folder.scan() == ()
    desk.write(CAMPAIGN + "# more is coming\n")
    desk.clock.move(0.2)
    assert desk.folder.scan() == ()
    desk.clock.move(0.5)
    assert desk.folder.scan()[0].changed


def test_a_cosmetic_edit_keeps_the_version(desk):
    desk.write(CAMPAIGN)
    desk.look()
    before = desk.kept()
    desk.write("# a note\n" + CAMPAIGN.replace("\n\n", "\n \n"))
    assert desk.look() == ()
    assert desk.kept() == before
    desk.write(CAMPAIGN.replace("诚信经营", "诚信 经营"))
    assert desk.look()[0].changed
    assert desk.kept().approved_version == desk.kept().current_version == 2


def test_nothing_new_writes_nothing(desk):
    desk.write(CAMPAIGN)
    desk.look()
    before = len(list_audit_entries(desk.context))
    FolderWatcher(desk.context).scan()
    desk.look()
    assert len(list_audit_entries(desk.context)) == before


def test_a_broken_file_is_refused_whole_and_the_last_good_version_stays(desk):
    desk.write(CAMPAIGN)
    desk.look()
    desk.write(CAMPAIGN.replace('title = "春季"', 'titel = "夏季"'))
    [outcome] = desk.look()
    assert outcome.faults
    assert all(f.location.file == "playlists/spring.toml" for f in outcome.faults)
    assert desk.approved()["spring"].title == "春季"
    assert desk.fault_codes()
    desk.clock.move(60)
    assert desk.look() == ()
    desk.write(CAMPAIGN)
    desk.look()
    assert desk.fault_codes() == []


def test_a_removed_file_ends_its_campaign_and_one_that_comes_back_goes_on(desk):
    desk.write(CAMPAIGN)
    desk.look()
    (desk.root / "playlists" / "spring.toml").unlink()
    assert [one.ended for one in desk.look()] == [True]
    assert desk.approved() == {}
    desk.write(CAMPAIGN)
    desk.look()
    assert desk.kept().current_version == 1
    assert "spring" in desk.approved()


def test_a_file_that_an_editor_renames_over_is_not_gone(desk):
    desk.write(CAMPAIGN)
    desk.look()
    (desk.root / "playlists" / "spring.toml").rename(desk.root / "playlists" / "spring.toml~")
    assert desk.folder.scan() == ()
    desk.write(CAMPAIGN)
    assert desk.look() == ()
    assert desk.kept().status == "active"


def test_a_folder_that_is_gone_ends_nothing(desk):
    desk.write(CAMPAIGN)
    desk.look()
    (desk.root / "playlists").rename(desk.root / "elsewhere")
    assert desk.look() == ()
    assert "spring" in desk.approved()


def test_a_file_removed_while_nobody_looked_ends_its_campaign(desk):
    desk.write(CAMPAIGN)
    desk.look()
    (desk.root / "playlists" / "spring.toml").unlink()
    assert FolderWatcher(desk.context).scan()[0].ended


def test_hidden_files_and_those_of_other_kinds_are_left_alone(desk):
    for name in (".spring.toml", "spring.toml.swp", "README.md", "~spring.toml"):
        desk.write("not a campaign", name)
    assert desk.look() == ()


def test_a_clip_comes_into_the_library_and_other_bytes_are_another_version(desk):
    film = desk.root / "assets" / "film.mp4"
    film.write_bytes(b"one")
    desk.write(WITH_CLIP)
    desk.look()
    item = desk.approved()["spring"].items[0]
    assert (item.file, item.sha256) == (None, hashlib.sha256(b"one").hexdigest())
    desk.look()
    assert desk.clips.taken == ["film.mp4"]
    film.write_bytes(b"other")
    desk.look()
    assert desk.kept().current_version == 2
    assert desk.approved()["spring"].items[0].sha256 == hashlib.sha256(b"other").hexdigest()


def test_a_clip_that_comes_after_its_campaign_is_found(desk):
    desk.write(WITH_CLIP)
    assert desk.look()[0].faults
    (desk.root / "assets" / "film.mp4").write_bytes(b"one")
    desk.clock.move(3)
    assert desk.look()[0].changed


def test_a_clip_that_is_none_is_told_at_its_line(desk):
    (desk.root / "assets" / "film.mp4").write_bytes(b"")
    desk.write(WITH_CLIP)
    [outcome] = desk.look()
    [fault] = [fault for fault in outcome.faults if fault.code == "clip-empty"]
    assert (fault.location.line, fault.location.key) == (10, "item[1].file")
    desk.clock.move(60)
    desk.look()
    assert desk.clips.taken == ["film.mp4"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../secret.mp4", "assets/link.mp4", "assets\\\\film.mp4"])
def test_a_clip_outside_the_folder_is_refused(desk, name):
    (desk.root / "assets" / "link.mp4").symlink_to("/etc/passwd")
    desk.write(CAMPAIGN.replace('text = "诚信经营"', f'file = "{name}"'))
    assert desk.look()[0].faults
    assert desk.clips.taken == []


def test_a_file_that_the_reader_stumbles_over_does_not_keep_others_out(desk, monkeypatch):
    def stumble(reader, name, data):
        if "autumn" in name:
            raise RecursionError
        return read(reader, name, data)

    read = CampaignFileReader.read
    monkeypatch.setattr(CampaignFileReader, "read", stumble)
    desk.write(CAMPAIGN, "autumn.toml")
    desk.write(CAMPAIGN)
    desk.look()
    assert desk.fault_codes() == ["file-not-understood"]
    assert "spring" in desk.approved()


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux alone")
def test_names_that_are_no_text_are_told_and_do_not_keep_others_out(desk):
    for name in (b"\xff\xfe.toml", "活动.toml".encode(), b"a" * 200 + b".toml"):
        (Path(os.fsdecode(os.fsencode(desk.root) + b"/playlists/" + name))).write_text(CAMPAIGN, "utf-8")
    desk.write(CAMPAIGN)
    desk.look()
    assert "spring" in desk.approved()
    assert len(desk.fault_codes()) == 3


def test_under_review_the_screens_keep_what_was_approved(tmp_path):
    desk = Desk(tmp_path, approval=ApprovalConfig(files="review"))
    desk.write(CAMPAIGN)
    desk.look()
    assert desk.approved() == {}
    chen = Actor("chen", frozenset({"approver"}))
    with desk.context.store.read() as connection:
        first = campaigns.get_version(connection, "spring", 1)
    assert record_approval(desk.context, chen, "spring", 1, first.version_hash)
    assert desk.approved()["spring"].title == "春季"
    desk.write(CAMPAIGN.replace("春季", "夏季"))
    desk.look()
    assert desk.approved()["spring"].title == "春季"
    with pytest.raises(Refused) as refused:
        record_approval(desk.context, chen, "spring", 2, first.version_hash)
    assert refused.value.faults[0].code == "version-changed"


def test_nobody_approves_their_own_work(tmp_path):
    desk = Desk(tmp_path, approval=ApprovalConfig(required=2))
    desk.write(CAMPAIGN)
    desk.look()
    campaign = desk.approved()["spring"]
    both = frozenset({"operator", "approver"})
    li, chen, zhao = Actor("li", both), Actor("chen", both), Actor("zhao", both)
    with pytest.raises(Refused) as refused:
        save_draft(desk.context, li, campaign, CAMPAIGN, 1)
    assert refused.value.faults[0].code == "campaign-of-file"
    from dataclasses import replace

    own = replace(campaign, id="own")
    number = save_draft(desk.context, li, own, "", None)
    meaning = campaigns.compute_version_hash(own)
    submit_draft(desk.context, li, "own", number, meaning)
    with pytest.raises(Refused) as refused:
        record_approval(desk.context, li, "own", number, meaning)
    assert refused.value.faults[0].code == "own-work"
    assert record_approval(desk.context, chen, "own", number, meaning) is False
    assert record_approval(desk.context, chen, "own", number, meaning) is False
    assert "own" not in desk.approved()
    assert record_approval(desk.context, zhao, "own", number, meaning) is True
    assert "own" in desk.approved()
    with pytest.raises(Refused):
        return_version(desk.context, zhao, "own", number, meaning, "too late")
