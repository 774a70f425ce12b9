/// A parsed document: nodes in one array, linked by their indices, texts as ranges of the input.
///
/// Made by ``HTMLParser`` and never changed. Node 0 is the document itself. Indices are not in document order where the standard moves nodes
/// (tables, adoption), so walk by ``next(_:within:)``.
public final class HTMLDocument: Sendable {
    /// What a node is.
    public enum Kind: UInt8, Sendable {
        case document, doctype, element, text, comment, fragment
    }

    /// The language of an element.
    public enum Namespace: UInt8, Sendable {
        case html, svg, mathML
    }

    /// A place in the tree.
    public typealias NodeIndex = Int32
    /// No node.
    public static let none: NodeIndex = -1

    /// A part of the input, or of what the parser had to write anew (character references resolved, texts joined).
    public struct TextRange: Sendable, Hashable {
        /// In the input when not negative, else its complement in the side buffer.
        @usableFromInline var start: Int32
        /// Bytes.
        public internal(set) var count: Int32

        @usableFromInline init(start: Int32, count: Int32) {
            self.start = start
            self.count = count
        }

        static let empty = TextRange(start: 0, count: 0)
    }

    /// A node. Links are ``none`` where there is no such node.
    public struct Node: Sendable {
        /// What it is.
        public internal(set) var kind: Kind
        /// Which language its name is of.
        public internal(set) var namespace: Namespace
        /// Only for elements.
        public internal(set) var tag: TagName
        /// The node that it stands in.
        public internal(set) var parent: NodeIndex = none
        /// The first that stands in it.
        public internal(set) var firstChild: NodeIndex = none
        /// The last that stands in it.
        public internal(set) var lastChild: NodeIndex = none
        /// The one before it under the same parent.
        public internal(set) var previousSibling: NodeIndex = none
        /// The one behind it under the same parent.
        public internal(set) var nextSibling: NodeIndex = none
        /// The text of texts and comments, the name of doctypes.
        public internal(set) var text: TextRange = .empty
        @usableFromInline var firstAttribute: Int32 = 0
        @usableFromInline var attributeCount: Int32 = 0
    }

    /// An attribute of an element.
    public struct Attribute: Sendable {
        /// Its name, in lower case for HTML.
        public internal(set) var name: AttributeName
        /// Its value, character references resolved.
        public internal(set) var value: TextRange
    }

    /// All nodes.
    public let nodes: [Node]
    @usableFromInline let attributes: [Attribute]
    @usableFromInline let input: [UInt8]
    @usableFromInline let side: [UInt8]
    private let tagNames: NameTable
    private let attributeNames: NameTable
    private let doctypes: [NodeIndex: HTMLTree.Doctype]
    private let templateContents: [NodeIndex: NodeIndex]
    /// Whether the document asks for the layout of old browsers.
    public let isQuirky: Bool
    /// Whether a limit ended the parse before the input's end.
    public let isTruncated: Bool

    init(_ tree: consuming HTMLTree) {
        nodes = tree.nodes
        attributes = tree.attributes
        input = tree.input
        side = tree.side
        tagNames = tree.tagNames
        attributeNames = tree.attributeNames
        doctypes = tree.doctypes
        templateContents = tree.templateContents
        isQuirky = tree.isQuirky
        isTruncated = tree.isTruncated
    }

    // MARK: Names and texts

    /// An element's name.
    public func name(of tag: TagName) -> String { tagNames.name(tag.rawValue) }

    /// An attribute's name.
    public func name(of attribute: AttributeName) -> String { attributeNames.name(attribute.rawValue) }

    /// The bytes of a range, without copying them; valid during the call.
    @inlinable
    public func withBytes<Result>(_ range: TextRange, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows
        -> Result
    {
        if range.start >= 0 {
            return try input.withUnsafeBufferPointer { buffer in
                let start = Int(range.start)
                precondition(start + Int(range.count) <= buffer.count)
                return try body(UnsafeBufferPointer(rebasing: buffer[start..<start + Int(range.count)]))
            }
        }
        return try side.withUnsafeBufferPointer { buffer in
            let start = Int(~range.start)
            precondition(start + Int(range.count) <= buffer.count)
            return try body(UnsafeBufferPointer(rebasing: buffer[start..<start + Int(range.count)]))
        }
    }

    /// A range as a string; ill-formed UTF-8 becomes U+FFFD.
    public func string(_ range: TextRange) -> String { withBytes(range) { String(decoding: $0, as: UTF8.self) } }

    // MARK: Attributes

    /// The attributes of an element, in their order.
    public func attributes(of node: NodeIndex) -> ArraySlice<Attribute> {
        let node = nodes[Int(node)]
        return attributes[Int(node.firstAttribute)..<Int(node.firstAttribute + node.attributeCount)]
    }

    /// The same without a copy; valid during the call.
    @inlinable
    public func withAttributes<Result>(of node: NodeIndex, _ body: (UnsafeBufferPointer<Attribute>) -> Result) -> Result
    {
        let node = nodes[Int(node)]
        return attributes.withUnsafeBufferPointer { buffer in
            let (first, count) = (Int(node.firstAttribute), Int(node.attributeCount))
            precondition(first >= 0 && count >= 0 && first + count <= buffer.count)
            return body(UnsafeBufferPointer(rebasing: buffer[first..<first + count]))
        }
    }

    /// The value of an attribute.
    @inlinable public func attribute(_ name: AttributeName, of node: NodeIndex) -> TextRange? {
        let node = nodes[Int(node)]
        var index = Int(node.firstAttribute)
        let end = index + Int(node.attributeCount)
        while index < end {
            if attributes[index].name == name { return attributes[index].value }
            index += 1
        }
        return nil
    }

    /// The value of an attribute as a string.
    public func attributeString(_ name: AttributeName, of node: NodeIndex) -> String? {
        attribute(name, of: node).map(string)
    }

    // MARK: Walking

    /// Whether a node is the element of that name in HTML's own namespace.
    @inlinable public func isElement(_ node: NodeIndex, _ tag: TagName) -> Bool {
        guard node != Self.none else { return false }
        let node = nodes[Int(node)]
        return node.kind == .element && node.tag == tag && node.namespace == .html
    }

    /// The node after `node` in document order that is below `root`; ``none`` at the end.
    @inlinable public func next(_ node: NodeIndex, within root: NodeIndex) -> NodeIndex {
        let first = nodes[Int(node)].firstChild
        return first != Self.none ? first : nextSkippingChildren(node, within: root)
    }

    /// As ``next(_:within:)``, but passes over what is below `node`.
    @inlinable public func nextSkippingChildren(_ node: NodeIndex, within root: NodeIndex) -> NodeIndex {
        var node = node
        while node != root, node != Self.none {
            let next = nodes[Int(node)].nextSibling
            if next != Self.none { return next }
            node = nodes[Int(node)].parent
        }
        return Self.none
    }

    /// The first element of that name below `root`.
    public func firstElement(_ tag: TagName, within root: NodeIndex = 0) -> NodeIndex? {
        var node = next(root, within: root)
        while node != Self.none {
            if isElement(node, tag) { return node }
            node = next(node, within: root)
        }
        return nil
    }

    /// All text below a node, as it stands.
    public func textContent(of root: NodeIndex) -> String {
        var bytes: [UInt8] = []
        var node = root
        while node != Self.none {
            if nodes[Int(node)].kind == .text { withBytes(nodes[Int(node)].text) { bytes.append(contentsOf: $0) } }
            node = next(node, within: root)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What is inside a `template` element.
    public func templateContent(of node: NodeIndex) -> NodeIndex? { templateContents[node] }
}

extension HTMLDocument {
    /// A doctype's name and identifiers, as html5lib's tests write them.
    public func doctypeDescription(_ node: NodeIndex) -> String {
        let name = string(nodes[Int(node)].text)
        guard let doctype = doctypes[node], doctype.publicID != nil || doctype.systemID != nil else { return name }
        return "\(name) \"\(doctype.publicID.map(string) ?? "")\" \"\(doctype.systemID.map(string) ?? "")\""
    }
}
