"""Make the demonstration's media again from the texts: `python -m learners.demonstration.media_making`.

Needs Debian's ffmpeg and espeak-ng. With words after it, makes only these kinds: films sounds sheets transcripts.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from learners.demonstration.media_making.drawing import draw_sheet
from learners.demonstration.media_making.films import make_films, make_sounds
from learners.demonstration.media_making.narration import LANGUAGES, SLUGS, ModuleTexts, plain, texts_of

CONTENT = Path(__file__).parent.parent / "content"
KINDS = ("films", "sounds", "sheets", "transcripts")


def make_course(slug: str, kinds: set[str]) -> None:
    """Write the chosen kinds of media of one course beside its texts."""
    media = CONTENT / slug / "media"
    media.mkdir(exist_ok=True)
    for module in texts_of(slug):
        if "films" in kinds:
            make_films(module, media)
        if "sounds" in kinds:
            make_sounds(module, media)
        if "sheets" in kinds:
            draw_sheet(media / f"m{module.number}-sheet.pdf", slug=slug, number=module.number)
        if "transcripts" in kinds:
            write_transcripts(module, CONTENT / slug)


def write_transcripts(module: ModuleTexts, folder: Path) -> None:
    """Write what the film and the sound file say, to be read by those who cannot hear or play them."""
    for language in LANGUAGES:
        film = [f"**{slide.show[language]}**\n\n{plain(slide.say[language])}" for slide in module.slides]
        _write(folder / f"m{module.number}-film.{language}.md", film)
        _write(
            folder / f"m{module.number}-sound.{language}.md",
            [plain(line) for line in module.summary[language]],
        )


def write_checksums() -> None:
    """Write the SHA-256 of every media file, one a line, in the form that `sha256sum --check` reads."""
    files = sorted(path for path in CONTENT.glob("*/media/*") if path.is_file())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(CONTENT)}\n" for path in files
    ]
    (CONTENT / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _write(target: Path, paragraphs: list[str]) -> None:
    target.write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")


def main(words: list[str]) -> int:
    """Make the kinds named, or all; answer the exit status."""
    unknown = set(words) - set(KINDS)
    if unknown:
        sys.stderr.write(f"Unknown: {', '.join(sorted(unknown))}. Choose from: {', '.join(KINDS)}.\n")
        return 2
    for slug in SLUGS:
        make_course(slug, set(words or KINDS))
    write_checksums()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
