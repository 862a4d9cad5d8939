"""A campaign's newest version on paper, before anyone approves it."""

from datetime import datetime

from msgspec import Struct

from signage import messages as sentences
from signage.library.paper import OnPaper
from signage.schedule.analysis.simulate import ItemPaper, Silence
from signage.services.campaigns import approval as approvals
from signage.services.campaigns import review_findings as reviewing
from signage.services.campaigns import simulation as rehearsing
from signage.web.api.framework.language import language, told
from signage.web.api.framework.operations import Asked, Resource

api = Resource("rehearsals")


class Rehearsed(Struct, frozen=True, kw_only=True):
    """An item on each screen of a group; shares of the time in which it may show. *starved*: may show, never does."""

    item: str
    plays: int
    seconds: float
    share_asked: float
    share_got: float
    starved: bool


class SilenceShown(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A time in which nothing of the campaign shows. *why*: not-due, priority, takeover, hours or limits."""

    from_: datetime
    until: datetime
    why: str
    instead: str


class Group(Struct, frozen=True, kw_only=True):
    """Screens on which the same shows. *notes*: what could not be kept, in words."""

    screens: tuple[str, ...]
    panel: str
    items: tuple[Rehearsed, ...]
    silent: tuple[SilenceShown, ...]
    notes: tuple[str, ...]


class Rehearsal(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """What a player with a right clock would play between two instants. *findings*: what the checks say of it."""

    campaign: str
    version: int
    from_: datetime
    until: datetime
    groups: tuple[Group, ...]
    findings: tuple[dict[str, str], ...]


class RehearsalQuery(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """*from*, *until*: at most 62 days apart; else two weeks from the campaign's begin."""

    from_: str = ""
    until: str = ""


@api.get("/campaigns/{id}/rehearsal", "campaign.view", query=RehearsalQuery, answer=Rehearsal, errors=(404,))
def rehearse(asked: Asked) -> Rehearsal:
    """Rehearse the newest version, as if it were approved."""
    card = approvals.card(asked.office, asked.actor, asked.id)
    campaign, q = card.campaign, asked.query
    begin, end = rehearsing.period(campaign, asked.time(q.from_, "from"), asked.time(q.until, "until"))
    catalogue = asked.library.catalogue
    groups = rehearsing.rehearse(
        asked.office, asked.rules, lambda installation: OnPaper(catalogue, installation), campaign, begin, end
    )
    around = rehearsing.surroundings(asked.office, asked.rules, campaign)
    return Rehearsal(
        campaign=campaign.id,
        version=card.version.version,
        from_=begin.astimezone(campaign.zone),
        until=end.astimezone(campaign.zone),
        groups=tuple(_group(one) for one in groups),
        findings=told(reviewing.findings(asked.office, campaign, around)),
    )


def _group(group: rehearsing.Group) -> Group:
    paper = group.paper
    notes = (sentences.say(f"explain-note-{note.code}", language(), dict(note.facts)) for note in paper.notes)
    return Group(
        screens=group.screens,
        panel=group.panel,
        items=tuple(_item(one) for one in paper.items),
        silent=tuple(_silence(one) for one in paper.silences),
        notes=tuple(notes),
    )


def _item(one: ItemPaper) -> Rehearsed:
    return Rehearsed(
        item=one.item,
        plays=one.count.plays,
        seconds=one.count.ms / 1000,
        share_asked=round(one.share_asked, 6),
        share_got=round(one.share_got, 6),
        starved=one.starved,
    )


def _silence(one: Silence) -> SilenceShown:
    return SilenceShown(from_=one.from_, until=one.until, why=one.kind, instead=one.instead)
