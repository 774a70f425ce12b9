import Glibc
import JSON
import Testing

@testable import Normalisation

@Suite("PDF", .enabled(if: access("/usr/bin/pdftotext", X_OK) == 0, "poppler-utils is not installed"))
struct PDFTests {
    private let paragraph = [
        "The wheel has been turning for three hundred years and the people still",
        "bring their grain to be ground between the two heavy mill-", "stones which the engineer dressed last winter.",
    ]

    private func page(_ number: Int, _ more: [SmallPDF.Line] = []) -> [SmallPDF.Line] {
        var lines = [
            SmallPDF.Line(size: 9, left: 72, height: 800, text: "Proceedings of the mill, \(number)"),
            SmallPDF.Line(size: 9, left: 290, height: 30, text: "\(number)"),
        ]
        lines += more
        for (index, text) in paragraph.enumerated() {
            lines.append(SmallPDF.Line(size: 11, left: 72, height: 700 - 14 * index, text: text))
        }
        return lines
    }

    private func read(_ pdf: SmallPDF) throws -> JSONValue {
        try #require(try documents(pdf.bytes, uri: "file:///t.pdf").first)
    }

    @Test("Running heads and page numbers go, lines and parted words are joined, the largest line is the title")
    func pages() throws {
        let heading = SmallPDF.Line(size: 20, left: 72, height: 750, text: "Water wheels of the valley")
        let pdf = SmallPDF(
            title: "Microsoft Word - wheels.doc", author: "Ann Miller; Bela Novak",
            pages: [page(1, [heading]), page(2), page(3)])
        let document = try read(pdf)
        #expect(document["title"]?.string == "Water wheels of the valley")
        #expect(document["authors"] == ["Ann Miller", "Bela Novak"])
        #expect(document["published"]?.string == "2026-03-04T10:00:00Z")
        #expect(document["language"]?.string == "en")
        #expect(document["media_type"]?.string == "application/pdf")
        #expect(document["extraction"]?["method"]?.string == "pdf")
        let joined =
            "The wheel has been turning for three hundred years and the people still bring their grain to be ground "
            + "between the two heavy millstones which the engineer dressed last winter."
        #expect(document["text"]?.string == [joined, joined, joined].joined(separator: "\n\n"))
    }

    @Test("A paragraph that a page cuts goes on")
    func cut() throws {
        let first = SmallPDF.Line(
            size: 11, left: 72, height: 400, text: "When the river rises above the upper sluice the")
        let second = SmallPDF.Line(size: 11, left: 72, height: 700, text: "miller opens the weir.")
        let document = try read(SmallPDF(title: "Floods", pages: [[first], [second]]))
        #expect(document["title"]?.string == "Floods")
        #expect(document["text"]?.string == "When the river rises above the upper sluice the miller opens the weir.")
    }

    @Test("Pages without text, and what is damaged, say what to do")
    func failures() throws {
        let empty = try normalise(SmallPDF(title: "Scan", pages: [[]]).bytes, uri: "file:///t.pdf")
        #expect(empty.failure?.contains("ocrmypdf") == true)
        let damaged = try normalise(Array("%PDF-1.4\nnothing".utf8), uri: "file:///t.pdf")
        #expect(damaged.failure?.contains("pdftotext can't read it (exit status 1): Syntax") == true)
    }

    @Test("Any damage ends")
    func mutated() throws {
        let seed = SmallPDF(title: "T", pages: [page(1), page(2)]).bytes
        var random = Randomness(state: 7)
        for _ in 0..<30 {
            let result = try normalise(random.mutated(seed), uri: "file:///t.pdf", mediaType: "application/pdf")
            #expect(result.failure != nil || !result.documents.isEmpty)
        }
    }
}
