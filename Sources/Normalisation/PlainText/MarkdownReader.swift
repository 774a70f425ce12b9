import Document

/// Reads Markdown: the structure stays, the marks of inline markup go from the text.
enum MarkdownReader {
    static func read(_ bytes: [UInt8], base: String?) -> Article {
        var article = Article()
        var lines = String(decoding: bytes, as: UTF8.self).split(omittingEmptySubsequences: false) {
            $0 == "\n" || $0 == "\r\n" || $0 == "\r"
        }.map(String.init)
        frontMatter(&lines, &article)
        article.markdown = trimmed(lines)
        var block: [String] = []
        var isCode = false
        func close() {
            let text = block.joined(separator: "\n")
            if !text.isEmpty { article.paragraphs.append(text) }
            block = []
        }
        for line in lines {
            let text = trimmed(line)
            if text.hasPrefix("```") || text.hasPrefix("~~~") {
                close()
                isCode.toggle()
                continue
            }
            if isCode {
                block.append(line)
                continue
            }
            if text.isEmpty {
                close()
                continue
            }
            if !block.isEmpty,
                text.utf8.allSatisfy({ $0 == UInt8(ascii: "=") })
                    || text.utf8.count >= 3 && text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") })
            {
                // The line above is a heading.
                let heading = block.joined(separator: " ")
                block = []
                add(heading, &article)
                continue
            }
            let marks = text.prefix { $0 == "#" }
            if (1...6).contains(marks.count), text.dropFirst(marks.count).first == " " {
                close()
                var heading = Substring(text.dropFirst(marks.count))
                while heading.last == "#" || heading.last == " " { heading.removeLast() }
                add(inline(trimmed(String(heading)), &article, base), &article)
                continue
            }
            if text.utf8.count >= 3, Set(text.utf8.filter { $0 != 0x20 }).count == 1, "-*_".contains(text.first ?? " ")
            {
                close()
                continue
            }
            let plain = inline(text, &article, base)
            if isListItem(text) || block.isEmpty {
                block.append(plain)
            } else {
                block[block.count - 1] += (block[block.count - 1].isEmpty ? "" : " ") + plain
            }
        }
        close()
        return article
    }

    private static func add(_ heading: String, _ article: inout Article) {
        guard !heading.isEmpty else { return }
        if article.title == nil, article.paragraphs.isEmpty {
            article.title = heading
        } else {
            article.paragraphs.append(heading)
        }
    }

    private static func isListItem(_ text: String) -> Bool {
        if ["- ", "* ", "+ ", "> ", "| "].contains(where: { text.hasPrefix($0) }) { return true }
        let digits = text.prefix { ("0"..."9").contains($0) }
        return !digits.isEmpty
            && (text.dropFirst(digits.count).hasPrefix(". ") || text.dropFirst(digits.count).hasPrefix(") "))
    }

    /// `title`, `author`, `date`, `tags` and `lang` of a YAML front matter, each on a line of its own.
    private static func frontMatter(_ lines: inout [String], _ article: inout Article) {
        guard lines.first.map(trimmed) == "---",
            let end = lines.dropFirst().prefix(200).firstIndex(where: { trimmed($0) == "---" || trimmed($0) == "..." })
        else { return }
        for line in lines[1..<end] {
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2, let value = TextBytes.line(pair[1].utf8.filter { $0 != 0x22 }) else { continue }
            let items = value.split { $0 == "," || $0 == "[" || $0 == "]" }.compactMap { TextBytes.line($0.utf8) }
            switch trimmed(String(pair[0])).lowercased() {
            case "title": article.title = value
            case "author", "authors": article.authors = items
            case "date", "published": article.published = DateParser.parse(value)
            case "tags", "keywords": article.tags = items
            case "lang", "language": article.language = value
            default: break
            }
        }
        lines.removeFirst(end + 1)
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let first = text.unicodeScalars.first, first.value <= 0x20 { text.removeFirst() }
        while let last = text.unicodeScalars.last, last.value <= 0x20 { text.removeLast() }
        return String(text)
    }

    private static func trimmed(_ lines: [String]) -> String? {
        let text = trimmed(lines.joined(separator: "\n"))
        return text.isEmpty ? nil : text
    }

    /// A line without emphasis, code marks and the addresses of links, which are collected.
    private static func inline(_ text: String, _ article: inout Article, _ base: String?) -> String {
        guard text.utf8.contains(where: { "[*_`!".utf8.contains($0) }) else { return text }
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let isImage = byte == UInt8(ascii: "!") && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "[")
            if byte == UInt8(ascii: "[") || isImage {
                let open = isImage ? index + 1 : index
                if let middle = bytes[open...].prefix(2000).firstIndex(of: UInt8(ascii: "]")), middle + 1 < bytes.count,
                    bytes[middle + 1] == UInt8(ascii: "("),
                    let close = bytes[middle...].prefix(4000).firstIndex(of: UInt8(ascii: ")"))
                {
                    let label = bytes[(open + 1)..<middle]
                    let target = bytes[(middle + 2)..<close].prefix { $0 > 0x20 }
                    let url = CanonicalURL.resolve(String(decoding: target, as: UTF8.self), against: base)
                    if let url, url.hasPrefix("http") {
                        if isImage {
                            article.images.append(Document.Image(url: url, caption: TextBytes.line(label)))
                        } else {
                            article.links.append(url)
                        }
                    }
                    if !isImage { output.append(contentsOf: label) }
                    index = close + 1
                    continue
                }
            }
            if byte == UInt8(ascii: "*") || byte == UInt8(ascii: "`"), index > 0 || bytes.count > 1 && bytes[1] > 0x20 {
                index += 1
                continue
            }
            if byte == UInt8(ascii: "_") {
                // Only at the edge of a word; inside it is part of a name.
                let before = index > 0 ? bytes[index - 1] : 0x20
                let after = index + 1 < bytes.count ? bytes[index + 1] : 0x20
                if !isWord(before) || !isWord(after) {
                    index += 1
                    continue
                }
            }
            output.append(byte)
            index += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte >= 0x80
    }
}
