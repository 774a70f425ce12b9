/// Settings that many sources and transfers have in common: they are large, never change, and are handed on with each of
/// them. Being the same object, what was made ready for one transfer is so for the next.
final class SharedSettings {
    let values: HTTPSettings

    init(_ values: HTTPSettings) { self.values = values }

    /// The settings for what an answer leads to: the request's method and body are for the configured address.
    var forFollowing: SharedSettings {
        guard values.method != "GET" || values.body != nil else { return self }
        var settings = values
        (settings.method, settings.body) = ("GET", nil)
        return SharedSettings(settings)
    }
}
