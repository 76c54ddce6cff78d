"""Settings in a real browser: keys, the project's name, budgets, colours."""

from __future__ import annotations

import re
from typing import Any

import httpx
from playwright.sync_api import Page, expect

HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_key_is_made_shown_once_and_revoked(us: Any, page: Page) -> None:
    page.goto("/settings")
    page.get_by_label("What it is for").fill(HOSTILE)
    page.get_by_role("button", name="Make the key").click()
    key = page.locator("code.secret").inner_text()
    listed = us.get(f"/organizations/{us.organization_id}/api-keys")["data"]["api_keys"]
    assert [one["scopes"] for one in listed if one["name"] == HOSTILE] == [["read", "run"]]
    own = {"x-api-key": key}
    assert us.http.get("/organizations", headers=own).status_code == 200
    page.goto("/settings")
    assert key not in page.content()
    page.get_by_label(f"Revoke {HOSTILE}").click()
    page.get_by_role("button", name="Revoke for good").last.click()
    expect(page.get_by_role("status")).to_contain_text("revoked")
    assert us.http.get("/organizations", headers=own).status_code == 401


def test_a_project_is_renamed(us: Any, page: Page) -> None:
    page.goto("/settings")
    name = page.get_by_label("Name", exact=True)
    name.fill(f"Models {HOSTILE}")
    page.get_by_role("button", name="Rename").click()
    expect(name).to_have_value(f"Models {HOSTILE}")
    assert us.get("/organizations")["data"]["projects"][0]["name"] == f"Models {HOSTILE}"


def test_a_budget_is_set_and_taken_away(us: Any, page: Page) -> None:
    page.goto("/settings")
    dollars = page.get_by_label("US dollars for").first
    for amount, kept in (("12.5", 12.5), ("", None)):
        dollars.fill(amount)
        page.get_by_role("button", name="Set the budget of").first.click()
        expect(page.get_by_role("status")).to_contain_text("The budget is set")
        assert us.get("/budgets/project")["data"]["usd"] == kept


def test_a_key_of_a_provider_is_stored_replaced_and_removed(us: Any, page: Page) -> None:
    page.goto("/settings")
    for summary, key in (
        ("Set", "sk-ant-first-of-this-test-a1b2"),
        ("Replace", "sk-ant-second-of-test-c3d4"),
    ):
        page.get_by_label(f"{summary} the key for Anthropic").click()
        page.get_by_label("Key for Anthropic", exact=True).fill(key)
        page.get_by_role("button", name="Store the key").locator("visible=true").click()
        expect(page.get_by_role("status")).to_contain_text("The key for Anthropic is stored")
        row = page.get_by_role("row", name="Anthropic")
        expect(row).to_contain_text(f"sk-…{key[-4:]}")
        assert key not in page.content()
    page.get_by_label("Remove the key for Anthropic").click()
    page.get_by_role("button", name="Remove the key").locator("visible=true").click()
    expect(page.get_by_role("status")).to_contain_text("its models cannot be asked now")
    expect(page.get_by_role("row", name="Anthropic")).to_contain_text("not set")


def test_what_is_wrong_stands_beside_what_was_typed(us: Any) -> None:
    with httpx.Client(base_url=us.server.url, trust_env=False, timeout=30) as client:
        found = re.search(r'name="csrf" value="([^"]+)"', client.get("/settings").text)
        assert found is not None
        for address, fields, said in (
            ("/settings/project/name", {"name": "x" * 101}, f'value="{"x" * 101}"'),
            ("/settings/api-keys", {"key_name": "y" * 101}, f'value="{"y" * 101}"'),
            (f"/settings/budgets/{us.project_id}", {"usd": "a lot"}, "plain numbers"),
            (f"/settings/budgets/{us.project_id}", {"usd": "-1"}, "greater than 0"),
        ):
            answer = client.post(address, data={"csrf": found[1], **fields})
            assert answer.status_code == 422, address
            assert said in answer.text, address
        address = "/settings/provider-keys/anthropic"
        answer = client.post(address, data={"csrf": found[1], "api_key": "sk-typed here"})
        assert answer.status_code == 422
        assert "has a blank" in answer.text
        assert "sk-typed" not in answer.text


def test_colours_are_kept(us: Any, page: Page) -> None:
    page.goto("/settings")
    for theme in ("Dark", "Light", "As the system has it"):
        page.get_by_label(theme).check()
        page.get_by_role("button", name="Use these").click()
        page.goto("/")
        chosen = page.locator("html").get_attribute("data-theme")
        assert chosen == {"Dark": "dark", "Light": "light"}.get(theme)
        page.goto("/settings")
        expect(page.get_by_label(theme)).to_be_checked()
