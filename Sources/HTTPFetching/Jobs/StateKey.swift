/// The keys of a source's state. What is remembered of an address stands under the address itself, which never holds a
/// space; everything else under a word, a space, and what it is about.
enum StateKey {
    /// Bytes of an entry's id that are kept; longer ones are told apart by their mark.
    private static let longestIdentity = 512

    /// What begins the keys of a feed's entries that were delivered.
    static let entryPrefix = "entry "

    /// Whether a key is that of a feed's entry that was delivered.
    static func isEntry(_ key: String) -> Bool { key.hasPrefix(entryPrefix) }

    /// The mark of a feed's entry that was delivered.
    static func entry(_ identity: String) -> String {
        let text = identity.utf8
        guard text.count > longestIdentity else { return entryPrefix + identity }
        return entryPrefix + String(decoding: text.prefix(64), as: UTF8.self) + " " + ContentMark.of(Array(text)[...])
    }

    /// What begins the keys of what was found and is still to be fetched.
    static let foundPrefix = "found "

    /// Something that was found and is still to be fetched, by the key that it has when it is done.
    static func found(_ key: String) -> String { foundPrefix + key }

    /// The cookies of a source that keeps them. They are secrets.
    static let cookies = "cookies kept"

    /// The feeds that were found for a page.
    static func feeds(of address: String) -> String { "feeds " + address }

    /// What begins the keys of subscriptions.
    static let subscriptionPrefix = "websub "

    /// What is arranged with the hub of an address.
    static func subscription(_ address: String) -> String { subscriptionPrefix + address }

    /// Whether a key is an address.
    static func isAddress(_ key: String) -> Bool { !key.utf8.contains(0x20) }
}
