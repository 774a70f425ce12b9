import Document
import Glibc
import JSON
import Normalisation
import Testing

/// Normalises bytes and gives the documents back as trees.
func documents(
    _ bytes: [UInt8], uri: String = "https://example.org/in", mediaType: String? = nil,
    framing: NormaliserInput.Framing = .whole,
    settings: NormaliserSettings = NormaliserSettings(), headers: [String: String] = [:]
) throws -> [JSONValue] {
    let result = try normalise(
        bytes, uri: uri, mediaType: mediaType, framing: framing, settings: settings, headers: headers)
    if let failure = result.failure { throw Failure(reason: failure) }
    return try lines(of: result)
}

func documents(_ text: String, uri: String = "https://example.org/in", mediaType: String? = nil) throws -> [JSONValue] {
    try documents(Array(text.utf8), uri: uri, mediaType: mediaType)
}

func normalise(
    _ bytes: [UInt8], uri: String = "https://example.org/in", mediaType: String? = nil,
    framing: NormaliserInput.Framing = .whole,
    settings: NormaliserSettings = NormaliserSettings(), headers: [String: String] = [:]
) throws -> NormaliserResult {
    let normaliser = try #require(Normaliser())
    var input = NormaliserInput(bytes: bytes, source: "test", uri: uri)
    input.mediaType = mediaType
    input.framing = framing
    input.settings = settings
    input.headers = headers
    return normaliser.normalise(input)
}

/// The documents of a result, checked against its entries.
func lines(of result: NormaliserResult) throws -> [JSONValue] {
    var documents: [JSONValue] = []
    var start = 0
    for entry in result.documents {
        let line = Array(result.body[start..<start + entry.length])
        start += entry.length
        #expect(result.body[start] == UInt8(ascii: "\n"))
        start += 1
        #expect(line.starts(with: "{\"id\":\"".utf8))
        let document = try JSONValue.parse(line)
        #expect(document["id"]?.string == entry.id.description)
        #expect(document["hash"]?.string == entry.hash.description)
        documents.append(document)
    }
    #expect(start == result.body.count)
    return documents
}

struct Failure: Error { var reason: String }

/// Numbers that are the same in every run.
struct Randomness {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return bound > 0 ? Int(state >> 33) % bound : 0
    }

    /// `bytes` with a few of them changed, left out or doubled.
    mutating func mutated(_ seed: [UInt8]) -> [UInt8] {
        var bytes = seed
        for _ in 0...next(8) where !bytes.isEmpty {
            let place = next(bytes.count)
            switch next(4) {
            case 0: bytes[place] = UInt8(next(256))
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + next(30)))
            case 2: bytes.insert(contentsOf: seed[next(seed.count)...].prefix(next(40)), at: place)
            default: bytes.insert(contentsOf: [UInt8](repeating: bytes[place], count: next(50)), at: place)
            }
        }
        return bytes
    }
}

/// The shared corpus of real input.
enum Corpus {
    static let path: String? = {
        if let variable = getenv("MILLRACE_CORPUS") { return String(cString: variable) }
        let beside = "../shared/corpus"
        return access(beside + "/README.md", R_OK) == 0 ? beside : nil
    }()

    static func read(_ name: String) -> [UInt8]? {
        guard let path, let file = fopen("\(path)/\(name)", "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&block, 1, block.count, file)
            if count <= 0 { return bytes }
            bytes += block[..<count]
        }
    }
}

extension Corpus {
    /// Names of the packed pages, in order.
    static var pages: [String]? {
        guard let path, let directory = opendir("\(path)/pages/html") else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".html.gz") { names.append(name) }
        }
        return names.sorted()
    }
}
