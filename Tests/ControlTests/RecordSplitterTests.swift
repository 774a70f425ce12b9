import ControlClient
import PluginProtocol
import TestSupport
import Testing

/// However a stream is cut, its records arrive whole, in order and rightly numbered.
@Suite struct RecordSplitterTests {
    private func split(
        _ bytes: [UInt8], _ framing: RecordFraming, target: Int, longest: Int = 1 << 20, by sizes: () -> Int
    ) throws -> [RecordSplitter.Piece] {
        var splitter = RecordSplitter(framing, target: target, longest: longest)
        var pieces: [RecordSplitter.Piece] = []
        var start = 0
        while start < bytes.count {
            let end = min(start + max(sizes(), 1), bytes.count)
            let part = Array(bytes[start..<end])
            let found: Result<[RecordSplitter.Piece], CommandFailure> = part.withUnsafeBytes { buffer in
                do throws(CommandFailure) { return .success(try splitter.push(buffer)) } catch {
                    return .failure(error)
                }
            }
            pieces += try found.get()
            start = end
        }
        return pieces + splitter.finish()
    }

    @Test(arguments: [RecordFraming.lines, .json, .nul])
    func anyCutGivesTheSameRecords(_ framing: RecordFraming) throws {
        let delimiter: UInt8 = framing == .nul ? 0 : 10
        var generator = SeededGenerator(seed: 7)
        for round in 0..<200 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                let length = Int.random(in: 0...60, using: &generator)
                bytes += (0..<length).map { _ in UInt8.random(in: 32...126, using: &generator) } + [delimiter]
            }
            // Every other stream ends inside a record.
            if round % 2 == 0 { bytes += Array("last".utf8) }
            let pieces = try split(bytes, framing, target: 100) { Int.random(in: 1...90, using: &generator) }
            #expect(pieces.flatMap(\.bytes) == bytes)
            var next: Int64 = 1
            for (index, piece) in pieces.enumerated() {
                #expect(piece.firstRecord == next)
                let ends = piece.bytes.count { $0 == delimiter }
                if index + 1 < pieces.count { #expect(piece.bytes.last == delimiter) }
                // A piece is over its size only when it is a single record.
                #expect(piece.bytes.count <= 100 || ends <= 1)
                next += Int64(ends)
            }
        }
    }

    @Test func aRecordThatIsTooLongIsNamed() throws {
        let bytes = Array("one\ntwo\n".utf8) + [UInt8](repeating: 65, count: 300)
        let failure = #expect(throws: CommandFailure.self) {
            try split(bytes, .lines, target: 10, longest: 200) { 50 }
        }
        #expect(failure?.what.contains("record 3 ") == true)
    }

    @Test func recordsThatWaitCanBeSentEarly() throws {
        var splitter = RecordSplitter(.lines)
        try Array("one\ntwo\nthr".utf8).withUnsafeBytes { bytes in _ = try splitter.push(bytes) }
        #expect(splitter.hasRecords)
        #expect(splitter.flushRecords() == .init(firstRecord: 1, bytes: Array("one\ntwo\n".utf8)))
        #expect(!splitter.hasRecords)
        try Array("ee\n".utf8).withUnsafeBytes { bytes in _ = try splitter.push(bytes) }
        #expect(splitter.finish() == [.init(firstRecord: 3, bytes: Array("three\n".utf8))])
        #expect(splitter.finish().isEmpty)
    }
}
