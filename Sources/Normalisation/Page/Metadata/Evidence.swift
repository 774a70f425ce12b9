/// Where a page says something of itself: what `preview --explain` names for each field.
enum Evidence: String, Sendable {
    case linkedData = "json-ld"
    case meta
    case microdata
    case heading
    case titleElement = "title element"
    case timeElement = "time element"
    case byline
    case visibleText = "visible text"
    case address = "url"
    case link
    case htmlElement = "html element"
}

/// A value together with what it was read from.
struct Found<Value> {
    var value: Value
    var evidence: Evidence

    init(_ value: Value, _ evidence: Evidence) {
        self.value = value
        self.evidence = evidence
    }
}
