/// Writes small PDF files (ISO 32000-1) with text at given places.
struct SmallPDF {
    struct Line {
        var size: Int
        var left: Int
        /// From the page's lower edge, as PDF counts.
        var height: Int
        var text: String
    }

    var title = ""
    var author = ""
    var pages: [[Line]] = []

    var bytes: [UInt8] {
        var objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
        let kids = pages.indices.map { "\(4 + 2 * $0) 0 R" }.joined(separator: " ")
        objects.append("<< /Type /Pages /Kids [\(kids)] /Count \(pages.count) >>")
        objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
        for (number, lines) in pages.enumerated() {
            let text = lines.map { "/F1 \($0.size) Tf 1 0 0 1 \($0.left) \($0.height) Tm (\($0.text)) Tj" }
            let stream = "BT\n" + text.joined(separator: "\n") + "\nET"
            objects.append(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents \(5 + 2 * number) 0 R "
                    + "/Resources << /Font << /F1 3 0 R >> >> >>")
            objects.append("<< /Length \(stream.utf8.count) >>\nstream\n\(stream)\nendstream")
        }
        objects.append("<< /Title (\(title)) /Author (\(author)) /CreationDate (D:20260304100000Z) >>")
        var file = "%PDF-1.4\n"
        var table = "0000000000 65535 f \n"
        for (index, object) in objects.enumerated() {
            let offset = "\(file.utf8.count)"
            table += String(repeating: "0", count: 10 - offset.utf8.count) + offset + " 00000 n \n"
            file += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = file.utf8.count
        file += "xref\n0 \(objects.count + 1)\n\(table)trailer\n<< /Size \(objects.count + 1) /Root 1 0 R "
        file += "/Info \(objects.count) 0 R >>\nstartxref\n\(start)\n%%EOF\n"
        return Array(file.utf8)
    }
}
