/// A hash that is the same in every run of the program, which Swift's own is not: it places sources in time so that they
/// stay where they are over restarts.
enum StableHash {
    /// A fraction from 0 up to, not including, 1.
    static func fraction(_ name: String, _ number: Int64 = 0) -> Double {
        // FNV-1a over the name, then the finaliser of SplitMix64, because FNV's high bits differ little between short
        // names.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ UInt64(bitPattern: number)) &+ 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 31
        return Double(hash >> 11) / Double(UInt64(1) << 53)
    }
}
