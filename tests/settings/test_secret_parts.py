"""Addresses with secrets in them: their parts are known to the redactor, and innocent words are not."""

from __future__ import annotations

import base64
from urllib.parse import unquote

import pytest

from ai_ops.redact import Redactor
from ai_ops.settings.environment import secrets_in
from ai_ops.settings.model import Settings
from ai_ops.settings.secret_parts import secret_parts

ENCODED = "h%40rd%2Fp%C3%A4ss"
PASSWORD = "h@rd/päss"


@pytest.mark.parametrize("user", ["ops", "ops%40example.com", ""])
def test_a_mail_password_is_known_as_written_and_as_meant(user: str) -> None:
    """A server's answer holds the decoded one, a log of settings the encoded one (H09)."""
    redact = Redactor(secret_parts({"smtp_url": f"smtps://{user}:{ENCODED}@mail.example.com:465"}))
    login = base64.b64encode(f"\0ops\0{PASSWORD}".encode()).decode()
    said = redact(f"{ENCODED} {PASSWORD} AUTH PLAIN {login}")
    assert ENCODED not in said
    assert PASSWORD not in said
    assert login[8:-6] not in said
    assert "mail.example.com" in Redactor(secret_parts({"smtp_url": "smtp://mail.example.com"}))("mail.example.com")


def test_the_way_behind_a_server_is_known() -> None:
    """Libraries log the path without the server (H09)."""
    address = "https://ada:s3cretpw@hooks.example/v1/4f2a-made-up?key=other-made-up"
    redact = Redactor(secret_parts({"webhook_url": address}))
    said = redact("POST /v1/4f2a-made-up?key=other-made-up HTTP/1.1 s3cretpw hooks.example")
    assert "made-up" not in said
    assert "s3cretpw" not in said
    assert "hooks.example" in said


@pytest.mark.parametrize("key", ["slack_webhook_url", "webhook_url", "heartbeat_url"])
def test_the_token_in_a_path_is_known_without_the_path(key: str) -> None:
    """An error may name the key alone; the steps of a path that are words stay words (H09)."""
    address = "https://hooks.example/services/notifications-of-team-2/T0123/wj3nA7vQk20sLx8RmE5tYb1C"
    redact = Redactor(secret_parts({key: address}))
    assert redact("no hook wj3nA7vQk20sLx8RmE5tYb1C, see services") == "no hook ***, see services"
    assert redact("the services of T0123 at hooks.example") == "the services of T0123 at hooks.example"


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        ("discord://4174296324183/GIq4CanaryToken-x", ["4174296324183", "GIq4CanaryToken-x"]),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops", ["TIiajkdnlazkcOXrIdevi7FQ", "A1BRTD4JD"]),
        ("tgram://123456789:abcDEFg_hijklmnop/12315544/", ["abcDEFg_hijklmnop", "123456789"]),
        (f"mailto://ada:{ENCODED}@example.com", [ENCODED, PASSWORD]),
        ("mailto://example.com?user=ada&pass=l0ngenough", ["l0ngenough"]),
        ("twilio://AC735c307c62944b5a:e29dfbcebf390dee9@12012014546/19022240171", ["e29dfbcebf390dee9"]),
        ("json://ada:correcthorse@hooks.example/?+X-Token=abc123def", ["correcthorse", "abc123def"]),
        ("pover://uQiRzpo4DXghDmr9QzzfQu27@cJsEdEfSxoVRaHrsBnQJxh2V", ["cJsEdEfSxoVRaHrsBnQJxh2V"]),
    ],
)
def test_a_token_in_an_apprise_address_is_known_wherever_it_stands(address: str, secrets: list[str]) -> None:
    """As a server's name, a user, a password, a step of the path or an option (H09)."""
    redact = Redactor(secret_parts({"apprise_urls": f"json://hooks.example\n{address}"}))
    said = redact(f"{' , '.join(secrets)} ! {unquote(address)}")
    assert not [secret for secret in secrets if secret in said]


def test_words_of_an_apprise_address_stay_words() -> None:
    """A report would be full of holes otherwise: the product's own name is the user of many a mailbox."""
    redact = Redactor(
        secret_parts(
            {"apprise_urls": "mmosts://neuropilot@chat.example.com/alerts?format=markdown&channel=operations&image=no"}
        )
    )
    words = "neuropilot alerts markdown channel operations chat.example.com"
    assert redact(words) == words


@pytest.mark.parametrize("odd", ["smtp://[::1", "://", "x", "smtp://a:b:c@d@e", "https://h:99999999/p", "json://:@?&#"])
def test_an_odd_address_has_some_parts_or_none(odd: str) -> None:
    """What is no address at all is refused elsewhere; here it must not fail."""
    assert all(secret_parts(dict.fromkeys(("smtp_url", "webhook_url", "apprise_urls", "heartbeat_url"), odd)))


def test_the_settings_and_the_bare_environment_know_the_parts() -> None:
    """The second is for an error that comes before there are settings."""
    settings = Settings(
        smtp_url=f"smtps://ada:{ENCODED}@mail.example.com", heartbeat_url="https://beat.example/ping/x1"
    )
    assert {PASSWORD, ENCODED, "/ping/x1"} <= set(settings.secret_values())
    assert {PASSWORD, ENCODED} <= set(secrets_in({"SMTP_URL": f" smtps://ada:{ENCODED}@mail.example.com\n"}))
