"""The desk: every campaign where it stands, as light lines; in full only those that a page shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signage.model.users import Actor
from signage.services.campaigns import versions as campaigns
from signage.services.campaigns.approval import Card, Column, column
from signage.services.context import Office
from signage.store.campaigns import campaign_lists as campaign_desk
from signage.store.campaigns.campaign_lists import Head
from signage.store.campaigns.campaigns import Kept


@dataclass(frozen=True, slots=True)
class Line:
    """A campaign in a list; *column*: where its newest version stands, *made_by* whose that is."""

    kept: Kept
    head: Head
    column: Column
    made_by: str

    @property
    def id(self) -> str:
        return self.kept.id


def lines(office: Office, unit: str | None = None) -> list[Line]:
    """Every campaign, by id; *unit*: only that office's."""
    now = office.clock.now()
    with office.store.read() as connection:
        rows = campaign_desk.rows(connection)
    return [
        Line(row.kept, row.head, column(row.kept, row.state, row.head.starts_at, row.head.ends_at, now), row.made_by)
        for row in rows
        if unit is None or row.head.unit == unit
    ]


def longest_waiting(found: Iterable[Line]) -> list[Line]:
    """The longest waiting first."""
    return sorted(found, key=lambda line: line.kept.changed_at)


def for_me(office: Office, actor: Actor, found: Iterable[Line]) -> list[Line]:
    """Those of *found* in review that are neither *actor*'s own work nor approved by them."""
    with office.store.read() as connection:
        people = campaign_desk.in_review(connection)
    return [line for line in found if line.column == "review" and not _had(people.get(line.id), actor)]


def cards(office: Office, actor: Actor, shown: Sequence[Line]) -> list[Card]:
    """*shown* in full, in their order."""
    wanted = [(line.id, line.kept.current) for line in shown]
    needed = campaigns.needed(office, office.clock.now())
    with office.store.read() as connection:
        versions = campaign_desk.full(connection, wanted)
        verdicts = campaign_desk.said(connection, wanted)
        people = campaign_desk.in_review(connection) if any(line.column == "review" for line in shown) else {}
    found = []
    for line in shown:
        said = verdicts.get(line.id, ())
        makers = {one.who for one in said if one.verdict == "submitted"} | people.get(line.id, (set(), set()))[0]
        found.append(Card(line.kept, versions[line.id], line.column, said, needed, actor.id in makers))
    return found


def _had(people: tuple[set[str], set[str]] | None, actor: Actor) -> bool:
    return people is not None and any(actor.id in those for those in people)
