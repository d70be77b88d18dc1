"""A cold invocation with a share of a core, as the bench measures it."""

from dataclasses import replace

import pytest

from bench.costs import cold
from bench.costs.subject import QUICK, Subject
from tests.stack.stack import ROOT

pytestmark = pytest.mark.timeout(1800)  # the first one waits for `sam build`


def test_both_packages_are_started_with_every_share(lambda_package, tmp_path):
    subject = Subject(ROOT / "lambda_fn" / "model", lambda_package, replace(QUICK, settings=(1_024, 1_769)))
    subject.pip_package = lambda_package
    found = cold.measure(subject)
    assert [(each["memory"], each["share"]) for each in found["settings"]] == [(1_024, 0.579), (1_769, 1.0)]
    for each in found["settings"]:
        for package in (each["ours"], each["pip"]):
            assert min(package[part][1] for part in ("init", "first", "second")) > 0
            assert 30 < package["megabytes"] < 400
    assert "| 1,024 MB, 0.58 of a core: ours | " in cold.section(found, tmp_path)
    assert (tmp_path / cold.PICTURE).stat().st_size > 0
    (criterion,) = cold.criteria(found)
    assert criterion.found == f"{found['settings'][1]['init_of_pip'][1]:.2f}"
