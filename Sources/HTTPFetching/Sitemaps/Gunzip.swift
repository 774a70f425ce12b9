import CInflate

/// gzip files; what is compressed for the transfer only is libcurl's business.
enum Gunzip {
    /// Why a file could not be unpacked.
    enum Fault: Error { case damaged, tooLarge }

    /// Whether the bytes begin like a gzip file.
    static func isLikely(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B, 0x08]) }

    /// Unpacks a file.
    /// - Parameter limit: bytes of the result. Memory that the result does not fill is never touched.
    static func unpack(_ bytes: [UInt8], limit: Int) throws(Fault) -> [UInt8] {
        var answer: Int32 = 0
        let result = [UInt8](unsafeUninitializedCapacity: limit) { output, length in
            guard let target = output.baseAddress else { return }
            bytes.withUnsafeBufferPointer { input in
                if let source = input.baseAddress {
                    answer = millrace_inflate(source, input.count, target, limit, &length)
                }
            }
        }
        if answer == Int32(MILLRACE_INFLATE_TOO_LARGE) { throw .tooLarge }
        guard answer == Int32(MILLRACE_INFLATE_OK) else { throw .damaged }
        // Not the whole room that the result was given.
        return Array(result[...])
    }
}
