/// What a text may ask of the tokenizer before it is cut short. Nothing here makes a text fail: what is over a limit is
/// left out.
public struct XMLLimits: Sendable {
    /// Attributes of one element.
    public var attributes = 256
    /// Open elements that are remembered; deeper ones are passed over with what they hold.
    public var depth = 256
    /// Declarations of namespaces that are in force together.
    public var namespaces = 256
    /// Values of `xml:base` that are in force together.
    public var bases = 16
    /// Bytes that all expansions of entities declared in the text may add up to.
    public var entityExpansion = 64 * 1024
    /// Entities that a text may declare.
    public var declaredEntities = 256

    /// The limits as they stand in the documentation.
    public init() {}
}
