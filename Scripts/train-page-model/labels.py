"""How much of each block's text is in a page's right answer, by aligning both in their order."""
import bisect
import collections
import re

WORD = re.compile(r"\w+")
CHUNK = 8


def words(text):
    return WORD.findall((text or "").lower())


class Best:
    """The best chain that ends before a place: a Fenwick tree of maxima."""

    def __init__(self, size):
        self.values = [(0.0, -1)] * (size + 1)

    def until(self, place):
        best = (0.0, -1)
        while place > 0:
            if self.values[place] > best:
                best = self.values[place]
            place -= place & -place
        return best

    def put(self, place, value):
        while place < len(self.values):
            if self.values[place] < value:
                self.values[place] = value
            place += place & -place


def shares(blocks, truth):
    """For each block (a list of words) the share of its words that is in `truth` (a list of words)."""
    places = [collections.defaultdict(list) for _ in range(CHUNK + 1)]
    for n in range(1, CHUNK + 1):
        for i in range(len(truth) - n + 1):
            places[n][tuple(truth[i:i + n])].append(i)
    # Pieces of blocks that occur in the answer.
    pieces = []
    for number, block in enumerate(blocks):
        for start in range(0, len(block), CHUNK):
            chunk = tuple(block[start:start + CHUNK])
            found = places[len(chunk)].get(chunk)
            if found:
                pieces.append((number, len(chunk), found[:40]))
            elif len(chunk) > 3:
                for half in (chunk[:len(chunk) // 2], chunk[len(chunk) // 2:]):
                    found = places[len(half)].get(half)
                    if found:
                        pieces.append((number, len(half), found[:20]))
    # The heaviest chain of pieces whose places rise; long pieces count for more than their words.
    best = Best(len(truth) + 1)
    nodes = []
    for number, length, found in pieces:
        new = []
        for place in found:
            value, before = best.until(place)
            nodes.append((number, length, place, before))
            new.append((place + length, (value + length ** 1.3, len(nodes) - 1)))
        for end, value in new:
            best.put(end, value)
    matched = [0] * len(blocks)
    used = [False] * (len(truth) + 1)
    _, node = best.until(len(truth) + 1 - 1)
    while node >= 0:
        number, length, place, node = nodes[node]
        matched[number] += length
        for i in range(place, place + length):
            used[i] = True
    # What stands in another order, where it can't be chance.
    taken = collections.Counter()
    for number, length, found in pieces:
        if length < 5 or matched[number] >= len(blocks[number]):
            continue
        for place in found:
            if not any(used[place:place + length]):
                matched[number] += length
                for i in range(place, place + length):
                    used[i] = True
                break
    return [min(m / len(b), 1.0) if b else 0.0 for m, b in zip(matched, blocks)]
