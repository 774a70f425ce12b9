import PluginProtocol

/// One piece of content to be previewed.
struct PreviewInput {
    /// The argument that it came from.
    var argument: String
    var item: ItemDescription
    var body: [UInt8]
}
