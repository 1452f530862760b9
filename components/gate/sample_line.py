"""One sample of a trial as a line for people."""

from ..analysis import Judgement, Measurement, Sample, known


def sample_line(progress: str, share: float, sample: Sample, judgement: Judgement) -> str:
    """` 1/9  pass  33 % of pods  canary 120 requests, 0.0 % errors  stable …  reasons and note`.

    progress: measured and planned samples, `1/9`. share: of the canary in the pods, percent.
    """
    text = (
        f"{progress:>5}  {judgement.outcome:<10}  {share:.0f} % of pods"
        f"  canary {describe(sample.canary)}  stable {describe(sample.stable)}"
    )
    return "  ".join([text, "; ".join(filter(None, [*judgement.reasons, judgement.note]))]).rstrip()


def describe(measured: Measurement) -> str:
    """A measurement in a few words: `120 requests, 0.0 % errors, p99 12 ms`.

    Of answers above the latency limit, their share is what is judged.
    """
    requests = known(measured.requests)
    if requests is None:
        return "no data"
    parts = [f"{requests:.0f} requests"]
    if (errors := measured.error_percent) is not None:
        parts.append(f"{errors:.1f} % errors")
    if (p99 := known(measured.p99_seconds)) is not None:
        parts.append(f"p99 {1000 * p99:.0f} ms")
    if slow := measured.slow_percent:
        parts.append(f"{slow:.1f} % slow")
    return ", ".join(parts)
