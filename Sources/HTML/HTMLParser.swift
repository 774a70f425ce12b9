/// Parses HTML as the standard says (https://html.spec.whatwg.org/, section 13.2), scripting off, from UTF-8.
///
/// Any bytes give a document; nothing is an error. Time is linear in the input, depth and nodes are bounded.
public enum HTMLParser {
    /// Parses a whole document.
    public static func parse(_ bytes: [UInt8], limits: HTMLLimits = HTMLLimits()) -> HTMLDocument {
        let document = HTMLDocument(input: normalised(bytes))
        document.input.withUnsafeBufferPointer { buffer in
            var builder = TreeBuilder(document, buffer, limits: limits)
            builder.run()
        }
        return document
    }

    /// Parses what stands inside of an element of that name; its nodes are below the root element, node 1.
    public static func parseFragment(
        _ bytes: [UInt8], inside name: String = "body", namespace: HTMLDocument.Namespace = .html,
        limits: HTMLLimits = HTMLLimits()
    ) -> HTMLDocument {
        let document = HTMLDocument(input: normalised(bytes))
        document.input.withUnsafeBufferPointer { buffer in
            var builder = TreeBuilder(document, buffer, limits: limits)
            builder.begin(inside: name, namespace)
            builder.run()
        }
        return document
    }

    /// CR LF and CR become LF, as the standard's input stream does it.
    static func normalised(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(0x0D) else { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var afterReturn = false
        for byte in bytes {
            if byte == 0x0D { output.append(0x0A) } else if byte != 0x0A || !afterReturn { output.append(byte) }
            afterReturn = byte == 0x0D
        }
        return output
    }
}

extension TreeBuilder {
    /// Sets up the parse of a fragment (section 13.4).
    mutating func begin(inside name: String, _ namespace: HTMLDocument.Namespace) {
        let root = document.makeElement(.html, .html, [])
        document.append(root, to: 0)
        open = [root]
        let number = Array(name.utf8).withUnsafeBufferPointer { document.tagNames.number(of: $0) }
        context = document.makeElement(TagName(number), namespace, [])
        if namespace == .html {
            switch TagName(number) {
            case .title, .textarea: tokenizer.mode = .rcdata
            case .style, .xmp, .iframe, .noembed, .noframes: tokenizer.mode = .rawtext
            case .script: tokenizer.mode = .scriptData
            case .plaintext: tokenizer.mode = .plaintext
            case .template: templateModes.append(.inTemplate)
            case .form: form = context
            default: break
            }
            tokenizer.lastStartTag = TagName(number)
        }
        resetMode()
    }
}
