"""What differs between two pod templates, by name. Values stay out: some are secret. Pure."""

from typing import Any, cast

_MOST = 3


def template_change(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What has changed, such as `its image: a -> b` or `its pod template: spec.volumes`; empty if nothing."""
    if before == after:
        return ""
    was, now = (template["spec"]["containers"][0]["image"] for template in (before, after))
    if was != now:
        return f"its image: {was} -> {now}"
    places = _places(before, after, "")
    more = f" and {len(places) - _MOST} more" if len(places) > _MOST else ""
    return f"its pod template: {', '.join(places[:_MOST])}{more}"


def _places(before: Any, after: Any, path: str) -> list[str]:
    """Paths of what differs, items of lists by their names."""
    was, now = _keyed(before), _keyed(after)
    if was is None or now is None:
        return [] if before == after else [path]
    found: list[str] = []
    for key in sorted(was.keys() | now.keys()):
        inner = f"{path}.{key}" if path else key
        if key in was and key in now:
            found += _places(was[key], now[key], inner)
        else:
            found.append(inner)
    return found


def _keyed(value: Any) -> dict[str, Any] | None:
    """Parts of a value by key, those of a list of named things by name; None if it has none."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    items = cast("list[Any]", value) if isinstance(value, list) else []
    if items and all(isinstance(item, dict) and "name" in item for item in items):
        return {item["name"]: item for item in items}
    return None
