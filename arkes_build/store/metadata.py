"""Say in a commit's metadata what it is: for ``os``, for libostree and for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arkes_build.store.binding import binding

if TYPE_CHECKING:
    from arkes_build.store.model import NodeMetadata


def metadata_variant(
    about: NodeMetadata, *, ref: str, kernel: str | None, forecast: str = ""
) -> Any:
    """Return the ``a{sv}`` of a node's commit, names sorted.

    ``version``, ``ostree.linux``, ``ostree.bootable`` and ``ostree.ref-binding`` are
    libostree's own (``ostree-core.h``, ``ostree-repo-commit.c``); the rest is ours.
    """
    variant = binding().glib.Variant
    texts = {
        "version": about.version,
        "arkes.node": about.node,
        "arkes.key": about.key,
        "arkes.image": about.image,
    }
    values = {name: variant("s", text) for name, text in texts.items()}
    values["arkes.packages"] = variant("as", list(about.packages))
    values["arkes.inputs"] = variant("ay", about.inputs)
    values["arkes.layers"] = variant(
        "a(ssss)", [(one.chain_id, one.node, one.where, one.brief) for one in about.layers]
    )
    if forecast:
        values["arkes.forecast"] = variant("s", forecast)
    values["ostree.ref-binding"] = variant("as", [ref])
    if kernel:
        values["arkes.kernel"] = variant("s", kernel)
        values["ostree.linux"] = variant("s", kernel)
        values["ostree.bootable"] = variant.new_boolean(value=True)
    return variant("a{sv}", {name: values[name] for name in sorted(values)})


def text(commit: Any, name: str) -> str:
    """Return one text of a loaded commit's metadata; empty when it has none."""
    value = commit.get_child_value(0).lookup_value(name, None)
    return value.get_string() if value is not None and value.is_of_type(_type("s")) else ""


def length(commit: Any, name: str) -> int:
    """Return how many items a list of a loaded commit's metadata has."""
    value = commit.get_child_value(0).lookup_value(name, None)
    return int(value.n_children()) if value is not None and value.is_container() else 0


def _type(name: str) -> Any:
    return binding().glib.VariantType.new(name)
