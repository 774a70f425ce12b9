import CDigest
import Document

/// SHA-256 by libcrypto, which uses the processor's own instructions; one context, used again and again.
public final class SHA256 {
    private let context: OpaquePointer

    /// Nil when libcrypto offers no SHA-256, which a hardened build could do.
    public init?() {
        guard let context = millrace_digest_create() else { return nil }
        self.context = context
    }

    deinit { millrace_digest_destroy(context) }

    /// Starts a new digest.
    public func begin() { millrace_digest_begin(context) }

    /// Adds bytes.
    public func add(_ bytes: UnsafeBufferPointer<UInt8>) {
        millrace_digest_add(context, bytes.baseAddress, bytes.count)
    }

    /// Adds a string's UTF-8.
    public func add(_ text: String) {
        text.utf8.span.withUnsafeBufferPointer { add($0) }
    }

    /// Adds one zero byte, which keeps what stands before and after it apart.
    public func separate() {
        var zero: UInt8 = 0
        millrace_digest_add(context, &zero, 1)
    }

    /// Ends the digest.
    public func finish() -> ContentHash {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { output in
            if let base = output.baseAddress { millrace_digest_end(context, base) }
            let bytes = UnsafeRawBufferPointer(output)
            func word(_ at: Int) -> UInt64 {
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            }
            return ContentHash(words: (word(0), word(8), word(16), word(24)))
        }
    }
}
