/// A few bytes that unpack to many, without end: what comes first, and what comes again and again after it.
enum CompressionBomb: String, CaseIterable, Codable {
    case gzip, deflate, rawDeflate, brotli, zstd
    /// With a window of 128 MiB, the largest that libzstd takes by itself.
    case wideZstd
    /// Blocks that hold nothing.
    case emptyGzip, emptyZstd

    /// What `Content-Encoding` calls it.
    var encoding: String {
        switch self {
        case .gzip, .emptyGzip: "gzip"
        case .deflate, .rawDeflate: "deflate"
        case .brotli: "br"
        case .zstd, .wideZstd, .emptyZstd: "zstd"
        }
    }

    /// Whether anything comes out of it.
    var isEmpty: Bool { self == .emptyGzip || self == .emptyZstd }

    var start: [UInt8] {
        switch self {
        case .gzip: Self.gzipHead + Self.deflateStart
        case .emptyGzip: Self.gzipHead
        case .deflate: [0x78, 0x9C] + Self.deflateStart
        case .rawDeflate: Self.deflateStart
        // 16 MiB of zeros, as `brotli` packs them with a flush at their end.
        case .brotli: [0xCF, 0xFF, 0xFF, 0x7F, 0xF8, 0x27, 0x00, 0xE2, 0xB1, 0x40, 0x20, 0xF7, 0xFE, 0xDF, 0x00]
        // The magic number, a frame without checksum, and the window (RFC 8878, section 3.1.1).
        case .zstd: [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58]
        case .wideZstd: [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x88]
        case .emptyZstd: []
        }
    }

    var period: [UInt8] {
        switch self {
        // Eight times the longest match at distance one in the fixed code (RFC 1951, section 3.2.6): 2,064 bytes.
        case .gzip, .deflate, .rawDeflate:
            [0x05, 0xA3, 0x60, 0x14, 0x8C, 0x82, 0x51, 0x30, 0x0A, 0x46, 0xC1, 0x28, 0x18]
        // An empty stored block.
        case .emptyGzip: [0x00, 0x00, 0x00, 0xFF, 0xFF]
        // 16 MiB of zeros more.
        case .brotli: [0xFC, 0xFF, 0xFF, 0x87, 0x7F, 0x02, 0x20, 0x0E, 0x0B, 0x00, 0x74, 0xEF, 0xFF, 0x0D]
        // A block that is one byte 131,072 times.
        case .zstd, .wideZstd: [0x02, 0x00, 0x10, 0x00]
        // A skippable frame of no length.
        case .emptyZstd: [0x50, 0x2A, 0x4D, 0x18, 0x00, 0x00, 0x00, 0x00]
        }
    }

    private static let gzipHead: [UInt8] = [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03]
    /// A block of the fixed code, its first byte, and the beginning of a match; then the period.
    private static let deflateStart: [UInt8] = [0x62, 0x18]
}
