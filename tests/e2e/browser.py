"""Headless Chromium in a container without a network, built from Debian's package."""

import html
import io
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from PIL import Image

from local.images import BASE, PROXY_VARIABLES

IMAGE = "goservice-test-chromium"
DOCKERFILE = f"""\
FROM {BASE}
RUN apt-get update -qq \\
 && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core \\
 && rm -rf /var/lib/apt/lists/*
"""
# Its own noise is about buses and graphics cards; what a page does wrong is said with this word.
COMPLAINT = re.compile(r"CONSOLE.*")
MEASURE = """<script>
const drawn = document.querySelectorAll("svg .track circle, svg .track path, svg .limit line");
const boxes = [...drawn].map(each => {
  const box = each.getBoundingClientRect();
  return [each.closest("g").getAttribute("class"), each.tagName, box.width, box.height];
});
const sizes = {boxes, width: document.documentElement.scrollWidth, room: innerWidth};
parent.document.body.textContent = "MEASURED" + JSON.stringify(sizes) + "END";
</script></body>"""


@dataclass(frozen=True, kw_only=True)
class Browser:
    """Opens pages, given as text. env: finds the engine."""

    env: Mapping[str, str]

    def dom(self, page: str) -> str:
        """The page as it is once it is loaded. Fails if the page does anything wrong."""
        output, complaints = self._run(page, "--dump-dom")
        assert not complaints, complaints
        return output.decode()

    def measured(self, page: str, width: int) -> dict[str, Any]:
        """Sizes of what is drawn in the charts, and of the page, in a window of this width."""
        # The page allows no script, so that is left out of the copy that is measured.
        open_ = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
        # In a frame: a window has at least 500 pixels.
        framed = html.escape(open_.replace("</body>", MEASURE))
        frame = f'<!doctype html><iframe style="width: {width}px; border: 0" srcdoc="{framed}"></iframe>'
        output, complaints = self._run(frame, "--dump-dom")
        assert not complaints, complaints
        found = re.search(r"MEASURED(.*)END", output.decode())
        assert found, output[:2000]
        return json.loads(found[1])

    def colours(self, page: str) -> Counter[tuple[int, int, int]]:
        """How many pixels of the page have which colour."""
        output, complaints = self._run(page, "--screenshot=/tmp/shot.png", "--window-size=1000,900")
        assert not complaints, complaints
        image = Image.open(io.BytesIO(output)).convert("RGB")
        counted = cast("list[tuple[int, tuple[int, int, int]]]", image.getcolors(image.width * image.height))
        return Counter({colour: count for count, colour in counted})

    def _run(self, page: str, *arguments: str) -> tuple[bytes, list[str]]:
        """What was dumped or shot, and what the page did wrong."""
        chromium = (
            "chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars"
            f" --enable-logging=stderr {' '.join(arguments)} file:///tmp/page.html"
        )
        shell = f"cat >/tmp/page.html; {chromium} && if [ -e /tmp/shot.png ]; then cat /tmp/shot.png; fi"
        done = subprocess.run(
            ["docker", "run", "--rm", "--interactive", "--network", "none", IMAGE, "sh", "-c", shell],
            input=page.encode(),
            capture_output=True,
            env=self.env,
            timeout=120,
            check=False,
        )
        said = done.stderr.decode(errors="replace")
        assert done.returncode == 0, said[-4000:]
        return done.stdout, COMPLAINT.findall(said)


@contextmanager
def browser(env: Mapping[str, str]) -> Iterator[Browser]:
    """Builds the image, and removes it afterwards."""
    arguments = [f"--build-arg={variable}" for variable in PROXY_VARIABLES]
    subprocess.run(
        ["docker", "build", "--quiet", "--network", "host", *arguments, "--tag", IMAGE, "-"],
        input=DOCKERFILE.encode(),
        env={**env, "DOCKER_BUILDKIT": "0"},
        stdout=subprocess.DEVNULL,
        timeout=900,
        check=True,
    )
    try:
        yield Browser(env=env)
    finally:
        subprocess.run(["docker", "image", "rm", "--force", IMAGE], env=env, capture_output=True, check=False)
