/// Boosted regression trees: the sum of the leaves that a row of numbers falls into, one for each tree.
///
/// Trained by `Scripts/train-page-model`, which also writes the bytes that this reads.
struct GradientTrees {
    private struct Node {
        var threshold: Float
        var feature: UInt16
        /// The next node of the whole list, or the complement of a leaf's number.
        var left: Int32
        var right: Int32
    }

    private var nodes: [Node] = []
    private var leaves: [Float] = []
    /// The first node of each tree.
    private var roots: [Int32] = []
    /// Trees take turns for the classes; one where there is a single number to predict.
    let classes: Int
    /// How many numbers a row has.
    let width: Int

    /// No trees: every sum is 0.
    init(classes: Int) {
        self.classes = classes
        width = 0
    }

    /// Reads one model; nil where the bytes are none, or a tree would lead out of its arrays or in a circle.
    init?(_ reader: inout ModelReader) {
        guard let classes = reader.number(), let width = reader.number(), let trees = reader.number(), classes > 0
        else {
            return nil
        }
        self.classes = classes
        self.width = width
        for _ in 0..<trees {
            guard let count = reader.number(), count > 0 else { return nil }
            let first = Int32(nodes.count)
            let firstLeaf = Int32(leaves.count)
            roots.append(first)
            for number in 0..<count {
                guard let feature = reader.number(), let threshold = reader.float(), let left = reader.signed(),
                    let right = reader.signed(), feature < width
                else { return nil }
                for child in [left, right] where child >= 0 ? child <= number || child >= count : ~child > count {
                    return nil
                }
                nodes.append(
                    Node(
                        threshold: threshold, feature: UInt16(feature),
                        left: left < 0 ? ~(firstLeaf + Int32(~left)) : first + Int32(left),
                        right: right < 0 ? ~(firstLeaf + Int32(~right)) : first + Int32(right)))
            }
            for _ in 0...count {
                guard let leaf = reader.float() else { return nil }
                leaves.append(leaf)
            }
        }
    }

    /// The sum of one class for one row, which begins at `start` of `values`.
    func sum(_ values: UnsafeBufferPointer<Float>, at start: Int, class number: Int = 0) -> Float {
        precondition(start >= 0 && start + width <= values.count)
        var sum: Float = 0
        // In bounds: `init` has seen to children, leaves and features, and the line above to the row.
        nodes.withUnsafeBufferPointer { nodes in
            leaves.withUnsafeBufferPointer { leaves in
                var tree = number
                while tree < roots.count {
                    var next = roots[tree]
                    repeat {
                        let node = nodes[Int(next)]
                        next = values[start + Int(node.feature)] <= node.threshold ? node.left : node.right
                    } while next >= 0
                    sum += leaves[Int(~next)]
                    tree += classes
                }
            }
        }
        return sum
    }

    /// For one number: the probability.
    func probability(_ values: UnsafeBufferPointer<Float>, at start: Int) -> Float {
        Logistic.sigmoid(sum(values, at: start))
    }

    /// For several classes: their probabilities.
    func probabilities(_ values: [Float]) -> [Float] {
        guard values.count >= width else { return [Float](repeating: 1 / Float(classes), count: classes) }
        let sums = values.withUnsafeBufferPointer { values in
            (0..<classes).map { sum(values, at: 0, class: $0) }
        }
        let highest = sums.max() ?? 0
        let parts = sums.map { Logistic.exponential($0 - highest) }
        let whole = parts.reduce(0, +)
        return parts.map { $0 / whole }
    }
}

/// The exponential function without a mathematics library, the same on every machine.
enum Logistic {
    static func sigmoid(_ value: Float) -> Float { 1 / (1 + exponential(-value)) }

    /// e to the power of `value`: two to the power of its whole part, times a polynomial of the rest; exact to 1e-6.
    static func exponential(_ value: Float) -> Float {
        let power = min(max(value, -60), 60) * 1.442_695_04
        let whole = power.rounded(.down)
        let rest = (power - whole) * 0.693_147_18
        let series = 1 + rest * (1 + rest * (0.5 + rest * (1 / 6 + rest * (1 / 24 + rest * (1 / 120 + rest / 720)))))
        return series * Float(sign: .plus, exponent: Int(whole), significand: 1)
    }
}
