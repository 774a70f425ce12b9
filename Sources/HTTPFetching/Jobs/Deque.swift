/// A queue: taking from the front costs no moving of what follows.
struct Deque<Element>: ExpressibleByArrayLiteral {
    private var elements: [Element?]
    private var start = 0

    init(arrayLiteral elements: Element...) { self.elements = elements }

    var isEmpty: Bool { start == elements.count }
    var count: Int { elements.count - start }
    var first: Element? { start < elements.count ? elements[start] : nil }

    /// The element at a place, counted from the front; there must be one.
    subscript(place: Int) -> Element {
        guard let element = elements[start + place] else { preconditionFailure("an element that was taken") }
        return element
    }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard start < elements.count else { return nil }
        let element = elements[start]
        elements[start] = nil
        start += 1
        // Half of it empty: the rest moves once for as many as have been taken.
        if start > 32, start * 2 > elements.count {
            elements.removeFirst(start)
            start = 0
        }
        return element
    }
}
