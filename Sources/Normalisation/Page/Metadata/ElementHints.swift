import HTML

/// What an element's class and id say it holds, by the words that authors of pages commonly use.
struct ElementHints: OptionSet {
    let rawValue: UInt8

    /// The author's name.
    static let author = ElementHints(rawValue: 1)
    /// A date.
    static let date = ElementHints(rawValue: 2)

    private static let words = ClassWordTable<ElementHints>([
        (.author, "author byline writer contributor authors reporter username bigusername authorname postauthor"),
        (.date, "date time published timestamp pubdate datetime updated posted dateline"),
    ])

    /// Reads the words of an element's class and id.
    init(_ attributes: UnsafeBufferPointer<HTMLDocument.Attribute>, _ document: HTMLDocument) {
        self = []
        for attribute in attributes where attribute.name == .class || attribute.name == .id {
            formUnion(document.withBytes(attribute.value, Self.words.find(in:)))
        }
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }
}
