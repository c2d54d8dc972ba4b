"""What people did with the newest messages, as far as a channel tells."""

from __future__ import annotations

from datetime import timedelta

from fakes.channel import FakeBudget
from posting import NOON

from ai_ops.domain.delivery_record import Passage
from ai_ops.domain.message import Heard, Message, Sent
from ai_ops.notify.channel import Channel
from ai_ops.notify.hearing import hear


class Ear:
    """A channel that tells of some of its messages, and notes which ones it was asked about."""

    name = "slack"

    def __init__(self, told: dict[str, Heard]) -> None:
        self.told = told
        self.asked: list[str] = []

    def send(self, message: Message) -> Sent:
        """Never called here."""
        raise NotImplementedError

    def heard(self, reference: str) -> Heard:
        """What was said, or nothing."""
        self.asked.append(reference)
        return self.told.get(reference, Heard())


def passage(number: int, channel: str = "slack", reference: str | None = None) -> Passage:
    """The report of a day in November."""
    found = f"{number}.0" if reference is None else reference
    at = NOON + timedelta(days=number)
    return Passage(channel, f"daily-{number}", "daily_report", "sent", "", at, reference=found)


def heard_of(ear: Ear, *passages: Passage) -> list[tuple[str, Heard]]:
    """By key, what was heard."""
    return [(one.key, heard) for one, heard in hear((Channel(ear, FakeBudget()),), passages)]


def test_each_message_of_a_channel_is_asked_about_the_newest_first() -> None:
    """Those of other channels, and those without a reference, are not (S004-46)."""
    ear = Ear({"1.0": Heard(replies=2), "2.0": Heard(replies=0)})
    assert heard_of(ear, passage(1), passage(1, "email"), passage(2), passage(3, reference="")) == [
        ("daily-2", Heard(replies=0)),
        ("daily-1", Heard(replies=2)),
    ]


def test_a_channel_that_is_silent_is_asked_once_and_takes_nothing_from_what_is_known() -> None:
    """A week of reports, each waiting a minute for its answer, would be longer than the job may last (S004-46)."""
    ear = Ear({"1.0": Heard(replies=2)})
    assert heard_of(ear, *(passage(number) for number in range(1, 8))) == []
    assert ear.asked == ["7.0"]
