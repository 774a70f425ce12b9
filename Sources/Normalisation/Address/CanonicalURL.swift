/// URLs as documents hold them.
public enum CanonicalURL {
    /// The canonical form of an absolute web address: normal form, no fragment, no tracking parameters. Nil for what is
    /// no http or https URL.
    public static func of(_ url: String) -> String? {
        if let normal = PlainAddress.normal(url, isCanonical: true) { return normal }
        guard var address = Address(url), address.scheme == "http" || address.scheme == "https" else { return nil }
        address.fragment = nil
        address.query = address.query.flatMap(withoutTracking)
        return address.text
    }

    /// The absolute URL that a reference means on a page at `base`, in normal form with its fragment; nil when there is
    /// none. An absolute reference needs no base.
    public static func resolve(_ reference: String, against base: String?) -> String? {
        if let normal = PlainAddress.normal(reference, isCanonical: false) { return normal }
        return (base.flatMap(Address.init).map { $0.resolving(reference) } ?? Address(reference))?.text
    }

    /// The same for many references on one page, whose address is taken apart once.
    static func resolve(_ reference: String, at base: Address?) -> String? {
        if let normal = PlainAddress.normal(reference, isCanonical: false) { return normal }
        return (base.map { $0.resolving(reference) } ?? Address(reference))?.text
    }

    /// The host of an absolute URL, without `www.`.
    public static func site(of url: String) -> String? {
        guard let authority = Address(url)?.authority else { return nil }
        let host = authority.split(separator: "@").last?.split(separator: ":").first.map(String.init) ?? ""
        return host.hasPrefix("www.") ? String(host.dropFirst(4)) : host.isEmpty ? nil : host
    }

    static func withoutTracking(_ query: String) -> String? {
        let kept = query.split(separator: "&").filter { parameter in
            let name = parameter.prefix { $0 != "=" }.lowercased()
            return !tracking.contains(name) && !prefixes.contains { name.hasPrefix($0) }
        }
        return kept.isEmpty ? nil : kept.joined(separator: "&")
    }

    private static let prefixes = ["utm_", "mtm_", "pk_", "hsa_", "at_custom", "at_campaign", "at_medium", "wt_mc"]
    private static let tracking: Set<String> = [
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid",
        "igsh", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "vero_id", "oly_anon_id", "oly_enc_id", "_openstat",
        "ns_campaign", "ns_mchannel", "ns_source", "ns_linkname", "ncid", "cmpid", "ocid", "xtor", "s_cid", "ref_src",
        "ref_url", "srsltid", "epik", "rb_clickid", "wickedid", "__twitter_impression", "amp_js_v", "_ga", "_gl",
    ]
}
