/// What a record of the log is; the log itself keeps it as a byte.
///
/// A batch holds everything that one or more ended items brought: their documents and dead letters, then a receipt each.
package enum RecordKind: UInt8, Sendable {
    /// A new document, a revision, or a marked duplicate.
    case document = 1
    /// The end of an item: its counts and the source's changed state.
    case receipt = 2
    /// An item, record or delivery that came to nothing, with its reason.
    case deadLetter = 3
    /// How far a sink has delivered.
    case cursor = 4
    /// What an operator has set for a source.
    case sourceControl = 5
}
