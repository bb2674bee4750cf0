"""The style that is shipped is what the pinned GOV.UK Frontend gives, without what only government may use."""

import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from tests.web.npm import ROOT, module
from web.rendering import STYLE, TEMPLATES

STYLES = ROOT / "web" / "styles"


def test_it_is_made_from_the_pinned_package(tmp_path: Path) -> None:
    made = tmp_path / "style.css"
    options = json.loads((STYLES / "package.json").read_text())["scripts"]["style"].split()[1:]
    sass = [module(".bin/sass"), *options, STYLES / "main.scss", made]
    subprocess.run(sass, check=True, cwd=module("govuk-frontend").parents[1])  # noqa: S603 - what the lock file pins.
    assert made.read_bytes() == STYLE, "run: make style"


def test_every_package_is_pinned_by_its_content_and_says_nothing_of_where_it_came_from() -> None:
    wanted = json.loads((STYLES / "package.json").read_text())["devDependencies"]
    locked = json.loads((STYLES / "package-lock.json").read_text())["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(each["integrity"].startswith("sha512-") and "resolved" not in each for path, each in locked.items() if path)


def test_it_has_no_font_and_no_emblem_of_government_and_keeps_its_licence() -> None:
    style = STYLE.decode()
    for foreign in ("GDS Transport", "@font-face", "@import", "url(", "crown-", "govuk-footer", "govuk-logo"):
        assert foreign not in style
    assert "MIT License" in style
    assert "WITHOUT WARRANTY OF ANY KIND" in style


def test_the_templates_are_those_of_that_version() -> None:
    frontend = json.loads((STYLES / "package.json").read_text())["devDependencies"]["govuk-frontend"]
    assert (version("govuk-frontend-jinja"), frontend) == ("4.1.0", "6.3.0"), "they go together: see the former's table of versions"
    assert f'--govuk-frontend-version: "{frontend}"'.replace(" ", "") in STYLE.decode().replace(" ", "")


def test_every_class_that_a_template_names_has_a_style() -> None:
    named = {name for path in TEMPLATES.iterdir() for name in re.findall(r"\b(?:govuk|siwrnai)-[a-z_-]*[a-z]\b", path.read_text())}
    named -= {"govuk_frontend_jinja", "govuk-input--width"}
    assert {name for name in named if f".{name}" not in STYLE.decode()} == set()


def test_a_page_that_is_printed_has_margins_of_its_own() -> None:
    printed = [file for file in ROOT.glob("*/templates/*.html.j2") if "@media print" in file.read_text(encoding="utf-8")]
    assert len(printed) == 7
    assert [file.name for file in printed if not re.search(r"@page \{ margin: \d+mm; size: A4; \}", file.read_text(encoding="utf-8"))] == []
