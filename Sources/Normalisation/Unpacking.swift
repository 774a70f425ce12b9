import CInflate

/// Inputs that come packed.
enum Unpacking {
    enum Answer { case bytes([UInt8]), failure(String) }

    static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.count > 18 && bytes.starts(with: [0x1F, 0x8B, 0x08]) }

    /// Unpacks gzip into at most `limit` bytes.
    static func gzip(_ packed: [UInt8], limit: Int) -> Answer {
        // Room is doubled as needed: the size that the format states can be a lie.
        var capacity = min(limit, max(64 * 1024, packed.count.multipliedReportingOverflow(by: 4).partialValue))
        while true {
            var length = 0
            var status: Int32 = 0
            let output = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                guard let base = buffer.baseAddress else { return }
                status = packed.withUnsafeBufferPointer { input in
                    guard let from = input.baseAddress else { return Int32(MILLRACE_INFLATE_DAMAGED) }
                    return millrace_inflate(from, input.count, base, capacity, &length)
                }
                count = length
            }
            if status == Int32(MILLRACE_INFLATE_OK) { return .bytes(output) }
            guard status == Int32(MILLRACE_INFLATE_TOO_LARGE) else {
                return .failure("damaged gzip data; remedy: check the file or what served it")
            }
            guard capacity < limit else {
                return .failure(
                    "gzip data that unpacks to more than \(limit >> 20) MiB; remedy: cut it into smaller files")
            }
            capacity = min(limit, capacity * 2)
        }
    }
}
