/// What was learned: what kind a page is, and what of it is content.
struct PageModels {
    /// A page's facts to the probabilities of its kinds.
    let kinds: GradientTrees
    /// A block's features to the probability that it is content.
    let blocks: GradientTrees

    /// Decoded when they are first used.
    static let shared = PageModels(base64: PageModelData.base64)

    /// Bytes that are no models of this version's features give models that know nothing.
    init(base64: StaticString) {
        var reader = ModelReader(base64: base64)
        let kinds = GradientTrees(&reader)
        let blocks = GradientTrees(&reader)
        isComplete =
            kinds?.classes == PageKind.allCases.count && kinds?.width == PageFacts.names.count
            && blocks?.classes == 1 && blocks?.width == BlockFeatures.width
        self.kinds = isComplete ? kinds ?? GradientTrees(classes: 1) : GradientTrees(classes: PageKind.allCases.count)
        self.blocks = isComplete ? blocks ?? GradientTrees(classes: 1) : GradientTrees(classes: 1)
    }

    /// Whether both were read.
    let isComplete: Bool
}
