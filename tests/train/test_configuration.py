import re

import pytest

from train.configuration import PRESETS, Configuration, read_configuration, write_configuration
from train.errors import ConfigurationError


@pytest.mark.parametrize("preset", sorted(path.stem for path in PRESETS.glob("*.toml")))
def test_every_preset_is_valid(preset):
    assert isinstance(read_configuration(preset, {}), Configuration)


def test_what_is_written_is_read_again(tmp_path):
    configuration = Configuration(hidden=64, passes=0.5, precision="fp32")
    write_configuration(configuration, tmp_path / "config.toml")
    assert read_configuration(str(tmp_path / "config.toml"), {}) == configuration


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden": 0}, "hidden = 0: it must be more than 0"),
        ({"hidden": 1.5}, "hidden = 1.5: it must be a whole number"),
        ({"hidden": "many"}, "hidden = 'many': it must be a whole number"),
        ({"dropout": 1.0}, "dropout = 1.0: it must be less than 1"),
        ({"passes": -1}, "passes = -1: it must be more than 0"),
        ({"precision": "int3"}, "precision = 'int3': it must be 'auto', 'bf16' or 'fp32'"),
        ({"hiden": 9}, "sets hiden, but the settings are embedding, hidden"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(settings, message):
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        read_configuration("laptop", settings)


def test_an_unknown_preset_lists_the_known():
    with pytest.raises(ConfigurationError, match=r"no preset or file 'huge': .* laptop"):
        read_configuration("huge", {})
