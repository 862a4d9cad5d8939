"""Load process: screens that send plays over HTTP as fast as they are acknowledged, or at a given rate.

python -m signage.bench.support.load_process PORT TOKENS_FILE SECONDS PLAYS_A_BATCH RUN [BATCHES_A_SECOND]
"""

import http.client
import json
import sys
import threading
import time
from pathlib import Path

THREADS = 16


def build_batch(run: str, first: int, plays: int) -> bytes:
    """Build a batch of *plays* plays, numbered from *first*."""
    began = 1_615_766_400 + first * 8
    times = [time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(began + n * 8)) for n in range(plays)]
    plays_json = [
        f'{{"seq":{first + n},"item":"315-2021/slogan-{n % 10:02}","sha256":"{"ab" * 32}","serial":7,'
        f'"started_at":"{at}","duration_ms":8000,"result":"completed"}}'
        for n, at in enumerate(times)
    ]
    return f'{{"run":"{run}","plays":[{",".join(plays_json)}]}}'.encode()


class _SenderThread(threading.Thread):
    """One connection of one screen."""

    def __init__(self, port: int, token: str, bodies: list[bytes], gap_s: float, until: list[float]) -> None:
        super().__init__(daemon=True)
        self.durations_s: list[float] = []
        self.failed_count = 0
        self._port, self._token, self._bodies, self._gap_s, self._until = port, token, bodies, gap_s, until

    def run(self) -> None:
        """Send until the time is over or nothing is left."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        heads = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        due = time.perf_counter()
        for body in self._bodies:
            now = time.perf_counter()
            if now > self._until[0]:
                return
            if self._gap_s and due > now:
                time.sleep(due - now)
            begin = max(due, now) if self._gap_s else time.perf_counter()
            due += self._gap_s
            connection.request("POST", "/screen/v1/plays", body, heads)
            answer = connection.getresponse()
            answer.read()
            self.failed_count += answer.status != 200
            self.durations_s.append(time.perf_counter() - begin)


def main(port: int, tokens: list[str], seconds: float, plays: int, run: str, rate: float) -> None:
    """Print the number of plays sent, the time taken and the response times."""
    each = int((rate or 1500) * seconds / THREADS * 1.2) + 1
    bodies = [build_batch(run, 1 + n * plays, plays) for n in range(each)]
    until = [time.perf_counter() + seconds]
    senders = [_SenderThread(port, tokens[n], bodies, THREADS / rate if rate else 0.0, until) for n in range(THREADS)]
    begin = time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    spent = time.perf_counter() - begin
    durations_s = sorted(t for sender in senders for t in sender.durations_s)
    facts = {
        "seconds": spent,
        "plays": len(durations_s) * plays,
        "p50_ms": durations_s[len(durations_s) // 2] * 1000,
        "p99_ms": durations_s[int(len(durations_s) * 0.99)] * 1000,
        "failed": sum(sender.failed_count for sender in senders),
    }
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    _, port_, tokens_, seconds_, plays_, run_, *rate_ = sys.argv
    tokens_listed = Path(tokens_).read_text("utf-8").split()
    main(int(port_), tokens_listed, float(seconds_), int(plays_), run_, float(rate_[0]) if rate_ else 0.0)
