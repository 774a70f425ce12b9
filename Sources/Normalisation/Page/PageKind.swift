/// What kind of page this is, in the order in which the models know them.
public enum PageKind: String, Sendable, CaseIterable {
    case article, forum, product, collection, listing, documentation, service
}
