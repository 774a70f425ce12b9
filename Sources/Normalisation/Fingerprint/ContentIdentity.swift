import Document

/// What tells whether content is the same: a hash of all that counts, and a fingerprint for what is nearly the same.
struct ContentIdentity {
    var hash: ContentHash
    var fingerprint: Fingerprint
}

/// Makes a ``ContentIdentity``; used again and again.
///
/// The hash covers the title and the text without what ``VolatileText`` finds, and with quotation marks, dashes and spaces
/// in their ASCII form: a change of these alone is no new content. Times, pictures, tags and links are not part of it: they
/// change with the page around the content.
final class ContentIdentifier {
    private let digest: SHA256
    private var fingerprinter = Fingerprinter()

    init(digest: SHA256) { self.digest = digest }

    /// The identity of a title and a text, each well-formed UTF-8.
    ///
    /// - Parameters:
    ///   - files: addresses of files that come along. Without a text they are the content; beside one they only tell texts
    ///     apart that are the same each week.
    ///   - sample: takes the words of the text by which its language is named.
    func identify(
        title: UnsafeBufferPointer<UInt8>, text: UnsafeBufferPointer<UInt8>, files: [String] = [],
        sample: inout LanguageSample
    ) -> ContentIdentity {
        digest.begin()
        fingerprinter.begin()
        hash(title)
        fingerprinter.addFigures(title)
        digest.separate()
        VolatileText.content(of: text) { piece in
            hash(piece)
            // Of pieces the places of the words are not those in the text.
            if piece.count < text.count { sample.clear() }
            fingerprinter.add(piece, &sample)
        }
        for file in files {
            var file = file
            file.withUTF8 { address in
                fingerprinter.addMark(address)
                guard text.isEmpty else { return }
                digest.separate()
                digest.add(address)
            }
        }
        return ContentIdentity(hash: digest.finish(), fingerprint: fingerprinter.finish())
    }

    private func hash(_ text: UnsafeBufferPointer<UInt8>) {
        var kept = 0
        var index = 0
        while let sign = Self.nextGeneralPunctuation(text, from: index) {
            if let plain = Self.plain(text[sign + 1], text[sign + 2]) {
                digest.add(UnsafeBufferPointer(rebasing: text[kept..<sign]))
                digest.add(plain)
                kept = sign + 3
            }
            index = sign + 3
        }
        digest.add(UnsafeBufferPointer(rebasing: text[kept...]))
    }

    /// Where the next sign of three bytes begins that may have an ASCII form.
    private static func nextGeneralPunctuation(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let index = text.firstOffset(of: 0xE2, from: start), index + 2 < text.count else { return nil }
        return index
    }

    /// The ASCII form of a sign that begins with the byte E2.
    private static func plain(_ second: UInt8, _ third: UInt8) -> String? {
        switch (second, third) {
        case (0x80, 0x98...0x9B): "'"
        case (0x80, 0x9C...0x9F): "\""
        case (0x80, 0x90...0x95), (0x88, 0x92): "-"
        case (0x80, 0xA6): "..."
        case (0x80, 0x80...0x8A), (0x80, 0xAF): " "
        default: nil
        }
    }
}
