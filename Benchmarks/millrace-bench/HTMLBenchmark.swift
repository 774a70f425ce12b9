import ArgumentParser
import Charset
import HTML
import JSON

/// Megabytes a second of the HTML parser alone, on one thread.
struct HTMLBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "html", abstract: "MB a second of decoding HTML, and of parsing it and walking the tree.")

    @Argument(help: "A directory of pages, .gz or not; read and unpacked before the clock starts.")
    var directory: String
    @Option(help: "At most so many files.")
    var limit = Int.max
    @Option(name: .customLong("repeat"), help: "Rounds over all pages; the median counts.")
    var rounds = 5

    func run() throws {
        let pages = try Files.read(directory, limit: limit).filter { $0.mediaType == "text/html" }.map(\.bytes)
        guard !pages.isEmpty else { throw BenchmarkError("\(directory) holds no pages") }
        let decoded = pages.map(Self.decode)
        var decoding: [Double] = []
        var parsing: [Double] = []
        var counted = Counts()
        for round in 1...max(rounds, 1) {
            Progress.show("html: round \(round), \(pages.count) pages")
            counted = Counts()
            decoding.append(seconds { for page in pages { counted.decoded += Self.decode(page).count } })
            parsing.append(seconds { for page in decoded { counted.walk(HTMLParser.parse(page)) } })
        }
        Progress.clear()
        let raw = Double(pages.reduce(0) { $0 + $1.count }) / 1e6
        let plain = Double(decoded.reduce(0) { $0 + $1.count }) / 1e6
        printResult([
            "benchmark": "html", "pages": .integer(Int64(pages.count)), "megabytes": raw.rounded2,
            "rounds": .integer(Int64(parsing.count)), "nodes": .integer(counted.nodes),
            "text_megabytes": (Double(counted.text) / 1e6).rounded2,
            "decode_megabytes_per_second": (raw / median(decoding)).rounded2,
            "parse_and_walk_megabytes_per_second": (plain / median(parsing)).rounded2,
        ])
    }

    private static func decode(_ page: [UInt8]) -> [UInt8] {
        Decoder.decode(page, as: EncodingDetection.detect(page, transport: nil, kind: .html).encoding)
    }

    private func seconds(_ body: () -> Void) -> Double { ContinuousClock().measure(body).seconds }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    /// What was seen, so that no work can be left out by the compiler, and runs can be compared.
    private struct Counts {
        var decoded = 0
        var nodes: Int64 = 0
        var text: Int64 = 0

        mutating func walk(_ document: HTMLDocument) {
            var node = document.next(0, within: 0)
            while node != HTMLDocument.none {
                let entry = document.nodes[Int(node)]
                nodes += 1
                if entry.kind == .text { text += Int64(entry.text.count) }
                node = document.next(node, within: 0)
            }
        }
    }
}
