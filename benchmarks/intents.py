"""Accuracy of the router's classifier on public intent sets, trained on their training part alone.

`python -m benchmarks.intents [--half dev] [--sets clinc …]`; writes benchmarks/results/intents.json. Out-of-scope
questions are refused below the score that loses `--lost` of the training texts, each scored while left out.
"""

import argparse
import time

import numpy as np

from benchmarks import data
from faq.classifying import train
from faq.embedding import Usem3Embedder

SETS = {
    "clinc": "B_intent_clinc150_en",
    "banking77": "B_intent_banking77_en",
    "massive_zh": "B_intent_massive_zh",
    "smp2017": "B_intent_smp2017_zh",
}
OUT_OF_SCOPE = "oos"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="dev")
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    parser.add_argument("--lost", type=float, default=0.03)
    options = parser.parse_args()
    embedder = Usem3Embedder()
    rows = [measure(name, options.half, options.lost, embedder) for name in options.sets]
    data.show("intents", rows)
    data.write("intents", {"intents": rows})


def measure(name: str, half: str, lost: float, embedder: Usem3Embedder) -> dict[str, object]:
    known = [row for row in data.read_tsv(f"{SETS[name]}/train.tsv") if row["intent"] != OUT_OF_SCOPE]
    asked = data.read_tsv(f"{SETS[name]}/test_{half}.tsv")
    start = time.process_time()
    classifier = train([row["text"] for row in known], [row["intent"] for row in known], embedder)
    seconds = time.process_time() - start
    scores = classifier.scores([row["text"] for row in asked])
    wanted = np.array([row["intent"] for row in asked])
    right = np.array(classifier.classes)[scores.argmax(axis=1)] == wanted
    kept = scores.max(axis=1) >= np.quantile(classifier.unseen, lost)
    inside = wanted != OUT_OF_SCOPE
    return {
        "set": name,
        "classes": len(classifier.classes),
        "train_cpu_s": seconds,
        "accuracy": float(right[inside].mean()),
        "accuracy_with_refusal": float((right & kept)[inside].mean()),
        "out_of_scope_recall": float((~kept)[~inside].mean()) if (~inside).any() else "-",
    }


if __name__ == "__main__":
    main()
