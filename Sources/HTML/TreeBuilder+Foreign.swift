/// SVG and MathML (section 13.2.6.5).
extension TreeBuilder {
    func isForeign(_ token: Token) -> Bool {
        guard !open.isEmpty else { return false }
        let node = adjustedCurrent
        let entry = document.nodes[Int(node)]
        guard entry.namespace != .html else { return false }
        if isMathMLTextPoint(node) {
            if token.kind == .characters { return false }
            if token.kind == .startTag, token.tag != .mglyph, token.tag != .malignmark { return false }
        }
        if entry.namespace == .mathML, entry.tag == .annotationXml, token.kind == .startTag, token.tag == .svg {
            return false
        }
        if isHTMLPoint(node), token.kind == .startTag || token.kind == .characters { return false }
        return token.kind != .end
    }

    private func isMathMLTextPoint(_ node: NodeIndex) -> Bool {
        let entry = document.nodes[Int(node)]
        return entry.namespace == .mathML && [.mi, .mo, .mn, .ms, .mtext].contains(entry.tag)
    }

    private func isHTMLPoint(_ node: NodeIndex) -> Bool {
        let entry = document.nodes[Int(node)]
        if entry.namespace == .svg { return [.foreignObject, .desc, .title].contains(entry.tag) }
        guard entry.namespace == .mathML, entry.tag == .annotationXml,
            let encoding = document.attributeString(.encoding, of: node)?.lowercased()
        else { return false }
        return encoding == "text/html" || encoding == "application/xhtml+xml"
    }

    mutating func inForeignContent(_ token: inout Token) {
        switch token.kind {
        case .characters:
            if isNull(token.text) {
                insertText(document.store([0xEF, 0xBF, 0xBD]))
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
            insertForeign(token, document.nodes[Int(adjustedCurrent)].namespace)
        case .endTag: foreignEndTag(&token)
        }
    }

    private func breaksOut(_ token: Token) -> Bool {
        if TagSet.breakout.contains(token.tag) { return true }
        return token.tag == .font && token.attributes.contains { [.color, .face, .size].contains($0.name) }
    }

    private mutating func popForeign() {
        while open.count > 1, document.nodes[Int(current)].namespace != .html, !isMathMLTextPoint(current),
            !isHTMLPoint(current)
        {
            open.removeLast()
        }
    }

    private mutating func foreignEndTag(_ token: inout Token) {
        if token.tag == .br || token.tag == .p {
            popForeign()
            return dispatch(&token)
        }
        let wanted = document.name(of: token.tag)
        for index in open.indices.reversed() {
            if index == 0 { return }
            if document.nodes[Int(open[index])].namespace == .html { return dispatch(&token) }
            if document.name(of: tag(open[index])).lowercased() == wanted {
                open.removeSubrange(index...)
                return
            }
        }
    }

    mutating func insertForeign(_ token: Token, _ namespace: HTMLDocument.Namespace) {
        var name = token.tag
        if namespace == .svg, let adjusted = ForeignNames.svgTags[document.name(of: name)] {
            name = TagName(number(of: adjusted, in: \.tagNames))
        }
        let attributes = token.attributes.map { attribute in
            let old = document.name(of: attribute.name)
            let adjusted =
                namespace == .svg ? ForeignNames.svgAttributes[old] : old == "definitionurl" ? "definitionURL" : nil
            guard let adjusted else { return attribute }
            return HTMLDocument.Attribute(
                name: AttributeName(number(of: adjusted, in: \.attributeNames)), value: attribute.value)
        }
        insertElement(name, namespace, attributes)
        if token.isSelfClosing { open.removeLast() }
    }

    private func number(of name: String, in table: ReferenceWritableKeyPath<HTMLDocument, NameTable>) -> UInt16 {
        Array(name.utf8).withUnsafeBufferPointer { document[keyPath: table].number(of: $0) }
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

    private static func lowercased(_ names: String) -> [String: String] {
        Dictionary(names.split(separator: " ").map { ($0.lowercased(), String($0)) }) { $1 }
    }
}
