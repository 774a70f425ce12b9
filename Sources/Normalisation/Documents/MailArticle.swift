import Document
import JSON

/// A message as `mail.py` writes it.
struct MailArticle {
    var id: String?
    var url: String?
    var article = Article()
    var enclosures: [Document.Enclosure] = []
    /// Why the message could not be read.
    var failure: String?

    init(_ line: ArraySlice<UInt8>, base: String?) {
        guard let record = try? JSONValue.parse(Array(line), maximumDepth: 8) else {
            failure = "the mail reader wrote no JSON"
            return
        }
        failure = record["error"]?.string
        id = TextBytes.line(record["id"]?.string)
        url = TextBytes.line(record["url"]?.string?.filter { $0 != "<" && $0 != ">" }).flatMap(CanonicalURL.of)
        article.title = TextBytes.line(record["title"]?.string)
        article.authors = (record["authors"]?.array ?? []).compactMap { TextBytes.line($0.string) }
        article.published = record["published"]?.string.flatMap { DateParser.parse($0) }
        article.language = record["language"]?.string
        article.tags = (record["tags"]?.string ?? "").split(separator: ",").prefix(100).compactMap {
            TextBytes.line($0.utf8)
        }
        if let plain = record["plain"]?.string, plain.utf8.contains(where: { $0 > 0x20 }) {
            article.paragraphs = Self.paragraphs(plain)
        } else if let html = record["html"]?.string {
            let rendered = FragmentRenderer.render(Array(html.utf8), base: base)
            if !rendered.text.isEmpty { article.paragraphs = [String(decoding: rendered.text, as: UTF8.self)] }
            article.links = rendered.links.strings
            article.images = rendered.images
        }
        for (index, file) in (record["attachments"]?.array ?? []).enumerated() {
            enclosures.append(
                Document.Enclosure(
                    url: Self.address(of: file, message: id, number: index + 1),
                    type: file["type"]?.string.map(MediaType.essence), length: file["length"]?.integer))
        }
    }

    /// Without the signature (RFC 3676, section 4.3), lines joined where they were wrapped.
    private static func paragraphs(_ text: String) -> [String] {
        var bytes = Array(text.utf8)
        bytes.removeAll { $0 == 0x0D }
        let mark = Array("\n-- \n".utf8)
        var index = bytes.count - mark.count
        while index >= 0 {
            if bytes[index] == 0x0A, bytes[index...].starts(with: mark) {
                bytes.removeSubrange(index...)
                break
            }
            index -= 1
        }
        return LineJoining.paragraphs(LineJoining.units(TextLines.read(bytes)))
    }

    /// The address of a part by RFC 2392; the file's name follows as a fragment.
    private static func address(of file: JSONValue, message: String?, number: Int) -> String {
        func bare(_ text: String) -> String { text.filter { $0 != "<" && $0 != ">" && $0 > " " } }
        let part = file["id"]?.string.map(bare) ?? "part-\(number)"
        let name = file["name"]?.string.map { "#" + Encoded.component($0, Encoded.fragment) } ?? ""
        return message.map { "mid:\(bare($0))/\(part)\(name)" } ?? "cid:\(part)\(name)"
    }
}
