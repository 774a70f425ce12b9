/// What the tokenizer hands to the tree builder; one value is used again and again.
struct Token {
    enum Kind { case characters, startTag, endTag, comment, doctype, end }

    var kind = Kind.end
    var tag = TagName(0)
    /// Where the tag's attributes are among the tree's.
    var attributes = 0..<0
    var isSelfClosing = false
    /// The characters, the comment's data, or the doctype's name.
    var text = HTMLDocument.TextRange.empty
    var hasName = false
    var publicID: HTMLDocument.TextRange?
    var systemID: HTMLDocument.TextRange?
    var forcesQuirks = false
}

/// What the parser does not go beyond.
public struct HTMLLimits: Sendable {
    /// Bytes of a page that are read.
    public var bytes = 64 << 20
    /// Nodes of a document.
    public var nodes = 1_000_000
    /// Open elements; deeper ones become siblings, as in browsers.
    public var depth = 512
    /// Attributes of one element; more are dropped.
    public var attributes = 1000

    /// The defaults.
    public init() {}
}
