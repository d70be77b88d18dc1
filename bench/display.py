"""How measured figures are printed."""

import json
from collections.abc import Mapping


def shown_figures(figures: Mapping[str, float], *, as_json: bool) -> str:
    """Figures by name, one a line, or as one JSON object."""
    if as_json:
        return json.dumps(figures)
    return "\n".join(f"{name.replace('_', ' '):28} {value:>8}" for name, value in figures.items())
