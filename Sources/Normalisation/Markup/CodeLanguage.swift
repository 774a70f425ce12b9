import HTML

/// The language that a page says its code is in.
enum CodeLanguage {
    /// What the classes of a `pre`, of the `code` in it or of what it stands in say, in lower case.
    static func of(_ pre: HTMLDocument.NodeIndex, _ document: HTMLDocument) -> String? {
        if let language = named(pre, document) { return language }
        let child = document.nodes[Int(pre)].firstChild
        if document.isElement(child, .code), let language = named(child, document) { return language }
        var parent = document.nodes[Int(pre)].parent
        for _ in 0..<3 where parent != HTMLDocument.none && document.nodes[Int(parent)].kind == .element {
            // Only wrappers of the code alone speak of it.
            if document.nodes[Int(parent)].firstChild != document.nodes[Int(parent)].lastChild { break }
            if let language = named(parent, document) { return language }
            parent = document.nodes[Int(parent)].parent
        }
        return nil
    }

    private static func named(_ node: HTMLDocument.NodeIndex, _ document: HTMLDocument) -> String? {
        for attribute in document.attributes(of: node) where attribute.value.count < 200 {
            if attribute.name == .class {
                if let language = inClasses(document.string(attribute.value)) { return language }
            } else if ["data-lang", "data-language"].contains(document.name(of: attribute.name)) {
                if let language = clean(document.string(attribute.value)) { return language }
            }
        }
        return nil
    }

    private static let prefixes = ["language-", "lang-", "highlight-source-", "highlight-", "brush:"]

    private static func inClasses(_ text: String) -> String? {
        let classes = text.lowercased().split { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == ";" }
        for (index, name) in classes.enumerated() {
            // Pandoc writes "sourceCode python", SyntaxHighlighter "brush: js".
            if name == "sourcecode" || name == "brush:", index + 1 < classes.count {
                return clean(classes[index + 1])
            }
            if let prefix = prefixes.first(where: name.hasPrefix) { return clean(name.dropFirst(prefix.count)) }
        }
        return nil
    }

    /// A name that is one: letters, figures and a few marks.
    private static func clean(_ name: some StringProtocol) -> String? {
        let name = name.lowercased()
        guard (1...32).contains(name.utf8.count), !["none", "default", "plaintext", "text", "auto"].contains(name),
            name.utf8.allSatisfy({
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "+#._-".utf8.contains($0)
            })
        else { return nil }
        return name
    }
}
