import HTML
import JSON

/// What kind of page this is, which decides what its content is.
public enum PageKind: String, Sendable {
    case article, forum, product, collection, listing, documentation, service

    /// Decides by what the page says of itself, then by how it is built.
    static func decide(_ tree: PageTree, _ metadata: PageMetadata) -> PageKind {
        let types = metadata.types
        if !types.isDisjoint(with: ["discussionforumposting", "qapage", "question", "comment"]) { return .forum }
        if !types.isDisjoint(with: ["product", "productgroup", "individualproduct"]) { return .product }
        let path = metadata.path
        if ["/forum", "/thread", "/topic", "/viewtopic", "/discussion", "/questions/", "/t/", "/community/"].contains(
            where: path.contains)
        {
            return .forum
        }
        if !types.isDisjoint(with: [
            "newsarticle", "article", "blogposting", "reportagenewsarticle", "scholarlyarticle", "techarticle",
        ]) {
            return path.contains("/docs") ? .documentation : .article
        }
        if ["/docs/", "/documentation", "/reference/", "/manual", "/api/", "/guide/"].contains(where: path.contains) {
            return .documentation
        }
        if ["/collections/", "/category/", "/shop/", "/catalog"].contains(where: path.contains) { return .collection }
        if ["/product/", "/products/", "/p/", "/dp/"].contains(where: path.contains) { return .product }
        if metadata.openGraphType == "article" || metadata.published != nil { return .article }
        if metadata.openGraphType == "product" { return .product }
        return .service
    }
}
