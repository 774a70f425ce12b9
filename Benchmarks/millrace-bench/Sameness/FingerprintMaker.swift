import Document
import JSON
import Normalisation

/// Asks the normaliser for passages and fingerprints.
final class FingerprintMaker {
    struct Print {
        var hash: ContentHash
        var fingerprint: Fingerprint
        var simhash: UInt64
    }

    private let normaliser: Normaliser

    init() throws {
        guard let normaliser = Normaliser() else { throw BenchmarkError("libcrypto offers no SHA-256") }
        self.normaliser = normaliser
    }

    /// The texts of a file.
    func passages(of file: Files.Input) throws -> [Passage] {
        var input = NormaliserInput(bytes: file.bytes, source: "bench", uri: "file:///\(file.name)")
        input.mediaType = file.mediaType
        let result = normaliser.normalise(input)
        return try result.body.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let document = try JSONValue.parse(Array(line))
            guard let text = document["text"]?.string else { return nil }
            let paragraphs = text.split(separator: "\n\n").map(String.init)
            return Passage(title: document["title"]?.string ?? "", paragraphs: paragraphs)
        }
    }

    /// What the normaliser makes of a passage that comes as a record.
    func print(of passage: Passage) throws -> Print {
        let record: JSONValue = ["title": .string(passage.title), "text": .string(passage.text)]
        var input = NormaliserInput(bytes: record.encoded, source: "bench", uri: "file:///record")
        input.framing = .json
        guard let entry = normaliser.normalise(input).documents.first else {
            throw BenchmarkError("the normaliser makes nothing of a record")
        }
        var text = passage.text
        return Print(hash: entry.hash, fingerprint: entry.fingerprint, simhash: text.withUTF8(SimHash.of))
    }
}
