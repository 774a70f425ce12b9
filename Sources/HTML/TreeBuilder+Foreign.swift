/// SVG and MathML (section 13.2.6.5).
extension TreeBuilder {
    /// Whether a token is taken by the rules for foreign content, where the adjusted current node is foreign.
    func isForeign(_ token: Token) -> Bool {
        guard let entry = adjustedCurrent else { return false }
        if entry.isMathMLTextPoint {
            if token.kind == .characters { return false }
            if token.kind == .startTag, token.tag != .mglyph, token.tag != .malignmark { return false }
        }
        if entry.namespace == .mathML, entry.tag == .annotationXml, token.kind == .startTag, token.tag == .svg {
            return false
        }
        if token.kind == .startTag || token.kind == .characters, isHTMLPoint(entry) { return false }
        return token.kind != .end
    }

    private func isHTMLPoint(_ entry: OpenElements.Entry) -> Bool {
        if entry.isSVGPoint { return true }
        guard entry.namespace == .mathML, entry.tag == .annotationXml,
            let encoding = tree.attribute(.encoding, of: entry.node).map(tree.string)?.lowercased()
        else { return false }
        return encoding == "text/html" || encoding == "application/xhtml+xml"
    }

    mutating func inForeignContent(_ token: inout Token) {
        switch token.kind {
        case .characters:
            if isNull(token.text) {
                insertText(tree.store([0xEF, 0xBF, 0xBD]))
            } else {
                if framesetIsFine, !isSpace(token.text) { framesetIsFine = false }
                insertText(token.text)
            }
        case .comment: insertComment(token)
        case .doctype, .end: break
        case .startTag:
            if breaksOut(token) {
                popForeign()
                return dispatch(&token)
            }
            insertForeign(token, adjustedCurrent?.namespace ?? .html)
        case .endTag: foreignEndTag(&token)
        }
    }

    private func breaksOut(_ token: Token) -> Bool {
        if TagSet.breakout.contains(token.tag) { return true }
        return token.tag == .font
            && tree.attributes[token.attributes].contains { [.color, .face, .size].contains($0.name) }
    }

    private mutating func popForeign() {
        while open.count > 1, let entry = open.last, entry.namespace != .html, !entry.isMathMLTextPoint,
            !isHTMLPoint(entry)
        {
            open.pop()
        }
    }

    private mutating func foreignEndTag(_ token: inout Token) {
        if token.tag == .br || token.tag == .p {
            popForeign()
            return dispatch(&token)
        }
        let adjusted = ForeignNames.svgTag(token.tag, &tree.tagNames)
        var index = open.count - 1
        while index > 0 {
            let entry = open[index]
            if entry.namespace == .html { return dispatch(&token) }
            if entry.tag == token.tag || entry.tag == adjusted { return open.removeAll(from: index) }
            index -= 1
        }
    }

    mutating func insertForeign(_ token: Token, _ namespace: HTMLDocument.Namespace) {
        let tag = namespace == .svg ? ForeignNames.svgTag(token.tag, &tree.tagNames) : token.tag
        for index in token.attributes {
            let name = tree.attributes[index].name
            if namespace == .svg {
                tree.renameAttribute(index, ForeignNames.svgAttribute(name, &tree.attributeNames))
            } else if name == .definitionurl {
                tree.renameAttribute(index, AttributeName(tree.attributeNames.number(of: "definitionURL")))
            }
        }
        insertElement(tag, namespace, token.attributes)
        if token.isSelfClosing { open.pop() }
    }
}

/// Names of SVG that are not in lower case.
enum ForeignNames {
    static let svgTags = lowercased(
        """
        altGlyph altGlyphDef altGlyphItem animateColor animateMotion animateTransform clipPath feBlend feColorMatrix \
        feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow \
        feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset \
        fePointLight feSpecularLighting feSpotLight feTile feTurbulence foreignObject glyphRef linearGradient \
        radialGradient textPath
        """)

    static let svgAttributes = lowercased(
        """
        attributeName attributeType baseFrequency baseProfile calcMode clipPathUnits diffuseConstant edgeMode filterUnits \
        glyphRef gradientTransform gradientUnits kernelMatrix kernelUnitLength keyPoints keySplines keyTimes lengthAdjust \
        limitingConeAngle markerHeight markerUnits markerWidth maskContentUnits maskUnits numOctaves pathLength \
        patternContentUnits patternTransform patternUnits pointsAtX pointsAtY pointsAtZ preserveAlpha preserveAspectRatio \
        primitiveUnits refX refY repeatCount repeatDur requiredExtensions requiredFeatures specularConstant \
        specularExponent spreadMethod startOffset stdDeviation stitchTiles surfaceScale systemLanguage tableValues targetX \
        targetY textLength viewBox viewTarget xChannelSelector yChannelSelector zoomAndPan
        """)

    static func svgTag(_ tag: TagName, _ names: inout NameTable) -> TagName {
        guard let adjusted = svgTags[names.name(tag.rawValue)] else { return tag }
        return TagName(names.number(of: adjusted))
    }

    static func svgAttribute(_ attribute: AttributeName, _ names: inout NameTable) -> AttributeName {
        guard let adjusted = svgAttributes[names.name(attribute.rawValue)] else { return attribute }
        return AttributeName(names.number(of: adjusted))
    }

    private static func lowercased(_ names: String) -> [String: String] {
        Dictionary(names.split(separator: " ").map { ($0.lowercased(), String($0)) }) { $1 }
    }
}
