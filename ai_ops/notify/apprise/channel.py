"""Every service that Apprise knows: Microsoft Teams, Discord, SMS, WhatsApp and more than a hundred others."""

from __future__ import annotations

import queue
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ai_ops.domain.errors import NotifyError
from ai_ops.domain.message import Level, Sent
from ai_ops.notify.apprise.address import service_of
from ai_ops.notify.apprise.quiet import overheard
from ai_ops.notify.apprise.words import words_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apprise import NotifyType

    from ai_ops.domain.message import Message, Picture
    from ai_ops.notify.apprise.address import Service
    from ai_ops.notify.apprise.quiet import Overheard

PATIENCE_SECONDS = 45.0
"""For one address, with all its targets; Apprise itself waits some seconds between two of them."""

_PICTURES, _PICTURE_BYTES = 4, 5_000_000
_TRANSIENT, _GATEWAY, _REFUSED = {408, 425, 429, 500, 503}, {502, 504}, range(300, 600)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why one address was not told.

    Parameters
    ----------
    place
        In the list of addresses, from 1.
    """

    place: int
    error: NotifyError

    def __str__(self) -> str:
        return f"number {self.place} ({self.error})"


class AppriseNotifier:
    """Tells every address in one setting. Sends a message as often as it is told: `notify.deliver` sees to once.

    Parameters
    ----------
    urls
        Addresses of Apprise, separated by white space; secrets, of which errors name place, kind and server alone.
    redact
        Takes secrets out of a text.
    check_address
        Raises an `OpsError` for an address that must not be reached.
    patience_seconds
        For one address.
    """

    name = "apprise"

    def __init__(
        self,
        urls: str,
        *,
        redact: Callable[[str], str],
        check_address: Callable[[str], None],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._addresses = urls.split()
        self._redact = redact
        self._check_address = check_address
        self._patience_seconds = patience_seconds

    def send(self, message: Message) -> Sent:
        """Tell every address.

        Raises
        ------
        NotifyError
            When one of them or more did not take it; all others were told all the same.
        """
        if not self._addresses:
            raise NotifyError("APPRISE_URLS holds no address")
        failures = [
            failure
            for place, address in enumerate(self._addresses, start=1)
            if (failure := self._tell(message, place, address))
        ]
        if failures:
            raise self._told_by_few(failures)
        return Sent()

    def _tell(self, message: Message, place: int, address: str) -> _Failure | None:
        try:
            service = service_of(address, self._check_address)
            _notify(service, message, self._redact, self._patience_seconds)
        except NotifyError as err:
            return _Failure(place, err)
        return None

    def _told_by_few(self, failures: list[_Failure]) -> NotifyError:
        """Say who was not told. As soon as one has it, another try would tell that one again."""
        count, all_failed = len(self._addresses), len(failures) == len(self._addresses)
        others = "" if all_failed else "; the others have it, so it is not sent again"
        words = f"APPRISE_URLS: {len(failures)} of {count} addresses failed: {', '.join(map(str, failures))}{others}"
        return NotifyError(
            self._redact(words),
            retryable=all_failed and all(failure.error.retryable for failure in failures),
            may_have_arrived=not all_failed or any(failure.error.may_have_arrived for failure in failures),
        )


def apprise_problems(urls: str) -> tuple[str, ...]:
    """What is wrong with each address, by its place; nothing is sent, and nobody asked."""
    problems = []
    for place, address in enumerate(urls.split(), start=1):
        try:
            service_of(address, lambda _: None)
        except NotifyError as err:
            problems.append(str(_Failure(place, err)))
    return tuple(problems)


def _notify(service: Service, message: Message, redact: Callable[[str], str], seconds: float) -> None:
    """Tell one service, and be back in time.

    Raises
    ------
    NotifyError
        When it did not take it, or did not say so in time.
    """
    from apprise import Apprise, NotifyFormat

    title, body = words_for(message, service.form, redact)
    with overheard() as said, _files(service, message.pictures) as files:
        apprise = Apprise([service.plugin], asset=service.plugin.asset)
        call = partial(
            apprise.notify,
            body,
            title,
            notify_type=_type_of(message.level),
            body_format=NotifyFormat(service.form.markup),
            attach=files or None,
        )
        outcome = _within(seconds, lambda: bool(call()))
    if outcome is None:
        raise NotifyError(
            f"{service.label} was not done after {seconds:g} s; it may have arrived", may_have_arrived=True
        )
    if not outcome:
        raise _failure(service, said)


def _within(seconds: float, act: Callable[[], bool]) -> bool | None:
    """What `act` returns; None when it takes longer, and is left alone with a thread that ends with the process."""
    answers: queue.SimpleQueue[bool] = queue.SimpleQueue()
    thread = threading.Thread(target=lambda: answers.put(act()), name="apprise", daemon=True)
    thread.start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        return None
    thread.join()
    return answer


def _failure(service: Service, said: Overheard) -> NotifyError:
    """Say what became of it, as far as the library told; of several people behind one address, some may have it."""
    is_one = len(service.plugin) <= 1
    status = said.status
    if status in _REFUSED:
        is_transient = status in _TRANSIENT | _GATEWAY
        hint = "run again later" if is_transient else "check the token and the targets in it"
        return NotifyError(
            f"{service.label} answered HTTP {status}: {hint}",
            retryable=is_transient,
            may_have_arrived=not is_one or status in _GATEWAY,
        )
    if said.never_left:
        return NotifyError(
            f"{service.label} could not be reached: check its server and the network",
            retryable=True,
            may_have_arrived=not is_one,
        )
    return NotifyError(f"{service.label} did not say that it took it; it may have arrived", may_have_arrived=True)


def _type_of(level: Level) -> NotifyType:
    from apprise import NotifyType

    if level.reaches(Level.HIGH):
        return NotifyType.FAILURE
    return NotifyType.WARNING if level is Level.MEDIUM else NotifyType.INFO


@contextmanager
def _files(service: Service, pictures: tuple[Picture, ...]) -> Iterator[list[str]]:
    """Give the first pictures as files, for a service that takes any: some of them read nothing else."""
    if not service.plugin.attachment_support or service.form.is_short or not pictures:
        yield []
        return
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
            files = _written(pictures[:_PICTURES], Path(folder))
        except OSError as err:
            why = err.strerror or "no folder"
            raise NotifyError(f"{service.label}: pictures cannot be put into a folder meanwhile ({why})") from None
        yield files


def _written(pictures: tuple[Picture, ...], folder: Path) -> list[str]:
    files: list[str] = []
    size = 0
    for number, picture in enumerate(pictures, start=1):
        size += len(picture.png)
        if size <= _PICTURE_BYTES:
            file = folder / f"picture-{number}.png"
            file.write_bytes(picture.png)
            files.append(str(file))
    return files
