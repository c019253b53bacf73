"""A script and the modules it imports come as one; a form that is not known is refused, not broken."""

from pathlib import Path

import pytest

from web.joining import script

ONE = 'export const words = ["one"];\nexport async function start() {}\nfunction own() {}\n'


def _written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "app.js"


def test_modules_come_before_who_imports_them_each_once(tmp_path: Path) -> None:
    two = 'import { words } from "./one.js";\nexport function wake() { return words; }\n'
    app = 'import * as two from "./two.js";\nimport * as one from "./one.js";\none.start();\n'
    whole = script(_written(tmp_path, one=ONE, two=two, app=app))
    assert whole is not None
    assert whole.count("const $one = (() => {") == whole.count("const $two = (() => {") == 1
    places = [whole.index(f"const {name} = ") for name in ("$one", "$two", "{ words }", "two", "one")]
    assert places == sorted(places)
    assert "return { words, start };" in whole
    assert "return { wake };" in whole


def test_a_script_that_imports_nothing_stays_as_it_is(tmp_path: Path) -> None:
    app = _written(tmp_path, app='if (later) import("./one.js").then((m) => m.start());\n')
    assert script(app) is None
    assert script(tmp_path / "absent.js") is None


@pytest.mark.parametrize(
    "line",
    [
        'import one from "./one.js";',
        'import { words as w } from "./one.js";',
        'import "./one.js";',
        "export default 1;",
        "export { own };",
        "export let many = 1;",
    ],
)
def test_another_form_is_refused(tmp_path: Path, line: str) -> None:
    app = _written(tmp_path, one=ONE, app=f'import * as one from "./one.js";\n{line}\n')
    with pytest.raises(ValueError, match=r"app\.js cannot be joined"):
        script(app)
