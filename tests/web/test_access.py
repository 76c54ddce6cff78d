"""Who is let in: sessions, logins, forms that only our pages can send, and names that lead elsewhere."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.server.conftest import Running, Tenant, running


@pytest.fixture(scope="module")
def public_site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that is set to listen beyond loopback."""
    folder = tmp_path_factory.mktemp("public")
    address = f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'stratix.db')}"
    with running(address, folder, dashboard=True, host="0.0.0.0") as found:
        yield found


@pytest.fixture(scope="module")
def members(public_site: Running) -> Iterator[Tenant]:
    """The organisation of that server."""
    tenant = public_site.tenant("Members")
    yield tenant
    tenant.http.close()


def browser_of(site: Running, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=site.url, headers=headers, trust_env=False, timeout=30)


def log_in(client: httpx.Client, api_key: str) -> httpx.Response:
    return client.post("/login", data={"api_key": api_key, "next": "/settings"})


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def test_on_loopback_whoever_opens_it_is_in(site: Running, us: Any) -> None:
    with browser_of(site) as client:
        answer = client.get("/")
    assert answer.status_code == 200
    assert "Project of Ours" in answer.text


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(site: Running, us: Any) -> None:
    with browser_of(site) as client:
        cookie = client.get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert us.organization_id not in cookie


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"host": "127.0.0.1.evil.example"}, {"x-forwarded-for": "203.0.113.9"}],
    ids=["another name", "a name that looks like ours", "through a proxy"],
)
def test_a_name_that_was_made_to_lead_here_gets_the_login(
    site: Running, us: Any, headers: dict[str, str]
) -> None:
    with browser_of(site) as client:
        client.get("/")  # Even with the cookie of somebody who sits here.
        answer = client.get("/", headers=headers)
        api = client.get("/api/v1/organizations", headers=headers)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")
    assert api.status_code == 401


def test_beyond_loopback_everybody_logs_in(public_site: Running, members: Any) -> None:
    with browser_of(public_site) as client:
        answer = client.get("/evaluations?status=success")
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            "/login?next=/evaluations%3Fstatus%3Dsuccess",
        )
        assert client.get("/api/v1/organizations").status_code == 401
        assert log_in(client, "sk-stratix-a-wrong-key").status_code == 403
        assert log_in(client, members.api_key).headers["location"] == "/settings"
        assert client.get("/settings").status_code == 200
        assert client.get("/api/v1/organizations").status_code == 200
        assert client.post("/logout").status_code == 303
        assert client.get("/settings").status_code == 303


def test_a_login_leads_nowhere_else(public_site: Running, members: Any) -> None:
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        with browser_of(public_site) as client:
            answer = client.post("/login", data={"api_key": members.api_key, "next": wanted})
        assert answer.headers["location"] == "/", wanted


def test_a_revoked_key_ends_its_sessions(public_site: Running, members: Any) -> None:
    keys = f"/organizations/{members.organization_id}/api-keys"
    made = members.post(keys, {"name": "short-lived"})["data"]
    with browser_of(public_site) as client:
        log_in(client, made["key"])
        assert client.get("/settings").status_code == 200
        assert members.http.delete(f"{keys}/{made['id']}").status_code == 200
        deadline = time.monotonic() + 7
        while client.get("/settings").status_code == 200 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert client.get("/settings").status_code == 303
        assert client.get("/api/v1/organizations").status_code == 401


def test_a_session_may_no_more_than_its_key(public_site: Running, members: Any) -> None:
    keys = f"/organizations/{members.organization_id}/api-keys"
    made = members.post(keys, {"name": "looks", "scopes": ["read"]})["data"]
    with browser_of(public_site) as client:
        log_in(client, made["key"])
        page = client.get("/settings")
        assert "may not manage keys" in page.text
        answer = client.post("/settings/api-keys", data={"csrf": token_of(page), "key_name": "more"})
        assert "scope &#39;admin&#39;" in answer.text
    assert "more" not in [key["name"] for key in members.get(keys)["data"]["api_keys"]]


@pytest.mark.parametrize("csrf", [None, "", "guessed"])
def test_a_form_without_the_token_changes_nothing(site: Running, us: Any, csrf: str | None) -> None:
    evaluation = us.evaluation()["id"]
    forms = {
        f"/evaluations/{evaluation}/cancel": {},
        "/settings/project/name": {"name": "Taken over"},
        "/settings/api-keys": {"key_name": "Taken over", "scope": "admin"},
        "/settings/theme": {"theme": "dark"},
    }
    with browser_of(site) as client:
        client.get("/")
        for address, fields in forms.items():
            data = fields if csrf is None else {**fields, "csrf": csrf}
            assert client.post(address, data=data).status_code == 403, address
    assert us.get(f"/evaluations/{evaluation}")["status"] == "pending"
    assert us.get("/organizations")["data"]["projects"][0]["name"] == "Project of Ours"


def test_the_cookie_alone_changes_nothing_through_the_api(site: Running, us: Any) -> None:
    evaluation = us.evaluation()["id"]
    with browser_of(site) as client:
        client.get("/")
        assert client.get(f"/api/v1/evaluations/{evaluation}").status_code == 200
        assert client.post(f"/api/v1/evaluations/{evaluation}/cancel").status_code == 401
