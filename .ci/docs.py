"""Checks the places that the pages name: every link and its anchor lead somewhere, every page is a chapter of the book,
and every path of the repository in a page or a comment exists. Links to other sites are not followed."""

import pathlib
import re
import subprocess
import sys

TRACKED = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True)
FILES = [file for file in TRACKED.stdout.splitlines() if pathlib.Path(file).exists()]
FOLDERS = {str(folder) for file in FILES for folder in pathlib.PurePath(file).parents} - {"."}
ROOTS = {folder for folder in FOLDERS if "/" not in folder}

# An old version's text stays as it was written.
HISTORY = "CHANGELOG.md"
PAGES = [file for file in FILES if file.endswith(".md") and file != HISTORY]
SOURCES = [file for file in FILES if file.endswith((".rs", ".py", ".toml", ".yaml", ".sh", ".html")) or "." not in file]

SUFFIXES = r"(?:rs|md|py|toml|yaml|json|html|pem|mjs|js|snap)"
# `shared/src/route.rs`, `functions/<name>/`, `local/tests/faults`: begins with a folder of the repository.
PATH = re.compile(rf"(?<![\w./$-])((?:{'|'.join(map(re.escape, sorted(ROOTS, reverse=True)))})/[\w./<>*-]*)")
# `docs/errors.md` in a comment, where folders alone may be other things.
FILE = re.compile(rf"(?<![\w./$-])((?:{'|'.join(map(re.escape, sorted(ROOTS, reverse=True)))})/[\w./-]*\.{SUFFIXES})\b")
# `problem.rs`, `upstream/table.rs`: some file has that name, or that end of its path.
BARE = re.compile(r"`((?:[\w-]+/)*[\w-]+\.(?:rs|py))`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def without_fences(text):
    return re.sub(r"^ *```.*?^ *```", lambda fence: "\n" * fence.group().count("\n"), text, flags=re.M | re.S)


def anchors(page):
    """The anchors of a page's headings, as GitHub and mdBook make them."""
    found = {}
    for heading in re.findall(r"^#+ (.*)$", without_fences(pathlib.Path(page).read_text()), re.M):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found[anchor] = found.get(anchor, 0) + 1
    return {name if copy == 0 else f"{name}-{copy}" for name, copies in found.items() for copy in range(copies)}


def links(page):
    text = without_fences(pathlib.Path(page).read_text())
    # A link in a code span is text.
    return LINK.findall(re.sub(r"`[^`\n]*`", "code", text))


def linked(page, target):
    """The file that a link leads to, and its anchor."""
    path, _, anchor = target.partition("#")
    file = (pathlib.Path(page).parent / path).resolve().relative_to(pathlib.Path.cwd()) if path else pathlib.Path(page)
    return str(file), anchor


def broken_links():
    for page in [*PAGES, HISTORY]:
        for target in links(page):
            if re.match(r"[a-z]+:", target):
                continue
            file, anchor = linked(page, target)
            if file not in FILES and file not in FOLDERS:
                yield f"{page} links to {target}, which does not exist"
            elif anchor and file.endswith(".md") and anchor not in anchors(file):
                yield f"{page} links to {target}, and {file} has no such heading"
            elif page.startswith("docs/") and not file.startswith("docs/"):
                yield f"{page} links to {target}, which is not in the book; name it in `code` instead"


def chapters():
    summary = "docs/SUMMARY.md"
    listed = [linked(summary, target)[0] for target in links(summary)]
    pages = {page for page in PAGES if page.startswith("docs/")} - {summary}
    for page in sorted(pages - set(listed)):
        yield f"{page} is not in docs/SUMMARY.md"
    for page in sorted({page for page in listed if listed.count(page) > 1}):
        yield f"{page} is twice in docs/SUMMARY.md"


def exists(path):
    """Whether a path of the repository exists; `<name>` stands for any name, as `*` does."""
    path = re.sub(r"<\w+>", "*", path).rstrip("/.")
    if "*" in path:
        return any(pathlib.PurePath(file).match(path) for file in [*FILES, *FOLDERS])
    return path in FILES or path in FOLDERS


def missing_paths():
    for page in PAGES:
        for number, line in enumerate(pathlib.Path(page).read_text().splitlines(), 1):
            spans = line if line.startswith(("    ", "\t")) else " ".join(re.findall(r"`([^`]*)`", line))
            for path in PATH.findall(spans):
                if not exists(path):
                    yield f"{page}:{number} names {path}, which does not exist"
            for name in BARE.findall(line):
                if not any(f"/{file}".endswith(f"/{name}") for file in FILES):
                    yield f"{page}:{number} names {name}, and no file has that name"
    for source in SOURCES:
        try:
            lines = pathlib.Path(source).read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            for path in FILE.findall(line):
                # A crate may name its own files.
                if not exists(path) and not any(file.endswith(f"/{path}") for file in FILES):
                    yield f"{source}:{number} names {path}, which does not exist"


def main():
    found = [*broken_links(), *chapters(), *missing_paths()]
    for line in found:
        print(line, file=sys.stderr)
    if not found:
        print(f"{len(PAGES)} pages: every link, chapter and path leads somewhere")
    return bool(found)


sys.exit(main())
