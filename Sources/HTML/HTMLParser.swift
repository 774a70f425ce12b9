/// Parses HTML as the standard says (https://html.spec.whatwg.org/, section 13.2), scripting off, from UTF-8.
///
/// Any bytes give a document; nothing is an error. Time is linear in the input, depth and nodes are bounded.
public enum HTMLParser {
    /// Parses a whole document.
    public static func parse(_ bytes: [UInt8], limits: HTMLLimits = HTMLLimits()) -> HTMLDocument {
        build(bytes, limits) { _ in }
    }

    private static func build(_ bytes: [UInt8], _ limits: HTMLLimits, _ begin: (inout TreeBuilder) -> Void)
        -> HTMLDocument
    {
        var tree = HTMLTree(input: normalised(bytes.count > limits.bytes ? Array(bytes[..<limits.bytes]) : bytes))
        tree.isTruncated = bytes.count > limits.bytes
        let input = tree.input
        return input.withUnsafeBufferPointer { buffer in
            var builder = TreeBuilder(tree, buffer, limits: limits)
            begin(&builder)
            builder.run()
            return HTMLDocument(builder.tree)
        }
    }

    /// Parses what stands inside of an element of that name; its nodes are below the root element, node 1.
    public static func parseFragment(
        _ bytes: [UInt8], inside name: String = "body", namespace: HTMLDocument.Namespace = .html,
        limits: HTMLLimits = HTMLLimits()
    ) -> HTMLDocument {
        build(bytes, limits) { $0.begin(inside: name, namespace) }
    }

    /// CR LF and CR become LF, as the standard's input stream does it.
    static func normalised(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBufferPointer { buffer in
            let input = InputBytes(buffer)
            var place = input.find(0x0D, from: 0)
            guard place < input.count else { return bytes }
            var output: [UInt8] = []
            output.reserveCapacity(input.count)
            var copied = 0
            while place < input.count {
                output.append(contentsOf: input[copied..<place])
                output.append(0x0A)
                copied = place + (input.at(place + 1) == 0x0A ? 2 : 1)
                place = input.find(0x0D, from: copied)
            }
            output.append(contentsOf: input[copied..<input.count])
            return output
        }
    }
}

extension TreeBuilder {
    /// Sets up the parse of a fragment (section 13.4).
    mutating func begin(inside name: String, _ namespace: HTMLDocument.Namespace) {
        let root = tree.makeElement(.html, .html, 0..<0)
        tree.append(root, to: 0)
        open.push(OpenElements.Entry(node: root, tag: .html, namespace: .html))
        let tag = TagName(tree.tagNames.number(of: name))
        let node = tree.makeElement(tag, namespace, 0..<0)
        context = OpenElements.Entry(node: node, tag: tag, namespace: namespace)
        if namespace == .html {
            switch tag {
            case .title, .textarea: tokenizer.mode = .rcdata
            case .style, .xmp, .iframe, .noembed, .noframes: tokenizer.mode = .rawtext
            case .script: tokenizer.mode = .scriptData
            case .plaintext: tokenizer.mode = .plaintext
            case .template: templateModes.append(.inTemplate)
            case .form: form = context
            default: break
            }
            tokenizer.lastStartTag = tag
        }
        resetMode()
    }
}
