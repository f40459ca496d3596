"""Read YAML that a stranger wrote: plain values, no aliases, not deep."""

from __future__ import annotations

from typing import Any


class UnreadableYaml(ValueError):
    """Report a text that is no plain YAML."""


def load(text: str) -> Any:
    """Return the value of a YAML text (JSON is one too); raises ``UnreadableYaml``.

    References are refused: a few lines of them can mean a billion values.
    """
    try:
        import yaml
    except ImportError as error:
        raise UnreadableYaml("python3-yaml is not installed, so that it cannot be read") from error
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise UnreadableYaml("it has references (*name), which are not followed")
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UnreadableYaml(f"it is no YAML: {' '.join(str(error).split())[:200]}") from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, UnreadableYaml):
            raise
        raise UnreadableYaml("it cannot be read") from error
