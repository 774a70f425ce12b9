/// Boosted regression trees: the sum of the leaves that a row of numbers falls into, one for each tree.
///
/// Trained by `Scripts/train-page-model`, which also writes the bytes that this reads.
struct GradientTrees {
    /// A node of eight bytes. What a row has more than the threshold leads to the second child, which stands behind the
    /// first. Leaves lead to themselves: their threshold is infinite.
    private struct Node {
        var threshold: Float
        var feature: UInt16
        /// How many places behind this one the first child stands; 0 in leaves.
        var step: UInt16
    }

    /// Tree by tree, each level by level.
    private var nodes: [Node] = []
    /// The numbers of leaves, by their place in `nodes`.
    private var leaves: [Float] = []
    /// The first node of each tree.
    private var roots: [Int] = []
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
        else { return nil }
        self.classes = classes
        self.width = width
        for _ in 0..<trees {
            guard let tree = Tree(&reader, width: width), append(tree) else { return nil }
        }
    }

    /// A tree as it is stored: children by their numbers, or the complement of a leaf's.
    private struct Tree {
        var nodes: [(threshold: Float, feature: UInt16, left: Int, right: Int)] = []
        var leaves: [Float] = []

        init?(_ reader: inout ModelReader, width: Int) {
            guard let count = reader.number(), count > 0 else { return nil }
            for number in 0..<count {
                guard let feature = reader.number(), let threshold = reader.float(), let left = reader.signed(),
                    let right = reader.signed(), feature < width
                else { return nil }
                for child in [left, right] where child >= 0 ? child <= number || child >= count : ~child > count {
                    return nil
                }
                nodes.append((threshold, UInt16(feature), left, right))
            }
            for _ in 0...count {
                guard let leaf = reader.float() else { return nil }
                leaves.append(leaf)
            }
        }
    }

    /// Lays a tree out; false where it has more than one way to a node.
    private mutating func append(_ tree: Tree) -> Bool {
        roots.append(nodes.count)
        var level = [0]
        var place = 0
        while place < level.count {
            let number = level[place]
            if number < 0 {
                nodes.append(Node(threshold: .infinity, feature: 0, step: 0))
                leaves.append(tree.leaves[~number])
            } else {
                let node = tree.nodes[number]
                guard let step = UInt16(exactly: level.count - place), level.count < 2 * tree.nodes.count + 1 else {
                    return false
                }
                nodes.append(Node(threshold: node.threshold, feature: node.feature, step: step))
                leaves.append(0)
                level += [node.left, node.right]
            }
            place += 1
        }
        return true
    }

    /// For one number: the probabilities of `count` rows, one behind the other in `values`.
    func probabilities(of count: Int, rows values: [Float]) -> [Float] {
        precondition(values.count >= count * width)
        var sums = [Float](repeating: 0, count: count)
        values.withUnsafeBufferPointer { values in
            nodes.withUnsafeBufferPointer { nodes in
                guard let values = values.baseAddress, let nodes = nodes.baseAddress else { return }
                var row = 0
                while row + 8 <= count {
                    addEight(from: row, values + row * width, nodes, to: &sums)
                    row += 8
                }
                while row < count {
                    for root in roots { sums[row] += leaf(below: root, values + row * width, nodes) }
                    row += 1
                }
            }
        }
        return sums.map(Logistic.sigmoid)
    }

    /// For several classes: their probabilities.
    func probabilities(_ values: [Float]) -> [Float] {
        guard values.count >= width else { return [Float](repeating: 1 / Float(classes), count: classes) }
        var sums = [Float](repeating: 0, count: classes)
        values.withUnsafeBufferPointer { values in
            nodes.withUnsafeBufferPointer { nodes in
                guard let values = values.baseAddress, let nodes = nodes.baseAddress else { return }
                for (tree, root) in roots.enumerated() { sums[tree % classes] += leaf(below: root, values, nodes) }
            }
        }
        let highest = sums.max() ?? 0
        let parts = sums.map { Logistic.exponential($0 - highest) }
        let whole = parts.reduce(0, +)
        return parts.map { $0 / whole }
    }

    // MARK: Going down

    // In bounds: `append` has seen to the steps, the reader to the features, the callers to the rows.

    /// Takes one step down and returns how far it leads; 0 at a leaf.
    @inline(__always) private static func step(
        _ place: inout Int, _ row: UnsafePointer<Float>, _ nodes: UnsafePointer<Node>
    ) -> Int {
        let node = nodes[place]
        let step = Int(node.step) &+ (row[Int(node.feature)] > node.threshold ? 1 : 0)
        place &+= step
        return step
    }

    @inline(__always) private func leaf(
        below root: Int, _ row: UnsafePointer<Float>, _ nodes: UnsafePointer<Node>
    ) -> Float {
        var place = root
        while Self.step(&place, row, nodes) > 0 {}
        return leaves[place]
    }

    /// Adds to the sums of eight rows, the first of them at `row`. They go down at the same time, without a branch for
    /// each step, since a step waits for the one before it and its direction can't be foretold.
    private func addEight(
        from first: Int, _ row: UnsafePointer<Float>, _ nodes: UnsafePointer<Node>, to sums: inout [Float]
    ) {
        for root in roots {
            var (a, b, c, d, e, f, g, h) = (root, root, root, root, root, root, root, root)
            var moved: Int
            repeat {
                moved = Self.step(&a, row, nodes)
                moved |= Self.step(&b, row + width, nodes)
                moved |= Self.step(&c, row + 2 * width, nodes)
                moved |= Self.step(&d, row + 3 * width, nodes)
                moved |= Self.step(&e, row + 4 * width, nodes)
                moved |= Self.step(&f, row + 5 * width, nodes)
                moved |= Self.step(&g, row + 6 * width, nodes)
                moved |= Self.step(&h, row + 7 * width, nodes)
            } while moved != 0
            let places: InlineArray<8, Int> = [a, b, c, d, e, f, g, h]
            for index in places.indices { sums[first + index] += leaves[places[index]] }
        }
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
