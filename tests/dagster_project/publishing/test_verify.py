import pytest

from dagster_project.publishing.manifest import read_manifest, write_manifest
from dagster_project.publishing.verify import verify_generation


def rewrite(path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def test_untouched_generation_passes(publish):
    generation = publish()
    assert verify_generation(generation.folder) == generation.manifest


@pytest.mark.parametrize("name", ["segments.duckdb", "parquet/customer_segments.parquet"])
def test_flipped_byte_is_found_and_the_file_named(publish, name):
    folder = publish().folder
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    rewrite(folder / name, bytes(content))
    with pytest.raises(ValueError, match=rf"1 of 3 files in .* are not what was published, e\.g\. \['{name}'\]"):
        verify_generation(folder)


def test_truncated_file_is_found(publish):
    path = publish().folder / "segments.duckdb"
    rewrite(path, path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"\['segments\.duckdb'\]"):
        verify_generation(path.parent)


def test_missing_and_added_files_are_named(publish):
    folder = publish().folder
    (folder / "parquet" / "segment_profiles.parquet").unlink()
    (folder / "notes.txt").write_text("x")
    with pytest.raises(ValueError, match=r"lacks 1 of 4 files, .*segment_profiles.* and holds 1 .*notes\.txt"):
        verify_generation(folder)


def test_manifest_that_promises_other_row_counts_is_found(publish):
    folder = publish().folder
    manifest = read_manifest(folder)
    tables = {**manifest.tables}
    tables["customer_segments"] = tables["customer_segments"].model_copy(update={"row_count": 4})
    (folder / "manifest.json").chmod(0o644)
    write_manifest(folder, manifest.model_copy(update={"tables": tables}))
    with pytest.raises(ValueError, match=r"customer_segments.* has 3 rows, its manifest says 4"):
        verify_generation(folder)
