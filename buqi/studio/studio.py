"""What lives as long as the server: the folder, the queue and who starts its jobs, models that answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from buqi.serve.worker import Worker
from buqi.studio.asking import Asker
from buqi.studio.folder import Folder, checked
from buqi.studio.jobs import Queue
from buqi.studio.runs import Pace, Run, run_named, training_elsewhere

LOOK_SECONDS = 0.5  # seconds between looks at the queue
ANSWERS = "answers_with.txt"  # the run whose adapter answers on the page


@dataclass(frozen=True)
class StudioSettings:
    """Where a studio lies and what may come into it."""

    folder: Path
    base: str = "embedded"
    upload_bytes: int = 200_000_000  # largest uploaded file
    unpacked_bytes: int = 1_000_000_000  # largest size of an upload once unpacked


class Studio:
    """One studio. It starts jobs once `start` is called; what runs goes on after `stop`."""

    def __init__(self, settings: StudioSettings) -> None:
        self.settings = settings
        self.folder = Folder(settings.folder)
        self.queue = Queue(self.folder.jobs)
        self.pace = Pace()
        self.asker = Asker(self.folder.root, settings.base)
        self.worker = Worker(self._step, "studio")
        self._claims: set[Path] = set()
        self._claiming = threading.Lock()

    def start(self) -> None:
        """Begin to start jobs. What uploads that were cut off have left is removed."""
        for path in self.folder.uploads.glob("tmp*"):
            path.unlink(missing_ok=True)
        self.worker.keep_alive()

    def stop(self) -> None:
        """Start no more jobs."""
        self.worker.stop()

    @contextmanager
    def claimed(self, place: Path) -> Iterator[bool]:
        """Yield whether a place is free, and keep it for the caller: another tab may ask for the same name."""
        with self._claiming:
            free = place not in self._claims and not place.exists()
            if free:
                self._claims.add(place)
        try:
            yield free
        finally:
            if free:
                with self._claiming:
                    self._claims.discard(place)

    def run(self, name: str) -> Run:
        """Return a run by name; a `UsageError` if that is none."""
        return run_named(self.folder, self.queue, checked(name))

    def data_of(self, name: str) -> str:
        """Return the data set that a run was trained on; empty if it is not in the folder."""
        trained_on = self.run(name).config.get("dataset_name_or_path", "")
        data = Path(str(trained_on)).name
        return data if data in self.folder.data_sets() else ""

    def answers_with(self) -> str:
        """Return the run whose adapter answers; empty for the base."""
        path = self.folder.root / ANSWERS
        name = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        return name if name in self.folder.adapters() else ""

    def adapter(self, name: str) -> Path | None:
        """Return the folder of a run's adapter; ``None`` for no name, which is the base."""
        return self.folder.runs / checked(name) if name else None

    def _step(self) -> None:
        self.worker.closing.wait(LOOK_SECONDS)
        if not self.worker.closing.is_set():
            self.queue.step(busy=training_elsewhere(self.folder, self.queue))
