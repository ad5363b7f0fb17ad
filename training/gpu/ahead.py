"""Streams whose documents and batches are prepared ahead of the step that needs them.

A document depends on (seed, epoch, index) alone, so other processes can tokenise it and search its copies;
the order is known, so they can begin early. What comes out is what `streams.Streams` gives, batch by batch.
"""

from __future__ import annotations

import multiprocessing
import queue
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch

from streams import Batch, Corpus, Document, Streams
from tokenizer import Tokenizer

DOCUMENTS, BATCHES = 256, 3  # how far ahead

_reader: Streams  # of a worker process: it deals no documents, it only reads them


def _start(corpus: Path, tokenizer: Tokenizer) -> None:
    global _reader
    torch.set_num_threads(1)
    _reader = Streams(Corpus(corpus), tokenizer, 0, 1)


def _load(seed: int, epoch: int, index: int) -> Document:
    _reader.seed = seed
    return _reader._load(epoch, index)


class Ahead(Streams):
    """As Streams; `position` is that of the last batch handed out, not of those that wait."""

    def __init__(self, corpus: Corpus, tokenizer: Tokenizer, streams: int, length: int, seed: int = 1, weights: dict[str, float] | None = None, workers: int = 8):
        self.pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _start, (corpus.path, tokenizer))
        self.begun: dict[tuple[int, int, int], Future[Document]] = {}
        self.thread: threading.Thread | None = None
        self.reached: dict[str, Any] | None = None
        super().__init__(corpus, tokenizer, streams, length, seed, weights)

    def _load(self, epoch: int, index: int) -> Document:
        coming = self.order[self.dealt : self.dealt + DOCUMENTS]
        keys = [(self.seed, epoch, index), *((self.seed, self.epoch, later) for later in coming)]
        for key in keys:
            if key not in self.begun:
                self.begun[key] = self.pool.submit(_load, *key)
        return self.begun.pop(keys[0]).result()

    def next(self) -> Batch:
        if self.thread is None:
            self.ready: queue.Queue[tuple[Batch, dict[str, Any]] | Exception] = queue.Queue(BATCHES)
            self.stopping = threading.Event()
            self.thread = threading.Thread(target=self._fill, daemon=True)
            self.thread.start()
        found = self.ready.get()
        if isinstance(found, Exception):
            raise found
        batch, self.reached = found
        return batch

    def _fill(self) -> None:
        try:
            while not self.stopping.is_set():
                batch = super().next()
                self._hand_over((batch, {**super().position(), "streams": list(self.where)}))
        except Exception as problem:  # it belongs to whoever asks for the next batch
            self._hand_over(problem)

    def _hand_over(self, item: tuple[Batch, dict[str, Any]] | Exception) -> None:
        while not self.stopping.is_set():
            try:
                return self.ready.put(item, timeout=0.1)
            except queue.Full:
                pass

    def position(self) -> dict[str, Any]:
        return self.reached or super().position()

    def seek(self, position: dict[str, Any]) -> bool:
        self._stop()
        self.begun, self.reached = {}, None
        return super().seek(position)

    def _stop(self) -> None:
        if self.thread:
            self.stopping.set()
            self.thread.join()
            self.thread = None

    def close(self) -> None:
        self._stop()
        self.pool.shutdown(cancel_futures=True)
