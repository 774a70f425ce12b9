/// Formats of whole documents that tools of the system turn into text.
enum DocumentFormat: String {
    case pdf, docx, odt, epub, rtf, mail, mailbox

    /// The media type that documents say they came from.
    var mediaType: String {
        switch self {
        case .pdf: "application/pdf"
        case .docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        case .odt: "application/vnd.oasis.opendocument.text"
        case .epub: "application/epub+zip"
        case .rtf: "application/rtf"
        case .mail: "message/rfc822"
        case .mailbox: "application/mbox"
        }
    }

    /// The format that a media type names.
    init?(mediaType: String) {
        switch mediaType {
        case "application/x-pdf": self = .pdf
        case "text/rtf": self = .rtf
        case "message/global", "message/news": self = .mail
        default:
            guard let known = Self.all.first(where: { $0.mediaType == mediaType }) else { return nil }
            self = known
        }
    }

    private static let all: [DocumentFormat] = [.pdf, .docx, .odt, .epub, .rtf, .mail, .mailbox]

    /// The format by the first bytes, by what a ZIP archive holds, or, for mail, by the name's ending.
    init?(_ bytes: [UInt8], name: String) {
        let first = bytes.first
        if first == UInt8(ascii: "%"), bytes.starts(with: "%PDF-".utf8) {
            self = .pdf
        } else if first == UInt8(ascii: "{"), bytes.starts(with: "{\\rtf".utf8) {
            self = .rtf
        } else if first == 0x50, bytes.starts(with: [0x50, 0x4B, 3, 4]) {
            // EPUB and OpenDocument put a file 'mimetype' first and unpacked; Word's first files have names of their own.
            let head = bytes.prefix(8192)
            if Self.contains(head, "mimetypeapplication/epub+zip") {
                self = .epub
            } else if Self.contains(head, "mimetypeapplication/vnd.oasis.opendocument.text") {
                self = .odt
            } else if Self.contains(bytes.suffix(65_536), "word/document.xml") {
                self = .docx
            } else {
                return nil
            }
        } else if name.hasSuffix(".eml") {
            self = .mail
        } else if name.hasSuffix(".mbox"), bytes.starts(with: "From ".utf8) {
            self = .mailbox
        } else {
            return nil
        }
    }

    private static func contains(_ bytes: ArraySlice<UInt8>, _ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first else { return true }
        var start = bytes.startIndex
        while let place = bytes[start...].firstIndex(of: first) {
            if bytes[place...].starts(with: wanted) { return true }
            start = place + 1
        }
        return false
    }
}
