/// What a hub is asked (W3C WebSub, section 5.1).
struct HubRequest: Equatable {
    enum Mode: String { case subscribe, unsubscribe }

    var mode: Mode
    /// The address of the source that it is about.
    var about: WebAddress
    var hub: WebAddress
    var topic: String
    /// The whole address that the hub is to bring content to.
    var callback: String
    var secret: String?
    /// Seconds.
    var lease: Double?

    /// The last part of the callback, which is that of no other subscription.
    var id: String { callback.split(separator: "/").last.map(String.init) ?? "" }

    /// The request's body.
    var form: [UInt8] {
        var fields = [
            ("hub.callback", callback), ("hub.mode", mode.rawValue), ("hub.topic", topic),
            // Hubs of version 0.3 want to know it.
            ("hub.verify", "async"),
        ]
        if let lease { fields.append(("hub.lease_seconds", "\(Int(lease))")) }
        if let secret { fields.append(("hub.secret", secret)) }
        let pairs = fields.map { "\($0.0)=\(WebAddress.encoded($0.1))" }
        return Array(pairs.joined(separator: "&").utf8)
    }
}

extension HTTPSettings {
    /// The settings for a request to a hub: what reaches it, and nothing that is for the source's own server.
    func forHub(_ request: HubRequest) -> HTTPSettings {
        var settings = forRobots
        (settings.clientCertificate, settings.clientKey, settings.clientKeyPassword) = (nil, nil, nil)
        settings.method = "POST"
        settings.body = request.form
        settings.bodyType = "application/x-www-form-urlencoded"
        settings.isForHub = true
        // What is asked there is no page that somebody could want to be left alone.
        settings.heedsRobots = false
        return settings
    }
}
