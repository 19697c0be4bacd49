#!/usr/bin/env python3
"""Writes the page that plays replays into Swift, so that programs carry it without files beside them.

Reads Sources/Replay/Page: page.html, page.css, and main.js with the modules that it imports, which become one, in the order of their imports.
With --check it writes nothing and fails if the Swift file is not what it would write.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "Sources/Replay/Page"
OUTPUT = ROOT / "Sources/Replay/Generated/PageAssets.swift"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z-]+\.js)";\n', re.MULTILINE)
TOP_LEVEL = re.compile(r"^(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)


def bundle(name: str, seen: list[str], path: tuple[str, ...] = ()) -> str:
    """The modules that `name` needs, and it, each once."""
    if name in path:
        sys.exit(f"{PAGE / name}: these modules import each other: {' → '.join([*path, name])}")
    if name in seen:
        return ""
    text = (PAGE / name).read_text()
    before = "".join(bundle(match[1], seen, (*path, name)) for match in IMPORT.finditer(text))
    seen.append(name)
    body = re.sub(r"^export ", "", IMPORT.sub("", text), flags=re.MULTILINE).strip()
    return f"{before}\n// {name}\n\n{body}\n"


def program() -> str:
    seen: list[str] = []
    text = bundle("main.js", seen)
    if left_out := {path.name for path in PAGE.glob("*.js")} - set(seen):
        sys.exit(f"{PAGE}: nothing imports {', '.join(sorted(left_out))}")
    names = TOP_LEVEL.findall(text)
    if twice := {name for name in names if names.count(name) > 1}:
        sys.exit(f"{PAGE}: the modules become one, in which these names are there twice: {', '.join(sorted(twice))}")
    return text


def literal(text: str, source: str) -> str:
    # In these, nothing may end the element that they stand in.
    if "</script" in text or "</style" in text or "<!--" in text:
        sys.exit(f"{PAGE / source}: </script, </style and <!-- would end the script or style in the page")
    if '"""##' in text or "\\##" in text:
        sys.exit(f'{PAGE / source}: """## and \\## have a meaning in the Swift literal around it')
    return f'##"""\n{text}\n"""##'


def swift() -> str:
    markup = (PAGE / "page.html").read_text()
    return f"""\
// Generated from Sources/Replay/Page by scripts/embed-page.py. Do not edit.
// swift-format-ignore-file

/// The parts of the page that plays a replay.
enum PageAssets {{
  /// The markup, with places such as `{{{{title}}}}` for what is different in each page.
  static let markup = ##\"\"\"
{markup}
\"\"\"##

  /// The style sheet.
  static let style = {literal((PAGE / "page.css").read_text(), "page.css")}

  /// The program.
  static let program = {literal(program(), "main.js")}
}}
"""


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if not OUTPUT.exists() or OUTPUT.read_text() != swift():
            sys.exit(f"{OUTPUT.relative_to(ROOT)} is not current: run scripts/embed-page.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        OUTPUT.write_text(swift())
