/// The wire between the core and its plugins, version 1. `docs/plugin-protocol.md` is its specification.
///
/// Both ends are here: the core encodes ``CoreMessage`` and decodes ``PluginMessage``, a plugin does the reverse, and
/// ``FrameDecoder`` cuts the byte stream into frames for either.
public enum PluginProtocol {
    /// The version that this module speaks.
    public static let version = 1

    /// What a side accepts from the other.
    public struct Limits: Sendable {
        /// Bytes of a header line.
        public var header: Int
        /// Bytes of a body.
        public var body: Int

        /// Limits for one direction.
        public init(header: Int, body: Int) {
            self.header = header
            self.body = body
        }

        /// What the core accepts of a plugin.
        public static let fromPlugin = Limits(header: 16 << 20, body: 256 << 20)
        /// What a plugin accepts of the core, which it trusts.
        public static let fromCore = Limits(header: 256 << 20, body: 1 << 30)
    }
}

/// How the other side broke the protocol.
public struct ProtocolError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What it did, in words.
    public var what: String

    /// An error that says `what` the other side did.
    public init(_ what: String) { self.what = what }

    /// One line for people.
    public var description: String { what }
}
