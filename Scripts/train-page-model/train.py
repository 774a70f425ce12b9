#!/usr/bin/env python3
"""Trains the models of Sources/Normalisation/Page/Model from pages with right answers; see README.md here.

  train.py FEATURES TRUTH.json.gz OUTPUT.swift

FEATURES is what `millrace-bench features PAGES FEATURES` wrote. Gives the same bytes for the same input.
"""
import base64
import collections
import gzip
import hashlib
import json
import math
import multiprocessing
import pathlib
import struct
import sys
import urllib.parse

import lightgbm
import numpy

import labels

KINDS = ["article", "forum", "product", "collection", "listing", "documentation", "service"]
FOLDS = 5
ASIDE = 0  # the fold that is set aside
SAME = dict(verbose=-1, num_threads=1, deterministic=True, force_row_wise=True, seed=7, bagging_freq=1)
KIND = dict(SAME, objective="multiclass", num_class=len(KINDS), learning_rate=0.08, num_leaves=8, min_data_in_leaf=8,
            feature_fraction=0.3, bagging_fraction=0.8, lambda_l2=1)
KIND_ROUNDS = 60
BLOCK = dict(SAME, objective="cross_entropy", learning_rate=0.1, num_leaves=48, min_data_in_leaf=60, feature_fraction=0.35,
             bagging_fraction=0.7, max_bin=63, lambda_l2=5)
BLOCK_ROUNDS = 100


def label(arguments):
    line, truth = arguments
    page = json.loads(line)
    name = page["name"].split(".")[0]
    if name not in truth:
        sys.exit(f"{page['name']}: no right answer")
    answer = truth[name]
    blocks = [labels.words(text) for text in page["texts"]]
    wanted = labels.words(answer["text"])
    # All pages of a site are in one fold.
    host = urllib.parse.urlsplit(answer["url"]).hostname or ""
    site = ".".join(host.split(".")[-2:])
    fold = int(hashlib.sha256(site.encode()).hexdigest(), 16) % FOLDS
    return dict(name=name, kind=answer["type"], fold=fold, blocks=blocks, wanted=wanted, share=labels.shares(blocks, wanted))


def score(page, chosen):
    got = collections.Counter(w for block, c in zip(page["blocks"], chosen) if c for w in block)
    wanted = collections.Counter(page["wanted"])
    if not wanted or not got:
        same = float(not wanted and not got)
        return same, same, same
    both = sum((got & wanted).values())
    p, r = both / got.total(), both / wanted.total()
    return p, r, 2 * p * r / (p + r) if both else 0.0


def choose(probability, words):
    """As ContentSelection.threshold in Swift."""
    order = numpy.argsort(-probability, kind="stable")
    hits = (probability * words)[order].cumsum()
    value = hits / numpy.maximum(words[order].cumsum() + (probability * words).sum(), 1)
    return probability >= probability[order[value.argmax()]]


class Data:
    def __init__(self, features, truth_path):
        truth = json.load(gzip.open(truth_path))
        with open(features + ".ndjson", encoding="utf-8") as file:
            self.names = json.loads(next(file))
            with multiprocessing.Pool(2) as pool:
                self.pages = pool.map(label, ((line, truth) for line in file), chunksize=20)
        raw = numpy.fromfile(features + ".f32", dtype=numpy.float32)
        width, height = len(self.names["block"]), len(self.names["page"])
        place, facts, rows = 0, [], []
        for page in self.pages:
            count = len(page["blocks"])
            facts.append(raw[place:place + height])
            place += height
            rows.append(raw[place:place + count * width].reshape(count, width))
            place += count * width
        assert place == len(raw), "the two files of features do not belong together"
        self.facts, self.rows = numpy.stack(facts), numpy.concatenate(rows)
        self.owner = numpy.concatenate([numpy.full(len(p["blocks"]), i) for i, p in enumerate(self.pages)])
        self.page_fold = numpy.array([p["fold"] for p in self.pages])
        self.fold = self.page_fold[self.owner]
        self.kind = numpy.array([KINDS.index(p["kind"]) for p in self.pages])
        self.share = numpy.concatenate([numpy.array(p["share"], dtype=numpy.float32) for p in self.pages])
        self.words = numpy.concatenate(
            [numpy.array([len(b) for b in p["blocks"]], dtype=numpy.float32) for p in self.pages])
        self.weight = numpy.concatenate([self.weights(p) for p in self.pages])
        self.kind_columns = [self.names["block"].index("kind." + kind) for kind in KINDS]

    @staticmethod
    def weights(page):
        """What a block's words are worth in the F1 of its page, so that all pages count alike."""
        count = numpy.array([len(b) for b in page["blocks"]], dtype=numpy.float32) + 0.5
        weight = count / (len(page["wanted"]) + 100) if page["wanted"] else 0.3 * count / max(count.sum(), 1)
        return weight * min(1, 4 / max(weight.sum(), 1e-9))


def train(data, folds):
    """Both models from the pages of these folds. The blocks see kinds from models that did not know their page."""
    guess = numpy.zeros((len(data.pages), len(KINDS)), numpy.float32)
    inside = numpy.isin(data.page_fold, folds)
    for fold in folds:
        rest = inside & (data.page_fold != fold)
        model = lightgbm.train(KIND, lightgbm.Dataset(data.facts[rest], data.kind[rest]), KIND_ROUNDS)
        guess[data.page_fold == fold] = model.predict(data.facts[data.page_fold == fold])
    kinds = lightgbm.train(KIND, lightgbm.Dataset(data.facts[inside], data.kind[inside]), KIND_ROUNDS)
    guess[~inside] = kinds.predict(data.facts[~inside]) if (~inside).any() else 0
    data.rows[:, data.kind_columns] = guess[data.owner]
    rows = numpy.isin(data.fold, folds)
    weight = data.weight[rows] / data.weight[rows].mean()
    blocks = lightgbm.train(BLOCK, lightgbm.Dataset(data.rows[rows], data.share[rows], weight=weight), BLOCK_ROUNDS)
    return kinds, blocks, guess


def report(title, data, blocks, guess, which):
    print(title)
    table = collections.defaultdict(list)
    begin = 0
    for number, page in enumerate(data.pages):
        end = begin + len(page["blocks"])
        if which(page["fold"]):
            chosen = numpy.zeros(0, bool)
            if end > begin:
                chosen = choose(blocks.predict(data.rows[begin:end]), data.words[begin:end])
            row = (*score(page, chosen), float(guess[number].argmax() == data.kind[number]))
            table[page["kind"]].append(row)
            table["all"].append(row)
        begin = end
    for kind in KINDS + ["all"]:
        p, r, f, known = numpy.mean(table[kind], axis=0)
        print(f"  {kind:14} {len(table[kind]):5}  P {p:.3f}  R {r:.3f}  F1 {f:.4f}  kind known {known:.3f}")
    sys.stdout.flush()


def below(value):
    """The largest 32-bit number that is not above `value`: x <= value is the same for all 32-bit x."""
    single = numpy.float32(value)
    return float(single if single <= value else numpy.nextafter(single, numpy.float32(-math.inf)))


def packed(model, classes, width):
    """The bytes that GradientTrees reads."""
    trees = model.dump_model()["tree_info"]
    out = [struct.pack("<HHH", classes, width, len(trees))]
    for tree in trees:
        nodes, leaves = [], []

        def add(node):
            if "leaf_value" in node:
                leaves.append(node["leaf_value"])
                return ~(len(leaves) - 1)
            assert node["decision_type"] == "<="
            number = len(nodes)
            nodes.append(None)
            nodes[number] = (node["split_feature"], below(node["threshold"]), add(node["left_child"]), add(node["right_child"]))
            return number

        root = add(tree["tree_structure"])
        if root < 0:  # a tree of one leaf
            nodes.append((0, 0.0, -1, -2))
            leaves.append(leaves[0])
        out.append(struct.pack("<H", len(nodes)))
        out += [struct.pack("<Hfhh", *node) for node in nodes]
        out += [struct.pack("<f", leaf) for leaf in leaves]
    return b"".join(out)


def write(path, data, kinds, blocks):
    content = packed(kinds, len(KINDS), len(data.names["page"])) + packed(blocks, 1, len(data.names["block"]))
    text = base64.b64encode(content).decode()
    lines = [text[i:i + 116] for i in range(0, len(text), 116)]
    pathlib.Path(path).write_text(
        "// swift-format-ignore-file\n// Written by Scripts/train-page-model/train.py; change that instead.\n\n"
        "/// What was learned, as ``ModelReader`` reads it.\nenum PageModelData {\n    static let base64: StaticString = \"\"\"\n"
        + "".join(f"        {line}\\\n" for line in lines[:-1]) + f"        {lines[-1]}\n        \"\"\"\n}}\n")
    print(f"{path}: {len(content)} bytes of models, SHA-256 {hashlib.sha256(content).hexdigest()[:16]}")


def main(features, truth_path, output):
    data = Data(features, truth_path)
    kinds, blocks, _ = train(data, list(range(FOLDS)))
    write(output, data, kinds, blocks)
    guess = kinds.predict(data.facts)
    data.rows[:, data.kind_columns] = guess[data.owner]
    report("all pages, after learning from all of them", data, blocks, guess, lambda fold: True)
    _, blocks, guess = train(data, [fold for fold in range(FOLDS) if fold != ASIDE])
    report("set aside: models that learned from the other pages only", data, blocks, guess, lambda fold: fold == ASIDE)



if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
