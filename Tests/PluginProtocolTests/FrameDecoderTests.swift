import JSON
import PluginProtocol
import TestSupport
import Testing

/// Frames out of a stream of bytes that anybody may have written.
@Suite struct FrameDecoderTests {
    private let small = PluginProtocol.Limits(header: 200, body: 1000)

    /// Frames that `bytes` hold, pushed in pieces of the given sizes.
    private func frames(
        _ bytes: [UInt8], limits: PluginProtocol.Limits = .fromPlugin, pieces: () -> Int
    ) throws -> [Frame] {
        var decoder = FrameDecoder(limits: limits)
        var all: [Frame] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(max(1, pieces()))
            rest = rest.dropFirst(piece.count)
            try decoder.push(Array(piece))
            while let frame = decoder.next() { all.append(frame) }
        }
        #expect(!decoder.isInsideFrame && decoder.pendingBytes == 0)
        return all
    }

    private func fault(_ text: String, limits: PluginProtocol.Limits? = nil) -> ProtocolError? {
        var decoder = FrameDecoder(limits: limits ?? small)
        do throws(ProtocolError) { try decoder.push(Array(text.utf8)) } catch { return error }
        return nil
    }

    private let stream: [UInt8] =
        PluginMessage.pong(id: 1).encoded()
        + PluginMessage.found(job: 2, count: 1).encoded(bodyLength: 5) + Array("a\nb\n\0".utf8)
        + Array("  { \"body\" : 3 , \"type\" : \"pong\", \"id\":3 }\r\n{}\n".utf8)
        + PluginMessage.watching(job: 4).encoded()

    @Test func framesAreTheSameWhereverTheStreamIsSplit() throws {
        let whole = try frames(stream) { stream.count }
        #expect(whole.map(\.type) == ["pong", "found", "pong", "watching"])
        #expect(whole.map(\.body) == [[], Array("a\nb\n\0".utf8), Array("{}\n".utf8), []])
        #expect(try frames(stream) { 1 }.map(\.header) == whole.map(\.header))
        for first in 1..<stream.count {
            var pieces = [first, stream.count]
            let split = try frames(stream) { pieces.removeFirst() }
            #expect(split.map(\.header) == whole.map(\.header))
            #expect(split.map(\.body) == whole.map(\.body))
        }
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let split = try frames(stream) { Int.random(in: 1...9, using: &generator) }
            #expect(split.map(\.body) == whole.map(\.body))
        }
    }

    @Test func aCutStreamIsNoticed() throws {
        // Where a frame is whole, the stream may end.
        var boundaries: Set<Int> = [0]
        var decoder = FrameDecoder(limits: small)
        for (place, byte) in stream.enumerated() {
            try decoder.push([byte])
            if decoder.next() != nil { boundaries.insert(place + 1) }
            #expect(decoder.isInsideFrame != boundaries.contains(place + 1))
            #expect(decoder.pendingBytes <= stream.count)
        }
        #expect(boundaries.count == 5)
    }

    @Test(arguments: [
        "\n", "x\n", "[]\n", "1\n", "\"type\"\n", "{}\n", "{\"type\":1}\n", "{\"type\":null}\n", "{\"type\":\"a\"}x\n",
        "{\"type\":\"a\",\"body\":-1}\n", "{\"type\":\"a\",\"body\":1.5}\n", "{\"type\":\"a\",\"body\":\"1\"}\n",
        "{\"type\":\"a\",\"body\":1001}\n", "{\"type\":\"a\",\"body\":9223372036854775807}\n",
        "{\"type\":\"a\",\"body\":9223372036854775808}\n", "{\"type\":\"a\",\"body\":1e300}\n",
        "{\"type\":\"a\",\"body\":null}\n", "{\"type\":\"a\",\"body\":[]}\n", "{\"type\":\"a\"\n",
    ])
    func garbageIsRefused(_ text: String) { #expect(fault(text) != nil) }

    @Test func limitsAreExact() throws {
        func header(_ length: Int) -> String {
            let start = "{\"type\":\"pong\",\"id\":1,\"x\":\""
            return start + String(repeating: "y", count: length - start.utf8.count - 2) + "\"}"
        }
        #expect(fault(header(200) + "\n") == nil)
        #expect(fault(header(201) + "\n") != nil)
        // Without its end as well, and whatever the pieces are.
        #expect(fault(String(repeating: " ", count: 200)) == nil)
        #expect(fault(String(repeating: " ", count: 201)) != nil)
        var decoder = FrameDecoder(limits: small)
        for _ in 0..<200 { try decoder.push([0x20]) }
        #expect(throws: ProtocolError.self) { try decoder.push([0x20]) }
        #expect(fault("{\"type\":\"a\",\"body\":1000}\n") == nil)
        #expect(
            fault("{\"type\":\"a\",\"x\":" + String(repeating: "[", count: 150) + "\n")?.what.contains("deep") == true)
    }

    /// A body that is announced and never sent takes no memory of its size.
    @Test func announcementsAreNotBelieved() throws {
        var decoders: [FrameDecoder] = []
        for _ in 0..<2000 {
            var decoder = FrameDecoder(limits: .fromCore)
            try decoder.push(Array("{\"type\":\"a\",\"body\":1073741824}\n1".utf8))
            #expect(decoder.pendingBytes == 1 && decoder.isInsideFrame)
            decoders.append(decoder)
        }
        // Two thousand bodies of a gigabyte would be more than any machine's address space has been given.
        #expect(decoders.count == 2000)
    }

    @Test func anErrorIsFinal() throws {
        var decoder = FrameDecoder(limits: small)
        let good = PluginMessage.pong(id: 1).encoded()
        #expect(throws: ProtocolError.self) { try decoder.push(good + Array("rubbish\n".utf8) + good) }
        // What was whole before it still counts; nothing after it does.
        #expect(decoder.next()?.type == "pong")
        #expect(decoder.next() == nil)
        #expect(throws: ProtocolError.self) { try decoder.push(good) }
        #expect(decoder.next() == nil && decoder.pendingBytes == 0)
    }

    @Test func whatIsQuotedOfRubbishIsShortAndPrintable() throws {
        let rubbish = "\u{1B}[31m" + String(repeating: "é", count: 90)
        let what = try #require(fault(rubbish + "\n")).what
        #expect(what.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 } && what.utf8.count < 200)
    }

    /// Mutated streams never end the program and never hold more than what was sent.
    @Test func mutatedStreamsAreReadOrRefused() {
        var generator = SeededGenerator(seed: 2)
        var wholeFrames = 0
        var messages = 0
        for _ in 0..<30_000 {
            var bytes = stream
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = generator.byte()
                case 1: bytes.remove(at: place)
                case 2:
                    bytes.insert(Array("0987654321\"{}[]\n-e".utf8).randomElement(using: &generator) ?? 0, at: place)
                default: bytes.removeSubrange(place..<min(place + 20, bytes.count))
                }
                if bytes.isEmpty { bytes = [0x0A] }
            }
            var decoder = FrameDecoder(limits: small)
            var sent = 0
            do throws(ProtocolError) {
                while sent < bytes.count {
                    let count = Int.random(in: 1...40, using: &generator)
                    let piece = Array(bytes[sent..<min(sent + count, bytes.count)])
                    sent += piece.count
                    try decoder.push(piece)
                    while let frame = decoder.next() {
                        wholeFrames += 1
                        #expect(frame.body.count <= sent)
                        do throws(ProtocolError) {
                            _ = try PluginMessage(frame)
                            messages += 1
                        } catch {}
                        do throws(ProtocolError) { _ = try CoreMessage(frame) } catch {}
                    }
                    #expect(decoder.pendingBytes <= sent)
                }
            } catch {}
        }
        #expect(wholeFrames > 1000 && messages > 500)
    }
}
