"""Documents of every kind are cut into passages that say where they stand; bad ones are refused in words."""

from __future__ import annotations

import io
import json
import time
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.support.documents import pdf, protected_pdf, web_page, word

from stratix.benchmarks.documents import SUFFIXES, BadDocument, isolated, reader_of
from stratix.benchmarks.documents.passages import LONGEST, SHORTEST, cut

FACT = "The lighthouse of Alden was built in 1871 by the engineer Mara Voss"


def read(folder: Path, name: str, content: bytes) -> list[tuple[str, str]]:
    """Return place and text of each passage, as a worker finds them."""
    place = folder / f"of-{name}"
    place.mkdir()
    (place / name).write_bytes(content)
    count = isolated.read(place, name)
    found = [(passage.place, passage.text) for passage in isolated.passages(place)]
    assert len(found) == count
    return found


def refused(folder: Path, name: str, content: bytes) -> str:
    with pytest.raises(BadDocument) as caught:
        read(folder, name, content)
    assert name in str(caught.value)
    return str(caught.value)


def test_the_pages_of_a_pdf(tmp_path: Path) -> None:
    pages = [f"{FACT} (1).\nIt is 40 m high.", "", f"{FACT} again. " * 30]
    found = read(tmp_path, "a.pdf", pdf(pages))
    assert [place for place, _ in found] == ["pages 1-3"]
    assert "built in 1871 by the engineer Mara Voss (1)." in found[0][1]
    assert "It is 40 m high." in found[0][1]


def test_a_pdf_that_is_protected_from_changes_alone_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, "a.pdf", protected_pdf([FACT], ""))
    assert found == [("page 1", FACT)]


def test_paragraphs_and_tables_of_word(tmp_path: Path) -> None:
    found = read(tmp_path, "a.docx", word([FACT, "", "A second paragraph."], [["Height", "40 m"]]))
    assert found == [("paragraphs 1-4", f"{FACT}\n\nA second paragraph.\nHeight | 40 m")]


def test_the_text_of_a_web_page_without_what_frames_it(tmp_path: Path) -> None:
    body = f"<nav>Home</nav><h1>Alden</h1><p>{FACT.replace('Mara', '<b>Mara</b>')}</p><div>40&nbsp;m<br>high"
    (found,) = read(tmp_path, "a.html", web_page(f"{body}</div><footer>Imprint</footer><!-- no -->"))
    assert found[1] == f"Alden\n{FACT}\n40 m\nhigh"


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
def test_the_rows_of_tables(tmp_path: Path, suffix: str) -> None:
    rows = [{"year": 1871, "event": f"{FACT}, {number}"} for number in range(3)]
    content = {
        ".csv": "year,event\n" + "\n".join(f'1871,"{row["event"]}"' for row in rows),
        ".json": json.dumps(rows),
        ".jsonl": "\n".join(map(json.dumps, rows)),
    }
    if suffix == ".parquet":
        out = io.BytesIO()
        parquet.write_table(pa.Table.from_pylist(rows), out)
        data = out.getvalue()
    else:
        data = content[suffix].encode()
    (found,) = read(tmp_path, f"a{suffix}", data)
    assert found[0] == "rows 1-3"
    assert found[1].splitlines()[:2] == ["year: 1871", f"event: {FACT}, 0"]


def test_text_in_other_encodings(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", f"{FACT} für Åse".encode("utf-16"))[0][1] == f"{FACT} für Åse"
    assert read(tmp_path, "b.txt", f"\ufeff{FACT}".encode())[0][1] == FACT
    assert "is no text in UTF-8 (byte 2): save it as UTF-8" in refused(tmp_path, "c.txt", b"f\xfcr")


def test_every_suffix_has_a_reader() -> None:
    for suffix in SUFFIXES:
        reader = reader_of(f"A{suffix.upper()}")
        assert reader.NOUN in {"page", "paragraph", "line", "row"}
    with pytest.raises(BadDocument, match=r"a.exe does not end in .txt, .pdf"):
        reader_of("a.exe")


def bomb(name: str, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"\0" * size)
    return out.getvalue()


def pdf_bomb() -> bytes:
    packed = zlib.compress(b" " * 300_000_000, 9)
    packed = zlib.compress(packed, 9)
    head = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    head += (
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R "
    )
    head += (
        b"/MediaBox [0 0 9 9] /Contents 4 0 R >>\nendobj\n4 0 obj\n<< /Filter [/FlateDecode /FlateDecode] "
    )
    return head + b"/Length %d >>\nstream\n%b\nendstream\nendobj\ntrailer << /Root 1 0 R >>\n" % (
        len(packed),
        packed,
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"hello", "is no PDF"),
        ("a.pdf", pdf([FACT])[:300], "cannot be read as PDF"),
        ("a.pdf", pdf(["", ""]), "holds no text that could be asked about"),
        ("a.pdf", protected_pdf([FACT], "secret"), "protected by a password: save it without one"),
        ("a.docx", b"PK\x03\x04 not a zip", "is no DOCX"),
        ("a.docx", bomb("other.xml", 10), "cannot be read as DOCX"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "protected by a password, or an old .doc"),
        ("a.docx", bomb("word/document.xml", 300_000_000), "unpacks to 300,000,000 bytes"),
        ("a.html", b"<p></p>", "holds no text"),
        ("a.html", b" ", "holds no text"),
        ("a.json", b"[1, ", "is not JSON"),
        ("a.json", b'{"a": 1}', "needs a list of objects"),
        ("a.jsonl", b'{"a": 1}\nno', "line 2: not JSON"),
        ("a.csv", b"a,b\n1,\x00", "is no text, for it holds NUL"),
        ("a.parquet", b"PAR1 not", "cannot be read as Parquet"),
        ("a.txt", b"short", "holds no text that could be asked about"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    assert said in refused(tmp_path, name, content)


def test_a_pdf_that_unpacks_to_much_ends_soon(tmp_path: Path) -> None:
    started = time.monotonic()
    assert "a.pdf" in refused(tmp_path, "a.pdf", pdf_bomb())
    assert time.monotonic() - started < 60


def test_pages_that_are_nested_deeply(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "a.html", b"<div>" * 1000 + FACT.encode())
    assert found[1] == FACT
    assert "nested too deeply" in refused(tmp_path, "b.html", b"<div>" * 50_000 + FACT.encode())


def test_passages_have_a_bound_and_lose_nothing() -> None:
    words = [f"word{number}" for number in range(3000)]
    texts = [" ".join(words[at : at + 25]) for at in range(0, 1500, 25)] + [" ".join(words[1500:])]
    found = list(cut(texts, "paragraph"))
    assert all(SHORTEST <= len(passage.text) <= LONGEST for passage in found)
    assert " ".join(passage.text for passage in found).split() == words
    assert found[0].place.startswith("paragraphs 1-")
    assert found[-1].place.startswith("paragraph 61, part ")


def test_text_without_any_break_is_cut_all_the_same() -> None:
    found = list(cut(["x" * (2 * LONGEST + 5)], "line"))
    assert [len(passage.text) for passage in found] == [LONGEST, LONGEST, 5]


def test_what_no_database_can_store_is_gone() -> None:
    (found,) = cut([f"{FACT}\0 \ud800 end"], "line")
    found.text.encode()
    assert "\0" not in found.text
