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

    /// `title`, `author`, `date`, `tags` and `lang` of a YAML front matter: values behind the colon, lists in brackets or
    /// with an item on each of the lines below.
    private static func frontMatter(_ lines: inout [String], _ article: inout Article) {
        guard lines.first.map(trimmed) == "---",
            let end = lines.dropFirst().prefix(200).firstIndex(where: { trimmed($0) == "---" || trimmed($0) == "..." })
        else { return }
        var name = ""
        for line in lines[1..<end] {
            let text = trimmed(line)
            if text == "-" || text.hasPrefix("- ") {
                if let item = unquoted(text.dropFirst()) { take(name, item, [item], &article) }
                continue
            }
            let pair = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            name = trimmed(String(pair[0])).lowercased()
            guard let value = unquoted(pair[1]) else { continue }
            let items = pair[1].split { $0 == "," || $0 == "[" || $0 == "]" }.compactMap { unquoted($0) }
            take(name, value, items, &article)
        }
        lines.removeFirst(end + 1)
    }

    private static func take(_ name: String, _ value: String, _ items: [String], _ article: inout Article) {
        switch name {
        case "title": article.title = value
        case "author", "authors": article.authors += items
        case "date", "published": article.published = DateParser.parse(value)
        case "tags", "keywords", "categories": article.tags += items
        case "lang", "language": article.language = value
        default: break
        }
    }

    /// A value of YAML without the quotation marks around it; nil when nothing is left.
    private static func unquoted(_ value: Substring) -> String? {
        guard let text = TextBytes.line(value.utf8), let first = text.utf8.first else { return nil }
        guard text.utf8.count > 1, first == text.utf8.last, first == 0x22 || first == 0x27 else { return text }
        return TextBytes.line(text.dropFirst().dropLast().utf8)
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
        guard text.utf8.contains(where: { "[*_`!\\".utf8.contains($0) }) else { return text }
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\\"), index + 1 < bytes.count, isPunctuation(bytes[index + 1]) {
                // An escape: the sign stands for itself.
                output.append(bytes[index + 1])
                index += 2
                continue
            }
            if byte == UInt8(ascii: "`") {
                let (code, end) = codeSpan(bytes, at: index)
                output.append(contentsOf: bytes[code])
                index = end
                continue
            }
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
            if byte == UInt8(ascii: "*") {
                // One between spaces is a sign, and at the beginning of a line the mark of a list.
                let before = index > 0 ? bytes[index - 1] : 0x20
                let after = index + 1 < bytes.count ? bytes[index + 1] : 0x20
                if before > 0x20 || after > 0x20 {
                    index += 1
                    continue
                }
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

    /// The code between two runs of backticks of the same length, in which nothing is markup, and where it ends; a run
    /// without its like stands for itself.
    private static func codeSpan(_ bytes: [UInt8], at start: Int) -> (code: Range<Int>, end: Int) {
        func runEnd(_ place: Int) -> Int {
            bytes[place...].firstIndex { $0 != UInt8(ascii: "`") } ?? bytes.count
        }
        let begin = runEnd(start)
        var index = begin
        while let next = bytes[index...].prefix(1000).firstIndex(of: UInt8(ascii: "`")), next - begin < 1000 {
            index = runEnd(next)
            guard index - next == begin - start else { continue }
            // One space on either side is there to keep backticks apart.
            let isPadded = next - begin > 2 && bytes[begin] == 0x20 && bytes[next - 1] == 0x20
            return (isPadded ? begin + 1..<next - 1 : begin..<next, index)
        }
        return (start..<begin, begin)
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        (0x21...0x2F).contains(byte) || (0x3A...0x40).contains(byte) || (0x5B...0x60).contains(byte)
            || (0x7B...0x7E).contains(byte)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte >= 0x80
    }
}
