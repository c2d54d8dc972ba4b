"""A report is kept where the agent remembers, and then told once on every channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.wiring.keeping import write_and_keep
from ai_ops.wiring.report.kept import REPORTS, files_of, forget_old, write
from ai_ops.wiring.telling.notifiers import shows_pictures
from ai_ops.wiring.telling.tell import tell

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.domain.message import Receipt
    from ai_ops.wiring.report.made import Made
    from ai_ops.wiring.session import Session


def keep_and_send(session: Session, made: Made, link: str) -> tuple[tuple[Path, ...], tuple[Receipt, ...]]:
    """Write the files, push them where the memory lives on a branch, and tell every channel.

    Parameters
    ----------
    link
        Where the page can be read, if the settings name no other place; "" where nobody knows.

    Returns
    -------
    tuple
        The files, relative to the repository, and what became of it on each channel.

    Raises
    ------
    StateError
        When the files cannot be written; nobody was told.
    DeliveryError
        When the branch cannot be written; nobody was told.
    """
    files, day = files_of(made), made.day

    def keep() -> None:
        write(session.memory / REPORTS, files)
        forget_old(session.memory / REPORTS, day, session.settings.report.kept_days)

    write_and_keep(session, f"{made.name}: report", keep)
    settings = session.settings.report
    address = settings.link.replace("{date}", f"{day:%Y%m%d}") if settings.link else link
    message = made.message(address, with_pictures=shows_pictures(session))
    return tuple(REPORTS / name for name in files), tell(session, message)
