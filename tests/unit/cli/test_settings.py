"""The shared options arrive at the pipeline."""

from pathlib import Path

from arkes_build.cli.main import main
from arkes_build.core.names import Arch, Family
from arkes_build.pipeline.options import Options
from arkes_build.plan.actions import Plan


def test_every_option_arrives(fake, tmp_path):
    fake.the_plan = Plan(actions=())
    chosen = ["--project", str(tmp_path), "--store", "s", "--family", "arch", "--arch", "riscv64"]
    assert main(["plan", *chosen, "-j", "3", "--dry-run", "--rebuild", "base"]) == 0
    assert fake.options == Options(
        project=tmp_path,
        store=Path("s"),
        family=Family.ARCH,
        arch=Arch.RISCV64,
        jobs=3,
        dry_run=True,
        rebuild=True,
    )
    assert fake.asked == [("plan", ("base",))]


def test_without_options_everything_is_left_to_the_pipeline(fake):
    fake.the_plan = Plan(actions=())
    assert main(["plan"]) == 0
    assert fake.options == Options()
    assert fake.asked == [("plan", ())]
