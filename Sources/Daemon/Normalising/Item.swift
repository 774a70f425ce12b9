import Configuration
import JSON
import PluginProtocol

/// An item on its way from a fetcher to the log.
struct Item: Sendable {
    var source: String
    var description: ItemDescription
    /// Changes to the source's state, committed with what becomes of the item.
    var state: [String: JSONValue]
    var body: [UInt8]
    /// The source's normalisation settings.
    var settings: JSONValue
    /// What becomes of documents that repeat others.
    var duplicates: DuplicatePolicy
    /// How often a normaliser went down with it.
    var attempts = 0
}

/// What became of an item.
enum NormalisedItem: Sendable {
    /// Documents, each a line of JSON in `body`, and records that are none.
    case documents(NormalisedDocuments, body: [UInt8])
    /// Nothing: the whole item is a dead letter.
    case deadLetter(reason: String, attempts: Int)
}
