import CDigest
import CInflate
import Document

/// One record of a WARC file, version 1.1 (ISO 28500:2017), before it is packed.
struct WARCRecord {
    /// `WARC-Type`.
    enum Kind: String { case warcinfo, response, request, revisit }

    let id = Self.newID()
    var kind: Kind
    var date: Timestamp
    /// Further fields, in their order.
    var fields: [(String, String)] = []
    var contentType: String
    var block: [UInt8]

    /// The record as a gzip member of its own; nil where there is no memory for it.
    var packed: [UInt8]? {
        var head = "WARC/1.1\r\nWARC-Type: \(kind.rawValue)\r\nWARC-Record-ID: \(id)\r\nWARC-Date: \(date)\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        head += "WARC-Block-Digest: \(Self.digest(block[...]))\r\nContent-Type: \(contentType)\r\n"
        head += "Content-Length: \(block.count)\r\n\r\n"
        let plain = Array(head.utf8) + block + Array("\r\n\r\n".utf8)
        let room = millrace_gzip_bound(plain.count)
        var length = 0
        let output = [UInt8](unsafeUninitializedCapacity: room) { output, count in
            guard let target = output.baseAddress else { return }
            plain.withUnsafeBufferPointer { input in
                if let source = input.baseAddress { length = millrace_gzip(source, input.count, target, room) }
            }
            count = length
        }
        return length > 0 ? output : nil
    }

    /// SHA-256 in base 32 (RFC 4648), with the algorithm's name.
    static func digest(_ bytes: ArraySlice<UInt8>) -> String {
        guard let context = millrace_digest_create() else { return "sha256:" }
        defer { millrace_digest_destroy(context) }
        millrace_digest_begin(context)
        bytes.withUnsafeBytes { millrace_digest_add(context, $0.baseAddress, $0.count) }
        var digest = [UInt8](repeating: 0, count: 32)
        millrace_digest_end(context, &digest)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var text = Array("sha256:".utf8)
        var (bits, count) = (0, 0)
        for byte in digest {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 5 {
                text.append(alphabet[bits >> (count - 5) & 31])
                count -= 5
            }
            bits &= (1 << count) - 1
        }
        text.append(alphabet[bits << (5 - count) & 31])
        return String(decoding: text, as: UTF8.self) + "===="
    }

    /// A random UUID (RFC 9562, version 4).
    private static func newID() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        func digits(_ number: UInt64) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }
        let all = Array((digits(high) + digits(low)).utf8)
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: all[$0], as: UTF8.self) }
        return "<urn:uuid:\(groups.joined(separator: "-"))>"
    }
}
