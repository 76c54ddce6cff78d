"""The statistics keep what they promise in simulated evaluations, and the simulations can tell."""

from __future__ import annotations

import pytest

from stratix.analysis.intervals import wilson
from stratix.analysis.selftest import CLAIMS, Claim, check


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.method}: {claim.setting}")
def test_claim_holds(claim: Claim) -> None:
    found = check(claim)
    assert found.kept, f"{found.share:.4f} is not from {found.lowest:.4f} to {found.highest:.4f}"
    assert found.runs == 5_000


def test_claims_are_told_apart() -> None:
    assert len({(claim.method, claim.setting) for claim in CLAIMS}) == len(CLAIMS)


@pytest.mark.parametrize(("z", "kept"), [(1.7, False), (1.96, True), (2.3, False)])
def test_an_interval_too_narrow_or_too_wide_is_found_out(z: float, kept: bool) -> None:
    def run(rng: object) -> float:
        rate = rng.random()
        lower, upper = wilson(int(rng.binomial(200, rate)), 200, z)
        return lower <= rate <= upper

    assert check(Claim("wilson", "of another level", "covers", run)).kept == kept


def test_false_alarms_are_found_out() -> None:
    claim = Claim("a test", "of p-values below 7%", "alarms", lambda rng: rng.random() < 0.07)
    found = check(claim)
    assert not found.kept
    assert check(claim) == found
    assert check(claim, seed=1) != found


def test_bounds_of_5_000_runs_are_94_to_96_percent() -> None:
    claim = CLAIMS[0]
    assert claim.bounds(5_000) == pytest.approx((0.94, 0.96))
    assert claim.bounds(1_000_000) == pytest.approx((0.94, 0.96))
    lowest, highest = claim.bounds(500)
    assert lowest < 0.93 < 0.97 < highest


def test_few_runs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 500 runs"):
        check(CLAIMS[0], runs=10)
