"""Run the demo for real and draw what it ends with as docs/images/demo.svg, for the README.

The picture loads no font: Rich's own template names one on the web, this leaves it out.
"""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from stratix.cli import demo
from stratix.cli._embedded import embedded
from stratix.cli._output import folder, stderr
from stratix.cli.up import load_settings

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "demo.svg"
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
WIDTH = 110


def main() -> None:
    """Write the picture."""
    console = Console(
        record=True,
        width=WIDTH,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        emoji=False,
        highlight=False,
    )
    settings = load_settings()
    console.print("$ make demo\n")
    with embedded(settings) as client:
        evaluation = demo.run(client, stderr())
        demo.print_result(console, client, evaluation, f"in {folder(settings.data_dir)}")
    template = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    template = template.replace("Fira Code, monospace", FONTS)
    PICTURE.parent.mkdir(exist_ok=True)
    console.save_svg(str(PICTURE), title="Stratix", code_format=template, unique_id="demo")


if __name__ == "__main__":
    main()
