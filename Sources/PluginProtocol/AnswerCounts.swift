/// How often each answer came, by its status code.
///
/// A list in order of the codes: most jobs have one.
public struct AnswerCounts: Sendable, Equatable, ExpressibleByDictionaryLiteral, Sequence {
    /// A status code and how often it came.
    public struct Element: Sendable, Equatable {
        /// The status code.
        public var code: Int
        /// How often it came.
        public var count: Int
    }

    private var elements: [Element] = []

    /// No answers.
    public init() {}

    /// These counts; the codes must differ.
    public init(dictionaryLiteral elements: (Int, Int)...) {
        self.elements = elements.map { Element(code: $0.0, count: $0.1) }.sorted { $0.code < $1.code }
    }

    /// Whether there are none.
    public var isEmpty: Bool { elements.isEmpty }

    /// How often an answer came.
    public subscript(code: Int) -> Int { elements.first { $0.code == code }?.count ?? 0 }

    /// Counts an answer, or several of one kind.
    public mutating func add(_ code: Int, _ count: Int = 1) {
        let place = elements.firstIndex { $0.code >= code } ?? elements.endIndex
        guard place < elements.endIndex, elements[place].code == code else {
            return elements.insert(Element(code: code, count: count), at: place)
        }
        // A plugin may count what it likes.
        elements[place].count = elements[place].count.addingReportingOverflow(count).partialValue
    }

    /// In order of the codes.
    public func makeIterator() -> IndexingIterator<[Element]> { elements.makeIterator() }
}
