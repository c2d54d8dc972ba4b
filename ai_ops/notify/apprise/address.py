"""One address of Apprise: which service it means, what that takes, and whether we may call it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.errors import NotifyError, OpsError
from ai_ops.notify.apprise.quiet import overheard
from ai_ops.notify.apprise.words import Form

if TYPE_CHECKING:
    from collections.abc import Callable

    from apprise import NotifyBase

    from ai_ops.notify.apprise.words import Markup

_ON_THIS_MACHINE = "{schema}://"  # a service that needs no server and no token: the desktop, its bell, its log
_LONGEST_WAIT_SECONDS = 20.0
_SERVICES = "https://appriseit.com/services/"


@dataclass(frozen=True, slots=True)
class Service:
    """A service that can be told something.

    Parameters
    ----------
    label
        Its kind, and its server where that is no secret: "json://hooks.example.com".
    plugin
        Apprise's own object.
    form
        What it takes.
    """

    label: str
    plugin: NotifyBase
    form: Form


def service_of(address: str, check_address: Callable[[str], None]) -> Service:
    """Find the service that `address` means. Nothing is sent.

    Parameters
    ----------
    check_address
        Raises an `OpsError` for a web address that must not be reached.

    Raises
    ------
    NotifyError
        When it means none, or one that we do not use; of the address no more than the kind of service is said.
    """
    with overheard():
        kind = _kind_of(address)
        plugin = _plugin(address, kind)
    _allow(type(plugin), plugin.schema)
    if not plugin.verify_certificate:
        raise NotifyError(f"{plugin.schema}: verify=no would send the token to whoever is on the way; take it out")
    label = _checked_label(plugin, check_address)
    plugin.redirects = False
    plugin.socket_connect_timeout = _seconds(plugin.socket_connect_timeout)
    plugin.socket_read_timeout = _seconds(plugin.socket_read_timeout)
    return Service(label, plugin, _form_of(plugin))


def _kind_of(address: str) -> str:
    """Schema of an address that Apprise knows; "" for a web address, which may be that of a service's own page."""
    from apprise import NotificationManager

    found = re.match(r"([a-z0-9]{1,20})://", address, re.IGNORECASE)
    schema = found[1].lower() if found else ""
    services = NotificationManager()  # type: ignore[no-untyped-call]  # it has no types
    if schema in services:
        _allow(services[schema], schema)
        return schema
    if schema != "https":  # https://discord.com/api/webhooks/… is what Discord shows
        raise NotifyError(f"it begins with no service that Apprise knows; {_SERVICES} lists them")
    return ""


def _allow(plugin: type[NotifyBase], schema: str) -> None:
    """Refuse what does not leave this machine, what others have added to Apprise, and what lacks a library."""
    if _ON_THIS_MACHINE in plugin.templates:
        raise NotifyError(f"{schema}: it shows messages on the machine where the agent runs, which nobody looks at")
    if plugin.category != "native":
        raise NotifyError(f"{schema}: it is no service of Apprise itself")
    if not plugin.enabled:
        raise NotifyError(f"{schema}: it needs a library that is not installed; {_SERVICES}{schema}/ names it")


def _plugin(address: str, kind: str) -> NotifyBase:
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(
        app_id="NeuroPilot",
        app_desc="NeuroPilot",
        app_url="",
        image_url_mask="",  # no pictures from Apprise's own site
        image_url_logo="",
        http_redirects=False,
        async_mode=False,
        service_timeout=0,  # a time of our own is kept, without threads that stay behind
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
        interpret_emojis=False,
    )
    plugin = Apprise.instantiate(address, asset=asset)
    if plugin is None:
        what = f"{kind}: Apprise does not understand the rest of it" if kind else "Apprise knows no service there"
        raise NotifyError(f"{what}; compare it with {_SERVICES}{kind and f'{kind}/'}")
    return plugin


def _checked_label(plugin: NotifyBase, check_address: Callable[[str], None]) -> str:
    """Name the service, and look whether its server may be called; in many addresses a token stands in its place."""
    templates: tuple[str, ...] = plugin.templates
    if not all("{host}" in template for template in templates) or not plugin.host:
        return f"{plugin.schema}://"
    host = f"[{plugin.host}]" if ":" in plugin.host else plugin.host
    try:
        check_address(f"https://{host}:{plugin.port or 443}/")
    except OpsError as err:
        raise NotifyError(f"{plugin.schema}: {err}") from None
    return f"{plugin.schema}://{host}"


def _seconds(wanted: float) -> float:
    """A time to wait, within reason."""
    return wanted if 0.0 < wanted <= _LONGEST_WAIT_SECONDS else _LONGEST_WAIT_SECONDS


def _form_of(plugin: NotifyBase) -> Form:
    """What the service takes, in the markup that it prefers, or that its address asks for."""
    from apprise import NotifyFormat

    markups: dict[NotifyFormat, Markup] = {NotifyFormat.MARKDOWN: "markdown", NotifyFormat.HTML: "html"}
    return Form(
        markup=markups.get(plugin.resolve_format(), "text"),
        body_max=int(plugin.body_maxlen),
        title_max=int(plugin.title_maxlen),
        lines_max=int(plugin.body_max_line_count),
    )
